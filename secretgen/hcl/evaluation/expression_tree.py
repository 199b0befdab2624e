"""Expressions of HCL as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Constant:
    """Text, a number, a boolean or null."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """The first name of a reference: `var`, `local`, `each`, the type of a resource."""

    name: str


@dataclass(frozen=True, slots=True)
class GetAttribute:
    """`value.name`."""

    value: Expression
    name: str


@dataclass(frozen=True, slots=True)
class GetIndex:
    """`value[index]`."""

    value: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Splat:
    """`value[*]` with the attribute names behind it."""

    value: Expression
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions in it."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """An object: pairs of key and value."""

    entries: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class For:
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


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? yes : no`."""

    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with its operands: two, or one."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class FunctionCall:
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
