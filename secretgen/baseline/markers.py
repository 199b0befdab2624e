"""Files with the markers that a merge leaves behind: both sides of them."""

from __future__ import annotations

import re

_MARKER = re.compile(rb"(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?\n?")
_OURS, _BASE, _THEIRS, _END = b"<" * 7, b"|" * 7, b"=" * 7, b">" * 7


def has_markers(data: bytes) -> bool:
    """Tells whether a file holds a conflict."""
    return sides(data) is not None


def sides(data: bytes) -> tuple[bytes, bytes] | None:
    """Returns a file as each side of a merge has it; None when it holds no whole conflict.

    Args:
        data: the file, with markers as Git writes them, in any conflict style.
    """
    if _OURS not in data:
        return None
    ours: list[bytes] = []
    theirs: list[bytes] = []
    place = _END
    found = False
    for line in data.splitlines(keepends=True):
        match = _MARKER.fullmatch(line)
        marker = match[1] if match else None
        if marker == _OURS and place == _END:
            place = _OURS
        elif marker == _BASE and place == _OURS:
            place = _BASE
        elif marker == _THEIRS and place in (_OURS, _BASE):
            place = _THEIRS
        elif marker == _END and place == _THEIRS:
            place, found = _END, True
        else:
            if place in (_OURS, _END):
                ours.append(line)
            if place in (_THEIRS, _END):
                theirs.append(line)
    return (b"".join(ours), b"".join(theirs)) if found else None
