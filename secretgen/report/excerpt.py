"""A source line with a mark under the place of a finding."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from secretgen.report.redact import Columns
from secretgen.report.terminal import visible, width
from secretgen.spec.credential_tokens import MASK

_TAB = "    "
_CUT = "…"
_WIDEST = 400
"""Columns of an excerpt at most, however wide the terminal: what is farther away is no help."""

_CONTEXT = 24
"""Columns to keep behind the first one marked when a line has to be cut."""


class Excerpt(NamedTuple):
    """A line as it is shown.

    Args:
        line: the line, with secrets masked, controls escaped and tabs spelt out.
        start: columns in front of the mark.
        length: columns of the mark, at least 1.
    """

    line: str
    start: int
    length: int


def excerpt(text: str, mark: Columns, hidden: Sequence[Columns], columns: int) -> Excerpt:
    """Shows a line of a file.

    Args:
        text: the line.
        mark: what to mark.
        hidden: pieces not to be shown, in order, without overlap.
        columns: the width that there is, of which 400 are used at most; a longer line is cut
            around the mark.
    """
    columns = min(columns, _WIDEST)
    first, behind = mark[0] - 1, max(mark[1] - 1, mark[0])
    # A mask can only be marked as a whole.
    masks = _between(hidden, mark[0], mark[0])
    first = next((start - 1 for start, end in masks if start <= mark[0] < end), first)
    # Nothing farther away than this can be shown, and lines may be as long as a file.
    begin, end = max(0, first - columns), min(len(text), first + 2 * columns)
    cells = _cells(text, begin, end, _between(hidden, begin, end))
    widths = [width(cell) for cell in cells]
    marked = first - begin
    dropped, shown = 0, len(cells)
    if begin or end < len(text) or sum(widths) > columns:
        room = columns - 2 * len(_CUT)
        while dropped < marked and sum(widths[dropped : marked + 1]) > room - _CONTEXT:
            dropped += 1
        while shown > marked + 1 and sum(widths[dropped:shown]) > room:
            shown -= 1
    head = _CUT if begin + dropped else ""
    tail = _CUT if begin + shown < len(text) else ""
    line = head + "".join(cells[dropped:shown]).rstrip() + tail
    start = len(head) + sum(widths[dropped:marked])
    length = sum(widths[marked : min(behind - begin, shown)])
    return Excerpt(line, start, max(1, length))


def _between(hidden: Sequence[Columns], first: int, last: int) -> Sequence[Columns]:
    """Returns the pieces that may touch some columns: a line may hold a hundred thousand."""
    start = max(0, bisect_left(hidden, (first, 0)) - 1)
    return hidden[start : bisect_right(hidden, (last + 1, 0))]


def _cells(text: str, begin: int, end: int, hidden: Sequence[Columns]) -> list[str]:
    """Returns what to show for each character; what is hidden is shown once, as a mask."""
    cells = [_TAB if c == "\t" else visible(c) for c in text[begin:end]]
    for first, behind in hidden:
        start, stop = max(first - 1, begin) - begin, min(behind - 1, end) - begin
        if start < stop:
            cells[start:stop] = [MASK, *[""] * (stop - start - 1)]
    return cells
