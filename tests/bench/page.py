"""Writes the page about performance."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.bench.results import Results, Row
from tests.bench.targets import Target, targets

FIGURE = "performance.svg"
NOT_MEASURED = "n/a"

_LARGE = 100
"""From here on a figure needs no digits behind the point."""

_TEXT = Path(__file__).with_name("page.md")


def page(results: Results) -> str:
    """Writes the page in Markdown."""
    return _TEXT.read_text(encoding="utf-8").format(
        command=results.command,
        runs=_runs(results.runs),
        machine=results.machine,
        figure=FIGURE,
        figure_of=f"{figure_size(results):,} secrets",
        own=_costs(results.own),
        start=_table(("what", "CPU ms", "MB"), map(_short, results.start)),
        peers=_costs(results.peers),
        plans=_costs(results.plans),
        targets=_table(
            ("figure", "at most", "measured", "reached"), map(_target, targets(results))
        ),
    )


def _runs(count: int) -> str:
    if count == 1:
        return "that of one run of a whole process"
    return f"the median of {count} runs of whole processes, and of a plan that of one run"


def figure_size(results: Results) -> int:
    """Returns the number of secrets that the figure is about: the largest with other tools."""
    return max((row.secrets for row in [*results.peers, *results.own[:1]]), default=0)


def _costs(rows: list[Row]) -> str:
    if not rows:
        return "Not measured."
    return _table(("secrets", "what", "CPU s", "wall s", "MB"), map(_long, rows))


def _long(row: Row) -> tuple[str, ...]:
    size = f"{row.secrets:,}"
    if row.cost is None:
        return size, f"{row.title}: {row.note}", NOT_MEASURED, NOT_MEASURED, NOT_MEASURED
    cost = row.cost
    return size, row.title, f"{cost.cpu:.2f}", f"{cost.wall:.2f}", f"{cost.memory:.0f}"


def _short(row: Row) -> tuple[str, ...]:
    cost = row.cost
    return (
        (row.title, f"{cost.cpu * 1000:.0f}", f"{cost.memory:.0f}")
        if cost
        else (row.title, NOT_MEASURED, NOT_MEASURED)
    )


def _target(target: Target) -> tuple[str, ...]:
    def figure(value: float | None) -> str:
        if value is None:
            return NOT_MEASURED
        return f"{value:.3g}{target.unit}" if value < _LARGE else f"{value:,.0f}{target.unit}"

    return target.title, figure(target.limit), figure(target.reached), target.verdict


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    marks = ["---" if cell in _TEXTS else "---:" for cell in head]
    lines = [head, tuple(marks), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_TEXTS = ("what", "figure", "reached")
