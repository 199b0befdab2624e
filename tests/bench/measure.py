"""Runs a command as a process of its own and tells what it took."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class FailedError(Exception):
    """A command that was to be measured failed; the text shows the end of its output."""


@dataclass(frozen=True)
class Cost:
    """What a command took, with all processes that it started and waited for.

    Args:
        cpu: seconds of CPU, user and system.
        wall: seconds on the clock.
        memory: megabytes that its largest process had at its peak.
    """

    cpu: float
    wall: float
    memory: float


def once(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """Runs a command once.

    Raises:
        FailedError: its exit code is not 0.
    """
    log = folder / ".output"
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        try:
            os.execvpe(command[0], list(command), {**os.environ, **(environment or {})})
        finally:
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    if status:
        end = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise FailedError(f"{' '.join(command)}: wait status {status}\n{end}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def median(
    command: Sequence[str],
    folder: Path,
    runs: int,
    prepare: Callable[[int], None] = lambda _: None,
    environment: Mapping[str, str] | None = None,
) -> Cost:
    """Runs a command some times, each after `prepare`, and takes the median of each figure."""
    costs = []
    for number in range(runs):
        prepare(number)
        costs.append(once(command, folder, environment))
    return _middle(costs)


def in_turns(commands: Sequence[Sequence[str]], folder: Path, runs: int) -> list[Cost]:
    """Runs commands by turns and takes the medians of each: no machine is always equally busy."""
    costs = [[once(command, folder) for command in commands] for _ in range(runs)]
    return [_middle(of_one) for of_one in zip(*costs, strict=True)]


def _middle(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )
