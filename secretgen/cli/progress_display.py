"""Shows on a terminal what a run is doing, once it has taken a while."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from secretgen.progress import Observer, no_progress

if TYPE_CHECKING:
    from rich.live import Live

PATIENCE = 1.0
"""Seconds until something is shown."""
_INTERVAL = 0.1


@contextmanager
def progress() -> Iterator[Observer]:
    """Shows what the observer is told, on standard error, and wipes it away in the end.

    It is drawn when a timer's signal arrives: rich would start a thread, and publishing forks.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield no_progress
        return
    line = _Line()
    before = signal.signal(signal.SIGALRM, line.draw)
    signal.siginterrupt(signal.SIGALRM, False)  # noqa: FBT003 -- it takes no keyword
    signal.setitimer(signal.ITIMER_REAL, PATIENCE, _INTERVAL)
    try:
        yield line.tell
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        line.wipe()


class _Line:
    """The line on the terminal."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._step = ""
        self._live: Live | None = None
        self._is_drawing = False

    def tell(self, step: str) -> None:
        """Notes what begins now."""
        self._step = step

    def draw(self, _signal: int, frame: FrameType | None) -> None:
        """Draws the line as of now."""
        # rich imports modules while it draws: on a slow machine the next signal arrives before
        # they are complete.
        if self._is_drawing or _is_importing(frame):
            return
        self._is_drawing = True
        try:
            self._live = self._live or _start()
            seconds = time.monotonic() - self._begun
            self._live.update(f"{self._step}, {seconds:.0f} s", refresh=True)
        finally:
            self._is_drawing = False

    def wipe(self) -> None:
        """Takes the line away."""
        if self._live is not None:
            self._live.stop()


def _start() -> Live:
    from rich.console import Console
    from rich.live import Live

    live = Live(
        console=Console(stderr=True, markup=False, highlight=False),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    live.start()
    return live


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
