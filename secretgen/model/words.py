"""Differences in words: what is, and what should be; and numbers of things."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from secretgen.model.compare import BLOCK, Code, Difference
from secretgen.model.secret import Number

_LONGEST = 200
"""Characters of a value that are shown: more of it nobody reads in a sentence."""


def describe(difference: Difference, *, derived: bool = False) -> str:
    """Tells a difference in a sentence without a full stop.

    Args:
        difference: the difference.
        derived: whether the expected value follows from the spec, but does not stand there.
    """
    secret, attribute = difference.secret, difference.attribute
    what = f"{secret}: {attribute}" if secret and attribute else secret or attribute
    expected, found = difference.expected, difference.found
    wanted = f"it should be {shown(expected)}" if derived else f"the spec says {shown(expected)}"
    if found is None:
        return f"{what} is missing" + ("" if _is_named(difference) else f", {wanted}")
    if expected is None:
        named = f"{what} is not in the spec"
        return named if _is_named(difference) else f"{what} is {shown(found)}, {_UNKNOWN}"
    if isinstance(expected, list) and isinstance(found, list):
        more = [item for item in found if item not in expected]
        less = [item for item in expected if item not in found]
        told = [f"has {shown(more)}, which it should not"] if more else []
        told += [f"lacks {shown(less)}"] if less else []
        if told:
            return f"{what} {', and '.join(told)}"
    return f"{what} is {shown(found)}, {wanted}"


_UNKNOWN = "the spec says nothing of it"


def _is_named(difference: Difference) -> bool:
    """Tells whether it is about a whole part, which is named by its path, or a whole block."""
    sides = (difference.expected, difference.found)
    return difference.path[-1] in sides or BLOCK in sides


def shown(value: Any) -> str:
    """Writes a value on one line, shortened if it is long."""
    text = _text(value)
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
