"""The functions of Terraform that the packaged templates call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from secretgen.hcl.evaluation.expression_tree import (
    NotEvaluatedError,
    SetOf,
    Unknown,
    text_of,
    unknown_in,
)


def call(name: str, arguments: Sequence[Any]) -> Any:
    """Calls a function.

    Args:
        name: its name.
        arguments: values; what is unknown in them makes the result unknown, where it matters.

    Raises:
        NotEvaluatedError: the function is not supported, or rejects its arguments.
    """
    whole = _OF_COLLECTIONS.get(name)
    if whole is not None:
        unknown = next((a for a in arguments if isinstance(a, Unknown)), None)
        return unknown if unknown is not None else _called(whole, name, arguments)
    function = _OF_KNOWN.get(name)
    if function is None:
        raise NotEvaluatedError(f"the function {name} is not supported")
    found = unknown_in(list(arguments))
    return found if found is not None else _called(function, name, arguments)


def _called(function: Callable[..., Any], name: str, arguments: Sequence[Any]) -> Any:
    try:
        return function(*arguments)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise NotEvaluatedError(f"{name} rejects its arguments") from error


def set_of(items: Any) -> SetOf:
    """Makes a set: sorted, each item once."""
    return SetOf(sorted(_distinct(items), key=lambda item: json.dumps(item, sort_keys=True)))


def _distinct(items: Any) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def _concat(*lists: Any) -> list[Any]:
    return [item for items in lists for item in items]


def _flatten(items: Any) -> list[Any]:
    found: list[Any] = []
    for item in items:
        found += _flatten(item) if isinstance(item, list | tuple) else [item]
    return found


def _merge(*maps: Any) -> dict[str, Any]:
    return {key: value for given in maps if given is not None for key, value in given.items()}


def _keys(given: Mapping[str, Any]) -> list[str]:
    return sorted(given.keys())


def _values(given: Mapping[str, Any]) -> list[Any]:
    return [given[key] for key in sorted(given)]


def _slice(items: Any, start: int, end: int) -> list[Any]:
    return list(items)[start:end]


def _coalesce(*values: Any) -> Any:
    return next(value for value in values if value not in (None, ""))


def _lookup(given: Mapping[str, Any], key: str, *default: Any) -> Any:
    return given.get(key, *default) if default else given[key]


def _one(items: Any) -> Any:
    (item,) = list(items) or [None]
    return item


def _regex(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(pattern)
    return found[0]


def _replace(text: str, old: str, new: str) -> str:
    if old.startswith("/") and old.endswith("/") and len(old) > 1:
        return re.sub(old[1:-1], re.sub(r"\$(\d)", r"\\\1", new), text)
    return text.replace(old, new)


_OF_COLLECTIONS: Mapping[str, Callable[..., Any]] = {
    "concat": _concat,
    "flatten": _flatten,
    "keys": _keys,
    "length": len,
    "lookup": _lookup,
    "merge": _merge,
    "slice": _slice,
    "tolist": list,
    "tomap": dict,
    "values": _values,
}
"""Functions of collections whose items may be unknown."""

_OF_KNOWN: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "alltrue": all,
    "anytrue": any,
    "coalesce": _coalesce,
    "compact": lambda items: [item for item in items if item not in (None, "")],
    "contains": lambda items, item: item in items,
    "distinct": _distinct,
    "endswith": lambda text, end: text.endswith(end),
    "format": lambda form, *values: form % values,
    "join": lambda separator, items: separator.join(map(text_of, items)),
    "jsondecode": json.loads,
    "jsonencode": lambda value: json.dumps(value, sort_keys=True, ensure_ascii=False),
    "lower": str.lower,
    "max": max,
    "min": min,
    "one": _one,
    "regex": _regex,
    "replace": _replace,
    "setsubtract": lambda one, other: set_of(item for item in one if item not in list(other)),
    "setunion": lambda *sets: set_of(item for items in sets for item in items),
    "sort": sorted,
    "split": lambda separator, text: text.split(separator),
    "startswith": lambda text, start: text.startswith(start),
    "substr": lambda text, start, length: text[start:] if length < 0 else text[start:][:length],
    "tonumber": lambda value: value if isinstance(value, int | float) else float(value),
    "toset": set_of,
    "tostring": text_of,
    "trimprefix": str.removeprefix,
    "trimsuffix": str.removesuffix,
    "upper": str.upper,
}
"""Functions whose result is unknown as soon as a part of an argument is."""
