"""Text for terminals: broken between words, coloured, and without credentials."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from secretgen.insight.plain_text import printable
from secretgen.model.compare import Code
from secretgen.model.secret import Number
from secretgen.spec.credential_tokens import mask_tokens

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


@lru_cache(maxsize=1024)
def safe(text: str) -> str:
    """Makes text safe to print: nothing that a terminal obeys, and no credential."""
    return printable(mask_tokens(text))


def data_of(value: Any) -> Any:
    """Returns a value of an environment as JSON data, without credentials."""
    match value:
        case Code():
            return mask_tokens(value.text)
        case Number():
            return json.loads(value.text)
        case str():
            return mask_tokens(value)
        case Mapping():
            return {mask_tokens(str(key)): data_of(item) for key, item in value.items()}
        case list() | tuple():
            return [data_of(item) for item in value]
        case _:
            return value
