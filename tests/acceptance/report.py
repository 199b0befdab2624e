"""What a run has shown: each step and each check with its outcome."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

WIDTH = 200


class Outcome(StrEnum):
    """How a step or a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass
class Row:
    """One line of the report.

    Attributes:
        title: what was to be shown.
        outcome: how it ended.
        detail: why it failed, or why it did not run.
        seconds: how long it took.
    """

    title: str
    outcome: Outcome = Outcome.NOT_RUN
    detail: str = "the run ended before"
    seconds: float = 0


@dataclass
class Report:
    """Every step and check of a run; those that were not reached have not run.

    Attributes:
        rows: by their titles, in order.
        left_out: why something is not to run, by its title.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def leave_out(self, title: str, why: str) -> None:
        """Says beforehand that something is not to run."""
        self.left_out[title] = why

    def expect(self, *titles: str) -> None:
        """Lists what a run is to show, in its order."""
        self.rows |= {title: Row(title) for title in titles}

    def skip(self, title: str, why: str) -> None:
        """Says why something does not run."""
        self.rows[title] = Row(title, detail=why)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step that all later ones need: an error ends the run."""
        row, begun = self.rows.setdefault(title, Row(title)), time.monotonic()
        try:
            yield
        except Exception as error:
            row.outcome, row.detail = Outcome.FAILED, _short(error)
            raise
        except BaseException:
            row.detail = "interrupted"
            raise
        finally:
            row.seconds = time.monotonic() - begun
        row.outcome, row.detail = Outcome.PASSED, ""

    @contextmanager
    def check(self, title: str) -> Iterator[None]:
        """A check that nothing else needs: an error is reported, and the run goes on."""
        try:
            with self.step(title):
                yield
        except Exception:  # noqa: BLE001 -- the report has it
            return

    def having(self, outcome: Outcome) -> list[Row]:
        """The lines with an outcome."""
        return [row for row in self.rows.values() if row.outcome is outcome]

    def text(self) -> str:
        """The report as a table, with the sums below it."""
        wide = max(map(len, self.rows), default=0)

        def line(row: Row) -> str:
            text = f"{row.title:<{wide}}  {row.outcome:<7}  {row.seconds:>4.0f} s  {row.detail}"
            return text.rstrip()

        sums = ", ".join(f"{len(self.having(outcome))} {outcome}" for outcome in Outcome)
        return "\n".join([*map(line, self), "", sums, ""])

    def markdown(self) -> str:
        """The report as a table in Markdown."""
        head = ["| What | Outcome | Seconds | Why |", "| --- | --- | ---: | --- |"]
        rows = [
            (r.title, r.outcome, f"{r.seconds:.0f}", r.detail.replace("|", r"\|")) for r in self
        ]
        return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows), ""])

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())


def _short(error: Exception) -> str:
    """An error in one line: Terraform's own message where it is one."""
    lines = [line.strip(" │╷╵") for line in str(error).splitlines()]
    telling = [line for line in lines if line.startswith("Error:")] or [x for x in lines if x]
    return " ".join([type(error).__name__ + ":", *telling[:3]])[:WIDTH]
