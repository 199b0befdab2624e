"""One form for all documents that mean the same, so that they can be compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")


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
