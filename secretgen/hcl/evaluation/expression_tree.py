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
