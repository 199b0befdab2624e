"""Policy documents in plans, compared by what they mean."""

from __future__ import annotations

import json
from typing import Any

from secretgen.policy.canonical import canonical


def parsed(text: Any) -> Any:
    """Returns the object or list of a JSON text; None for any other value, and a key twice."""
    if not isinstance(text, str) or text[:1] not in "{[":
        return None
    try:
        return json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError):
        return None


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Makes an object of JSON.

    Raises:
        ValueError: a key occurs twice: readers take the first of them, or the last.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def same_text(one: Any, other: Any) -> bool:
    """Returns whether two texts are the same, or JSON that means the same."""
    if one == other:
        return True
    first, second = parsed(one), parsed(other)
    return first is not None and second is not None and canonical(first) == canonical(second)
