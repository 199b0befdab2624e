"""Many calls at once, but not too many, and not too fast."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from secretgen.progress import Observer

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

IN_FLIGHT = 8
"""Calls at the same time."""
PER_SECOND = 40.0
"""Begins of a call. AWS allows 50 calls a second of the family of GetResourcePolicy (Secrets
Manager quotas), to everyone in the account and Region together."""


class Pace:
    """Lets callers go on so that no more than so many begin in a second.

    Args:
        per_second: how many.
    """

    def __init__(self, per_second: float = PER_SECOND) -> None:
        self._interval = 1 / per_second
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Waits until it is the caller's turn."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._interval
        time.sleep(turn - now)


def each(
    step: str,
    items: Sequence[_Item],
    call: Callable[[_Item], _Result],
    observer: Observer,
    in_flight: int = IN_FLIGHT,
) -> list[_Result]:
    """Calls a function for each item, several at the same time.

    Args:
        step: what is done, for the observer.
        items: the items.
        call: the function; what it raises is raised here.
        observer: called with the progress.
        in_flight: how many calls at the same time.

    Returns:
        The results, in the order of the items.
    """
    with ThreadPoolExecutor(in_flight) as pool:
        try:
            return list(_observed(step, pool.map(call, items), len(items), observer))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _observed(
    step: str, results: Iterator[_Result], total: int, observer: Observer
) -> Iterator[_Result]:
    observer(f"{step} 1 of {total}")
    for number, result in enumerate(results, 1):
        yield result
        observer(f"{step} {min(number + 1, total)} of {total}")
