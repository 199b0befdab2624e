"""The document of a spec as a tree whose every part knows its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from secretgen.diagnostics import Span

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Scalar(Struct, frozen=True):
    """Text, as it was written: no scalar is a number, a date or a boolean yet.

    Args:
        text: the text, in Unicode NFC.
        span: where it stands, with its quotes and without anchor or tag.
        plain: whether it was written without quotes, tag or block indicator.
    """

    text: str
    span: Span
    plain: bool

    @property
    def is_null(self) -> bool:
        """Whether this is no value at all: nothing, `~` or `null`, without quotes."""
        return self.plain and self.text in _NULLS


class Mapping(Struct, frozen=True):
    """Keys, each once, with their values; what `<<` merges in comes behind the own keys."""

    entries: tuple[tuple[Scalar, Node], ...]
    span: Span


class Sequence(Struct, frozen=True):
    """A list."""

    items: tuple[Node, ...]
    span: Span


Node: TypeAlias = Scalar | Mapping | Sequence
"""A value of a spec. What an alias repeats is the same object, with the place it was written at."""


def entries_in(node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
    """Returns the keys and values of a mapping; nothing for anything else."""
    return node.entries if isinstance(node, Mapping) else ()


def field_of(node: Node | None, name: str) -> Node | None:
    """Returns the value of a key of a mapping; None if there is no such key."""
    return next((value for key, value in entries_in(node) if key.text == name), None)


def walk(root: Node) -> Iterator[Node]:
    """Yields a node and all below it, the keys of mappings among them, in no certain order."""
    nodes = [root]
    while nodes:
        node = nodes.pop()
        yield node
        if isinstance(node, Mapping):
            for entry in node.entries:
                nodes += entry
        elif isinstance(node, Sequence):
            nodes += node.items
