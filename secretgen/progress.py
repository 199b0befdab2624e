"""How a use case tells what it is doing, to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")

Observer = Callable[[str], None]
"""Called with the name of each step that begins."""


def no_progress(_step: str) -> None:
    """Lets nobody know."""


def with_progress(step: str, items: Sequence[_Item], observer: Observer) -> Iterator[_Item]:
    """Yields items, and tells before each which one begins.

    Args:
        step: what is done to each.
        items: all of them.
        observer: called with the name of each step.
    """
    for number, item in enumerate(items, 1):
        observer(f"{step} {number} of {len(items)}" if len(items) > 1 else step)
        yield item
