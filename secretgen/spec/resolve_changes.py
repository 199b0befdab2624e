"""From the spec's `changes` and `ignore` to the model: parsed, in canonical order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from secretgen.model.address import Address
from secretgen.model.changes import (
    Changes,
    Destroy,
    Forget,
    Import,
    Move,
    Subject,
    parse_subject,
    parse_thing,
)
from secretgen.model.ignores import IgnoreEntry
from secretgen.spec.change_schema import ChangeSpec, EnvironmentIgnoreSpec, ImportSpec

_Entry = TypeVar("_Entry", Move, Forget, Destroy, Import)


def resolve_changes(entries: Iterable[ChangeSpec], primary: str) -> Changes:
    """Resolves `changes`.

    Args:
        entries: the entries of the spec. One with several verbs counts for each of them, so that
            rules may look at the environment of a spec that has not passed.
        primary: the primary Region, in which an `import` takes place unless it names another.
    """
    listed = list(entries)
    return Changes(
        moves=_sorted(Move(thing(e.move.from_), subject(e.move.to)) for e in listed if e.move),
        forgets=_sorted(Forget(thing(e.forget)) for e in listed if e.forget),
        destroys=_sorted(Destroy(subject(e.destroy)) for e in listed if e.destroy),
        imports=_sorted(_import(e.import_, primary) for e in listed if e.import_),
    )


def resolve_ignores(entries: Iterable[EnvironmentIgnoreSpec]) -> tuple[IgnoreEntry, ...]:
    """Resolves the environment's `ignore`, in the order of the spec."""
    return tuple(IgnoreEntry(e.rule, subject(e.of), e.reason, e.until) for e in entries)


def subject(text: str) -> Subject:
    """Parses text that has the form of a subject."""
    found = parse_subject(text)
    if found is None:
        raise ValueError(f"not a subject: {text!r}")
    return found


def thing(text: str) -> Subject | Address:
    """Parses text that has the form of a subject or of an address."""
    found = parse_thing(text)
    if found is None:
        raise ValueError(f"neither a subject nor an address: {text!r}")
    return found


def _import(entry: ImportSpec, primary: str) -> Import:
    region = None if entry.region == primary else entry.region
    return Import(subject(entry.to), entry.id, region, entry.policy, entry.rotation)


def _sorted(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    return tuple(sorted(set(entries), key=lambda entry: (entry.name, repr(entry))))
