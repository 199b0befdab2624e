"""Text for terminals: broken between words, and coloured."""

from __future__ import annotations

import textwrap
from enum import StrEnum
from functools import lru_cache

_NARROWEST = 20


@lru_cache(maxsize=1024)
def wrap(text: str, columns: int) -> tuple[str, ...]:
    """Breaks text between words.

    Args:
        text: the text.
        columns: the most that a line may take, unless a word takes more.
    """
    lines = textwrap.wrap(
        text, max(columns, _NARROWEST), break_long_words=False, break_on_hyphens=False
    )
    return tuple(lines)


class Style(StrEnum):
    """What a piece of text is; its value is the ANSI code of its look."""

    ERROR = "1;31"
    WARNING = "1;33"
    STRONG = "1"
    FRAME = "34"
    HELP = "36"


class Painter:
    """Colours text, or leaves it as it is.

    Args:
        color: whether to colour.
    """

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def __call__(self, text: str, style: Style) -> str:
        """Returns the text in its colour."""
        return f"\033[{style.value}m{text}\033[0m" if self._color and text else text
