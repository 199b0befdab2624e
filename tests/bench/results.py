"""What was measured, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.measure import Cost


@dataclass(frozen=True)
class Row:
    """A measured command.

    Args:
        secrets: how many secrets it worked on; 0 when that does not matter.
        title: what was measured.
        cost: what it took; None when it could not be measured.
        note: why it could not, or what is special about it.
    """

    secrets: int
    title: str
    cost: Cost | None
    note: str = ""


@dataclass
class Results:
    """All that a run measured.

    Args:
        machine: the machine and what runs on it, in one line.
        command: what was typed.
        runs: of how many runs each figure is the median.
        start: before any work.
        own: secretgen's commands.
        peers: other tools at the same work.
        plans: Terraform's plans.
    """

    machine: str
    command: str
    runs: int
    start: list[Row] = field(default_factory=list)
    own: list[Row] = field(default_factory=list)
    peers: list[Row] = field(default_factory=list)
    plans: list[Row] = field(default_factory=list)
