"""Policy documents in plans, compared by what they mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")


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
    """Tells whether two texts are the same, or JSON that means the same."""
    if one == other:
        return True
    first, second = parsed(one), parsed(other)
    return first is not None and second is not None and canonical(first) == canonical(second)


def canonical(value: Any) -> Any:
    """Makes documents equal that mean the same.

    The order of lists, a list of one item, and ids of statements mean nothing; an account is
    named by its id or by its root.
    """
    if isinstance(value, Mapping):
        is_statement = "Effect" in value
        return {k: canonical(v) for k, v in value.items() if not (is_statement and k == "Sid")}
    if isinstance(value, list):
        items = sorted((canonical(v) for v in value), key=repr)
        return items[0] if len(items) == 1 else items
    if isinstance(value, str) and (root := _ROOT.fullmatch(value)):
        return root[1]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
