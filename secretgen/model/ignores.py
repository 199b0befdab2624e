"""What an environment's `ignore` ignores: one place decides it, for specs, plans and AWS alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from secretgen.model.changes import Subject


@dataclass(frozen=True, slots=True)
class IgnoreEntry:
    """An entry of the environment's `ignore`.

    Args:
        rule: id of the rule.
        of: what the finding may be about; what has left the environment counts as well.
        reason: why it may be.
        until: last day on which this holds, as `2027-03-01`; None for no end.
    """

    rule: str
    of: Subject
    reason: str
    until: str | None = None

    def holds(self, today: str) -> bool:
        """Returns whether its last day is not over.

        Args:
            today: the date, as `2027-03-01`.
        """
        return self.until is None or today <= self.until


def ignore_entry_for(
    ignores: Iterable[IgnoreEntry], rule: str, subjects: Iterable[Subject], today: str
) -> IgnoreEntry | None:
    """Finds the entry that allows a finding.

    Args:
        ignores: the entries of the environment.
        rule: id of the rule that found it.
        subjects: what the finding is about; an entry about any of these allows it.
        today: the date, as `2027-03-01`.
    """
    about = tuple(subjects)
    return next(
        (
            entry
            for entry in ignores
            if entry.rule == rule
            and entry.holds(today)
            and any(entry.of.covers(subject) for subject in about)
        ),
        None,
    )
