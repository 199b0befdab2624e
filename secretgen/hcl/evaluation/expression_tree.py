"""Expressions of HCL as a tree."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Constant(Struct, frozen=True):
    """Text, a number, a boolean or null."""

    value: Any


class Name(Struct, frozen=True):
    """The first name of a reference: `var`, `local`, `each`, the type of a resource."""

    name: str


class GetAttribute(Struct, frozen=True):
    """`value.name`."""

    value: Expression
    name: str


class GetIndex(Struct, frozen=True):
    """`value[index]`."""

    value: Expression
    index: Expression


class Splat(Struct, frozen=True):
    """`value[*]` with the attribute names behind it."""

    value: Expression
    names: tuple[str, ...]


class Template(Struct, frozen=True):
    """A text with expressions in it."""

    parts: tuple[Expression, ...]


class ListOf(Struct, frozen=True):
    """A list."""

    items: tuple[Expression, ...]


class ObjectOf(Struct, frozen=True):
    """An object: pairs of key and value."""

    entries: tuple[tuple[Expression, Expression], ...]


class For(Struct, frozen=True):
    """A `for` expression.

    Args:
        names: one or two names: of the value, or of the key and the value.
        collection: what it goes over.
        key: key of each entry of an object; None for a list.
        value: each item or value.
        condition: which items count; None for all.
        grouped: True with `...`: values of one key become a list.
    """

    names: tuple[str, ...]
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool


class Conditional(Struct, frozen=True):
    """`condition ? yes : no`."""

    condition: Expression
    yes: Expression
    no: Expression


class Operation(Struct, frozen=True):
    """An operator with its operands: two, or one."""

    operator: str
    operands: tuple[Expression, ...]


class FunctionCall(Struct, frozen=True):
    """A call; with `expanded`, the last argument is a list of arguments."""

    function: str
    arguments: tuple[Expression, ...]
    expanded: bool = False


Expression = (
    Constant
    | Name
    | GetAttribute
    | GetIndex
    | Splat
    | Template
    | ListOf
    | ObjectOf
    | For
    | Conditional
    | Operation
    | FunctionCall
)


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
