"""The markers that Git writes into a file which it cannot merge."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

_LENGTH = 7


class _Part(Enum):
    """What a line of a conflicted file belongs to."""

    BOTH = auto()
    OURS = auto()
    BASE = auto()
    THEIRS = auto()
    MARKER = auto()


_FIRST, _LAST = b"<<<<<<<", b">>>>>>>"

_FOLLOWS = {
    (_FIRST, _Part.BOTH): _Part.OURS,
    (b"|||||||", _Part.OURS): _Part.BASE,
    (b"=======", _Part.OURS): _Part.THEIRS,
    (b"=======", _Part.BASE): _Part.THEIRS,
    (_LAST, _Part.THEIRS): _Part.BOTH,
}
_MARKS = frozenset(mark for mark, _ in _FOLLOWS)


def sides(data: bytes) -> tuple[bytes, bytes] | None:
    """Returns a file as each side of a merge has it; None when it has no complete conflict.

    What Git could merge is the same on both sides, so neither is exactly what was committed.
    """
    if _FIRST not in data:  # in nearly every file, and quickly seen
        return None
    parts = list(_parts(data))
    if _Part.MARKER not in (part for part, _ in parts):
        return None
    ours = b"".join(line for part, line in parts if part in (_Part.BOTH, _Part.OURS))
    theirs = b"".join(line for part, line in parts if part in (_Part.BOTH, _Part.THEIRS))
    return ours, theirs


def marker_lines(data: bytes) -> tuple[int, ...]:
    """Returns the numbers of the lines that are markers, also of conflicts half resolved."""
    if _FIRST not in data and _LAST not in data:
        return ()
    lines = data.splitlines()
    marks = {number: mark for number, line in enumerate(lines, 1) if (mark := _mark(line))}
    if not {_FIRST, _LAST} & set(marks.values()):
        return ()
    return tuple(marks)


def conflict_in(data: bytes) -> str:
    """Describes the conflict in a file with the lines of all its markers; empty for none."""
    lines = marker_lines(data)
    *others, last = map(str, lines or ("",))
    place = f"lines {', '.join(others)} and {last}" if others else f"line {last}"
    return f"merge conflict, with markers in {place}" if lines else ""


def _parts(data: bytes) -> Iterator[tuple[_Part, bytes]]:
    """Yields each line with what it belongs to; nothing when a conflict has no end."""
    found, part = [], _Part.BOTH
    for line in data.splitlines(keepends=True):
        following = _FOLLOWS.get((_mark(line), part))
        found.append((_Part.MARKER if following else part, line))
        part = following or part
    if part is _Part.BOTH:
        yield from found


def _mark(line: bytes) -> bytes:
    """Returns the marker that a line is; empty for none."""
    mark, rest = line[:_LENGTH], line[_LENGTH:].rstrip(b"\r\n")
    return mark if mark in _MARKS and rest[:1] in (b"", b" ") else b""
