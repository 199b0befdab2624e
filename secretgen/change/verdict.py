"""Whether a dangerous change is allowed, by which entry of the spec."""

from __future__ import annotations

from msgspec import Struct

from secretgen.change.effects import Change, Effect
from secretgen.change.hazards import Verb
from secretgen.diagnostics import Diagnostic, Severity, Span
from secretgen.model.changes import Kind, Subject
from secretgen.model.environment import Environment
from secretgen.model.forgotten_key_parts import forgotten_key_parts
from secretgen.model.ignores import IgnoreIndex


class Judged(Struct, frozen=True):
    """A change, and what the spec describes about it.

    Args:
        change: the change.
        finding: the finding about it; None when it is not dangerous.
        place: where the spec has it, or the nearest place to it.
    """

    change: Change
    finding: Diagnostic | None
    place: Span

    @property
    def severity(self) -> Severity | None:
        """Severity of the finding; None when it is not dangerous."""
        return self.finding.severity if self.finding else None


def permission(change: Change, after: Environment, ignores: IgnoreIndex, today: str) -> str | None:
    """Finds the entry of a spec that allows a dangerous change.

    Args:
        change: the change.
        after: the environment as the spec describes it, with its `changes`.
        ignores: its `ignore`.
        today: the date, as `2027-03-01`, for entries that hold until a day.

    Returns:
        Why it is allowed: the entry of `changes`, or the reason of the entry of `ignore`; None when
        it is not.
    """
    hazard = change.hazard
    if hazard is None:
        return None
    for subject in change.allowing:
        verb = _verb(subject, after)
        # What Terraform destroys although an entry forgets it is not what was reviewed.
        is_kept = verb is not Verb.FORGET or change.effect is Effect.FORGET
        if verb in hazard.verbs and is_kept:
            return f"`{verb}` in `changes` allows it."
    if hazard.kinds:
        whole = {Subject(Kind.ENVIRONMENT)} if Kind.ENVIRONMENT in hazard.kinds else set()
        found = ignores.find(hazard.rule, {change.subject} | whole, today)
        return found[1].reason if found else None
    return None


def _verb(subject: Subject, after: Environment) -> Verb | None:
    """Returns what `changes` does with a thing."""
    if after.changes.moved_to(subject):
        return Verb.MOVE
    is_part = subject.kind is Kind.KEYS and subject.part is not None
    if after.changes.forgotten(subject) or (is_part and subject in forgotten_key_parts(after)):
        return Verb.FORGET
    return Verb.DESTROY if after.changes.destroyed(subject) else None
