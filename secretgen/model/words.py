"""Differences in words: what is, and what should be; and numbers of things."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from secretgen.model.compare import BLOCK, Code, Difference
from secretgen.model.secret import Number

_LONGEST = 200
"""Characters of a value that are shown: more of it nobody reads in a sentence."""


def describe(difference: Difference, *, derived: bool = False) -> str:
    """Describes a difference in a sentence without a full stop.

    Args:
        difference: the difference.
        derived: whether the expected value follows from the spec, but does not stand there.
    """
    secret, attribute = difference.secret, difference.attribute
    what = f"{secret}: {attribute}" if secret and attribute else secret or attribute
    expected, found = difference.expected, difference.found
    start = _start_of_difference(_text(expected), _text(found))
    wanted = f"{'expected' if derived else 'the spec has'} {shown(expected, start)}"
    if found is None:
        return f"{what} is missing" + ("" if _is_named(difference) else f", {wanted}")
    if expected is None:
        named = f"{what} is not in the spec"
        return named if _is_named(difference) else f"{what} is {shown(found)}, {_UNKNOWN}"
    if isinstance(expected, list) and isinstance(found, list):
        more = [item for item in found if item not in expected]
        less = [item for item in expected if item not in found]
        phrases = [f"has {shown(more)}, which it should not"] if more else []
        phrases += [f"lacks {shown(less)}"] if less else []
        if phrases:
            return f"{what} {', and '.join(phrases)}"
    return f"{what} is {shown(found, start)}, {wanted}"


def _start_of_difference(one: str, other: str) -> int:
    """Returns where to begin to show two texts, so that what differs is seen."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return same - _LONGEST // 10 if same > _LONGEST * 3 // 4 else 0


_UNKNOWN = "which is not in the spec"


def _is_named(difference: Difference) -> bool:
    """Returns whether it is about a whole part, which is named by its path, or a whole block."""
    sides = (difference.expected, difference.found)
    return difference.path[-1] in sides or BLOCK in sides


def shown(value: Any, start: int = 0) -> str:
    """Writes a value on one line, from a character on, shortened if it is long."""
    text = f"{'…' if start else ''}{_text(value)[start:]}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _text(value: Any) -> str:
    if isinstance(value, Code | Number):
        return value.text
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_text(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    return json.dumps(value, ensure_ascii=False)


def counted(number: int, noun: str) -> str:
    """Writes a number of things: `1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
