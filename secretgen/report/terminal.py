"""Text for terminals: nothing in it can move the cursor, and its width is known."""

from __future__ import annotations

import textwrap
import unicodedata
from enum import StrEnum
from functools import lru_cache

_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NO_WIDTH = frozenset({"Mn", "Me"})


def visible(text: str) -> str:
    """Writes as escapes what a terminal would obey, and what cannot be seen or told from a space.

    Those are controls, formats (bidirectional ones among them), surrogates, separators but for
    the space, private and unassigned characters.
    """
    return text if text.isprintable() else "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004 -- what two hexadecimal digits hold
        return _SHORT_ESCAPES.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 -- four digits


def width(text: str) -> int:
    """Returns the number of columns that visible text takes."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


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
