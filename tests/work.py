"""Work is counted in calls of functions, which are the same on every machine, busy or not."""

import cProfile
from collections.abc import Callable

from tests.remembered import nothing_remembered


def calls_of(action: Callable[[], object]) -> int:
    """Counts the calls, of Python's functions and of built-in ones, that an action makes."""
    profile = cProfile.Profile()
    with nothing_remembered():
        profile.runcall(action)
    return sum(entry.callcount for entry in profile.getstats())
