"""Values of expressions: Python's, and what is not known before an apply."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class NotEvaluatedError(Exception):
    """An expression is not supported, or Terraform would reject it."""


class Unknown(Struct, frozen=True):
    """A value that is known only after the apply.

    Args:
        origins: the attributes that it is made of, by their addresses.
    """

    origins: frozenset[str] = frozenset()


class SetOf(tuple[Any, ...]):
    """A set: its items have no order, and none is there twice."""

    __slots__ = ()


NOTHING_KNOWN = Unknown()


def unknown_in(value: Any) -> Unknown | None:
    """Returns what is unknown in a value, at any depth; None when all of it is known."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, dict):
        return _joined(value.values())
    if isinstance(value, list | tuple):
        return _joined(value)
    return None


def _joined(values: Any) -> Unknown | None:
    found = [u for u in map(unknown_in, values) if u is not None]
    if not found:
        return None
    return Unknown(frozenset().union(*(u.origins for u in found)))


def text_of(value: Any) -> str:
    """Converts a value to text as Terraform does.

    Raises:
        NotEvaluatedError: it has no text.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    raise NotEvaluatedError(f"{type(value).__name__} has no text")
