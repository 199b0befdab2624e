"""What a change does, as values: one entry for each thing and attribute that it affects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from secretgen.change.hazards import Hazard
from secretgen.model.address import Address
from secretgen.model.changes import Subject
from secretgen.model.compare import Leaf, PartDifference, Path
from secretgen.model.words import counted


class Effect(StrEnum):
    """What Terraform does about it."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    FORGET = "forget"
    MOVE = "move"
    NONE = "none"


class Option(Struct, frozen=True):
    """An entry of the spec that allows a change.

    Args:
        entry: the entry, as YAML on one line.
        meaning: what it does, as a comment.
    """

    entry: str
    meaning: str = ""


_NOTHING = PartDifference(())


class Change(Struct, frozen=True):
    """What becomes of one thing, or of one attribute of it.

    Args:
        subject: the thing.
        path: where the model has the attribute, in either environment.
        effect: what Terraform does about it.
        summary: what happens, terse, naming the thing, without a full stop.
        detail: what Terraform and AWS would do.
        hazard: why that is dangerous; None when it is not.
        options: entries of `changes` that allow it, by which it can be pasted.
        allowing: subjects that such an entry may name, or an address of the state.
        difference: the attributes that differ; empty for what only follows from other differences.
        near: what of the new environment it is about, where the subject has left.
    """

    subject: Subject
    path: Path
    effect: Effect
    summary: str
    detail: str = ""
    hazard: Hazard | None = None
    options: tuple[Option, ...] = ()
    allowing: tuple[Subject | Address, ...] = ()
    difference: PartDifference = _NOTHING
    near: Path = ()

    @property
    def attribute(self) -> str:
        """The attribute in the words of the spec; empty for the whole thing."""
        return ".".join(self.spec_path[len(path_of(self.subject)) :])

    @property
    def spec_path(self) -> Path:
        """Where a spec has the attribute."""
        return ("environment",) if self.path == ("name",) else self.path

    @property
    def before(self) -> Leaf:
        """What it was: a value, or the attributes that differ; None for nothing."""
        return _nested(self.path, self.difference.before)

    @property
    def after(self) -> Leaf:
        """What it is from now on: a value, or the attributes that differ; None for nothing."""
        return _nested(self.path, self.difference.after)


def path_of(subject: Subject) -> Path:
    """Returns where the model has a thing; nothing for the environment itself."""
    return (subject.kind.value, subject.name) if subject.name else ()


def _nested(path: Path, attributes: Mapping[Path, Leaf]) -> Leaf:
    if not attributes or path in attributes:
        return attributes.get(path)
    nested: dict[str, Any] = {}
    for place, value in attributes.items():
        *around, last = place[len(path) :]
        inner = nested
        for name in around:
            found = inner.setdefault(name, {})
            if not isinstance(found, dict):  # attributes of a key follow from its name
                break
            inner = found
        else:
            inner[last] = value
    return nested


_LISTED = 5


def all_of(items: Sequence[str]) -> str:
    """Lists items in a sentence, the first few of many: `a, b and c`."""
    more = len(items) - _LISTED
    shown = [*items[:_LISTED], f"{more} more"] if more > 0 else list(items)
    if len(shown) < 2:  # noqa: PLR2004 -- nothing to join
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def days(number: int) -> str:
    """Writes a number of days."""
    return counted(number, "day")


_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+=@-]*")


def yaml_text(text: str) -> str:
    """Writes a text as a YAML scalar, also within `{ }`."""
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"
