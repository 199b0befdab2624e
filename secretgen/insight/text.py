"""Plain text for terminals and files: columns, and nothing that a terminal would act on."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

_GAP = "  "


def printable(text: str) -> str:
    """Writes as escapes what a terminal would obey, and what cannot be seen."""
    return text if text.isprintable() else "".join(map(_printable_character, text))


def _printable_character(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"


_LAST_OF_FOUR_DIGITS = 0xFFFF


def one_line(text: str) -> str:
    """Writes text on one line: any run of spaces and line breaks is one space."""
    return printable(" ".join(text.split()))


def cells(text: str) -> int:
    """Counts the columns that a text takes in a fixed-width font."""
    if text.isascii():
        return len(text)
    return sum(map(_cells_of_character, text))


def _cells_of_character(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()
) -> str:
    """Lays out rows in aligned columns.

    Args:
        header: titles of the columns; written in capitals.
        rows: as many texts each as there are titles.
        right: indexes of the columns that are aligned to the right.

    Returns:
        Lines without trailing spaces, each with its line break.
    """
    lines = [[title.upper() for title in header], *([printable(c) for c in row] for row in rows)]
    widths = [max(cells(line[i]) for line in lines) for i in range(len(header))]
    text = []
    for line in lines:
        padded = [
            pad + cell if i in right else cell + pad
            for i, cell in enumerate(line)
            for pad in [" " * (widths[i] - cells(cell))]
        ]
        text.append(_GAP.join(padded).rstrip() + "\n")
    return "".join(text)


def to_json(data: Any) -> str:
    """Writes data as indented JSON, in ASCII so that no terminal finds anything to act on."""
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"
