"""Whether a dangerous change is allowed, by which entry of the spec."""

from __future__ import annotations

from dataclasses import dataclass

from secretgen.change.effects import Change
from secretgen.change.hazards import Verb
from secretgen.model.changes import Kind, Subject
from secretgen.model.environment import Environment
from secretgen.model.ignores import ignore_entry_for


@dataclass(frozen=True, slots=True)
class Permission:
    """Why a dangerous change is allowed.

    Args:
        reason: the entry of `changes`, or the reason that an entry of `ignore` gives.
    """

    reason: str


def permission(change: Change, after: Environment, today: str) -> Permission | None:
    """Finds the entry of a spec that allows a dangerous change.

    Args:
        change: the change.
        after: the environment as the spec describes it, with its `changes` and `ignore`.
        today: the date, as `2027-03-01`, for entries that hold until a day.

    Returns:
        Why it is allowed; None when it is not.
    """
    hazard = change.hazard
    if hazard is None:
        return None
    for subject in change.allowing:
        verb = _verb(subject, after)
        if verb in hazard.verbs:
            return Permission(f"`{verb}` in `changes` allows it")
    if hazard.kinds:
        about = {change.subject, change.subject.whole}
        whole = {Subject(Kind.ENVIRONMENT)} if Kind.ENVIRONMENT in hazard.kinds else set()
        entry = ignore_entry_for(after.ignores, hazard.rule, about | whole, today)
        if entry:
            return Permission(entry.reason)
    return None


def _verb(subject: Subject, after: Environment) -> Verb | None:
    """Returns what `changes` does with a thing."""
    if after.changes.moved_to(subject):
        return Verb.MOVE
    if after.changes.forgotten(subject):
        return Verb.FORGET
    return Verb.DESTROY if after.changes.destroyed(subject) else None
