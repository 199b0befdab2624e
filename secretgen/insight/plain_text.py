"""Plain text for terminals and files: columns, and nothing that a terminal would act on."""

from __future__ import annotations

import json
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

_GAP = "  "


def printable(text: str) -> str:
    """Writes as escapes what a terminal would obey, and what cannot be seen or told from a space.

    Those are controls, formats (bidirectional ones among them), surrogates, separators but for
    the space, private and unassigned characters.
    """
    return text if text.isprintable() else "".join(map(_printable_character, text))


def _printable_character(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004 -- what two hexadecimal digits hold
        return _SHORT_ESCAPES.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 -- four digits


_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


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
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: frozenset[int] = frozenset(),
    below: frozenset[int] = frozenset(),
    width: int | None = None,
) -> str:
    """Lays out rows in aligned columns.

    Args:
        header: titles of the columns; written in capitals.
        rows: as many texts each as there are titles.
        right: indexes of the columns that are aligned to the right.
        below: indexes of the columns that give way when the table is too wide: their cells are
            written below their row. A single one gives way only where its cell has no room.
        width: columns of the terminal; None for as wide as it gets.

    Returns:
        Lines without trailing spaces, each with its line break.
    """
    titles = [title.upper() for title in header]
    lines = [titles, *([printable(c) for c in row] for row in rows)]
    widths = [max(cells(line[i]) for line in lines) for i in range(len(header))]
    if width is None or _line_width(widths) <= width:
        return "".join(_line(line, widths, right) for line in lines)
    room = width - _line_width([w for i, w in enumerate(widths) if i not in below]) - len(_GAP)
    for i in below:
        fitting = [cells(line[i]) for line in lines if cells(line[i]) <= room]
        widths[i] = max(fitting, default=0) if len(below) == 1 else 0
    text = []
    for line in lines:
        moved = {i for i in below if cells(line[i]) > widths[i]}
        shown = ["" if i in moved else cell for i, cell in enumerate(line)]
        text.append(_line(shown, widths, right))
        if line is not titles:
            named = [(titles[i].lower() if len(below) > 1 else "", line[i]) for i in sorted(moved)]
            text += _paragraph("; ".join(f"{n} {cell}".strip() for n, cell in named), width)
    return "".join(text)


def _line_width(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _line(line: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    padded = [
        pad + cell if i in right else cell + pad
        for i, cell in enumerate(line)
        if widths[i]
        for pad in [" " * (widths[i] - cells(cell))]
    ]
    return _GAP.join(padded).rstrip() + "\n"


def _paragraph(text: str, width: int) -> list[str]:
    """Breaks text into indented lines; a word is never broken, so that it can be copied."""
    indent = 2 * _GAP
    return [
        f"{line}\n"
        for line in textwrap.wrap(
            text,
            max(width, _LEAST_PARAGRAPH),
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


_LEAST_PARAGRAPH = 20


def to_json(data: Any) -> str:
    """Writes data as indented JSON, in ASCII so that no terminal finds anything to act on."""
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"
