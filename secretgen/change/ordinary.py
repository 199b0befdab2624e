"""What a difference does where nothing about it is dangerous: its effect, in a sentence."""

from __future__ import annotations

from secretgen.change.comparison import Comparison
from secretgen.change.effects import Change, Effect
from secretgen.model.changes import Kind, Subject
from secretgen.model.compare import Leaf, PartDifference, Path
from secretgen.model.secret import DEDICATED
from secretgen.model.words import shown

_NAMED = {
    Kind.ACCOUNTS: "account",
    Kind.KEYS: "shared key",
    Kind.SECRETS: "secret",
    Kind.SERVICE_SECRETS: "service secret",
}
_WHOLE = 2
"""Length of the path of a whole secret, key or account."""


def ordinary(part: PartDifference, comparison: Comparison) -> Change:
    """Describes a difference.

    Args:
        part: the attributes that differ.
        comparison: the environments.
    """
    subject = subject_of(part.path)
    change = Change(subject, part.path, Effect.UPDATE, "", difference=part)
    effect = _effect_on_thing if _is_thing(part.path) else _effect_on_attribute
    found = effect(change, comparison)
    return Change(subject, part.path, found, _summary(change, found), difference=part)


def subject_of(path: Path) -> Subject:
    """Returns the thing that an attribute belongs to."""
    try:
        kind = Kind(path[0])
    except ValueError:
        return Subject(Kind.ENVIRONMENT)
    return Subject(kind, path[1]) if kind in _NAMED and len(path) > 1 else Subject(Kind.ENVIRONMENT)


def _is_thing(path: Path) -> bool:
    return len(path) == _WHOLE and subject_of(path).kind is not Kind.ENVIRONMENT


def _effect_on_thing(change: Change, comparison: Comparison) -> Effect:
    """Returns what becomes of a secret, key or account that only one of the environments has."""
    subject, changes = change.subject, comparison.changes
    if subject.kind is Kind.ACCOUNTS:
        return Effect.CREATE if change.difference.after else Effect.NONE
    if change.difference.after:
        if subject in comparison.imported:
            return Effect.UPDATE
        is_moved = any(move.to == subject for move in changes.moves)
        return Effect.MOVE if is_moved else Effect.CREATE
    if comparison.moved_to(subject):
        return Effect.MOVE
    return Effect.FORGET if changes.forgotten(subject) else Effect.DESTROY


def _effect_on_attribute(change: Change, comparison: Comparison) -> Effect:
    path, difference = change.path, change.difference
    if path[0] == "changes":
        return Effect.NONE
    if path[-1] == "alias":
        return Effect.REPLACE
    if "value" in path:
        return _effect_on_value(change, comparison)
    if _is_part(path):
        if not difference.before:
            return Effect.CREATE
        if not difference.after or path[-1] == "kms_key":
            is_own = difference.before.get(path) == DEDICATED
            is_key = path[-1] == "kms_key"
            return Effect.DESTROY if not is_key or is_own else Effect.UPDATE
    return Effect.UPDATE


def _effect_on_value(change: Change, comparison: Comparison) -> Effect:
    """Returns whether Terraform writes the value again."""
    name = change.subject.name
    old, new = comparison.secrets_before.get(name), comparison.secrets_after.get(name)
    if old is None or new is None or new.value.version is None:
        return Effect.NONE
    return Effect.NONE if old.value.version == new.value.version else Effect.UPDATE


def _is_part(path: Path) -> bool:
    """Returns whether something of its own in AWS is at a path."""
    return path[-1] in ("kms_key", "monitoring", "rotation") or path[-2:-1] in (
        ("regions",),
        ("replicas",),
        ("roles",),
    )


_VERBS = {
    Effect.CREATE: "would be created",
    Effect.DESTROY: "would be destroyed",
    Effect.FORGET: "would leave the state and stay in AWS",
    Effect.MOVE: "would be moved in the state",
    Effect.NONE: "would leave the environment",
    Effect.UPDATE: "would be imported",
}


def _summary(change: Change, effect: Effect) -> str:
    named = _named(change.subject)
    if _is_thing(change.path):
        return f"{named} {_VERBS[effect]}"
    if change.path[0] == "changes":
        done = "removed" if change.after is None else "added"
        return f"entry of `changes` {done}: {change.path[-1]}"
    what = f"{named}: {change.attribute}" if change.subject.name else change.attribute
    if change.path[-2:-1] == ("regions",):  # a key: its path says all of it
        return f"{what} would be {'removed' if change.after is None else 'added'}"
    return f"{what} {_difference(change.before, change.after)}"


def _difference(before: Leaf, after: Leaf) -> str:
    origins = (_origin(before), _origin(after))
    if None not in origins:
        return f"would come from {origins[1]} instead of {origins[0]}"
    if before is None:
        return f"would be added: {shown(after)}"
    if after is None:
        return f"would be removed: {shown(before)}"
    if isinstance(before, list) and isinstance(after, list):
        return _list_change(before, after)
    return f"would change from {shown(before)} to {shown(after)}"


def _origin(value: Leaf) -> str | None:
    """Returns where a value comes from, if that is what differs."""
    return str(value["from"]) if isinstance(value, dict) and "from" in value else None


def _named(subject: Subject) -> str:
    return f"{_NAMED[subject.kind]} {subject.name}" if subject.name else "environment"


def _list_change(before: list[object], after: list[object]) -> str:
    more = [item for item in after if item not in before]
    less = [item for item in before if item not in after]
    told = [f"would gain {shown(more)}"] if more else []
    told += [f"would lose {shown(less)}"] if less else []
    return " and ".join(told) or "would change in order"
