"""What an environment's `ignore` ignores: one place decides it, for specs, plans and AWS alike."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from secretgen.model.changes import Subject


class IgnoreEntry(Struct, frozen=True):
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


class IgnoreIndex:
    """The entries of an environment's `ignore`, looked up by rule and subject.

    Args:
        entries: the entries, in the order of the spec.
    """

    def __init__(self, entries: Iterable[IgnoreEntry]) -> None:
        self._entries: dict[tuple[str, Subject], list[tuple[int, IgnoreEntry]]] = {}
        for number, entry in enumerate(entries):
            self._entries.setdefault((entry.rule, entry.of), []).append((number, entry))

    def find(
        self, rule: str, subjects: Iterable[Subject], today: str
    ) -> tuple[int, IgnoreEntry] | None:
        """Finds the first entry that allows a finding.

        Args:
            rule: id of the rule that found it.
            subjects: what the finding is about; an entry about any of these, or about what one of
                these is a part of, allows it.
            today: the date, as `2027-03-01`.

        Returns:
            The index of the entry in the spec, and the entry; None for no such entry.
        """
        covering = {place for subject in subjects for place in (subject, subject.whole)}
        held = (
            (number, entry)
            for place in covering
            for number, entry in self._entries.get((rule, place), ())
            if entry.holds(today)
        )
        return min(held, key=lambda item: item[0], default=None)
