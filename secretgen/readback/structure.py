"""Where two texts of HCL differ, whatever they are about: block by block, argument by argument.

What the model has words for is told in those; this finds the rest, and where everything stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from secretgen.diagnostics import Span
from secretgen.hcl.hcl_nodes import Block, Body, Call, ListValue, Literal, ObjectValue, Value
from secretgen.model.compare import BLOCK, Path
from secretgen.readback.read_values import code, to_plain


class Node(Struct, frozen=True):
    """A block, an object, or a value.

    Args:
        span: where it stands.
        kind: what it is; for a value, its code. What is in it are nodes of their own.
        data: it, as data to be shown.
        items: what is in a list, and where.
    """

    span: Span
    kind: str
    data: Any
    items: Mapping[str, Span] = field(default_factory=dict)

    def span_beside(self, other: Node | None) -> Span:
        """Returns the place of the first item that another list has not, or else of the whole."""
        if other is None or not other.items:
            return self.span
        more = (span for item, span in self.items.items() if item not in other.items)
        return next(more, self.span)


Nodes = Mapping[Path, Node]
"""By address of the block, then names of blocks and arguments."""


def nodes(bodies: Iterable[Body]) -> Nodes:
    """Lists everything that the files of a folder say.

    Args:
        bodies: the files, in the order of their names.
    """
    found: dict[Path, Node] = {}
    seen: Counter[str] = Counter()
    for body in bodies:
        found.update(_in_body(body, (), seen))
    return found


class Pair(Struct, frozen=True):
    """What stands at one path of two folders; None for nothing."""

    path: Path
    expected: Node | None
    found: Node | None


def pairs(expected: Nodes, found: Nodes) -> Iterator[Pair]:
    """Yields what two folders do not agree on; of what only one of them has, the outermost."""
    told: Path | None = None
    for path in sorted(expected.keys() | found.keys()):
        pair = Pair(path, expected.get(path), found.get(path))
        kinds = [node and node.kind for node in (pair.expected, pair.found)]
        if kinds[0] != kinds[1] and (told is None or path[: len(told)] != told):
            told = path
            yield pair


def _in_body(body: Body, path: Path, seen: Counter[str]) -> Iterator[tuple[Path, Node]]:
    for attribute in body.attributes:
        yield from _in_value(attribute.value, attribute.span, (*path, attribute.name))
    for block in body.blocks:
        name = _address(block)
        number = seen[name]
        seen[name] += 1
        inner = (*path, f"{name}[{number}]" if number else name)
        yield inner, Node(block.span, BLOCK.text, BLOCK)
        yield from _in_body(block.body, inner, Counter())


def _address(block: Block) -> str:
    """Names a block: by type and labels, a provider by its alias as well."""
    name = ".".join((block.type, *block.labels))
    alias = next((a.value for a in block.body.attributes if a.name == "alias"), None)
    if block.type == "provider" and isinstance(alias, Literal):
        return f"{name}.{alias.value}"
    return name


def _in_value(value: Value, span: Span, path: Path) -> Iterator[tuple[Path, Node]]:
    match value:
        case Call(function, (ObjectValue() as argument,)):
            yield path, Node(span, f"{function}({{}})", to_plain(argument))
            yield from _entries(argument, path)
        case Call(outer, (Call(inner, (ObjectValue() as argument,)), Literal() as other)):
            yield path, Node(span, f"{outer}({inner}({{}}), {code(other)})", to_plain(argument))
            yield from _entries(argument, path)
        case ObjectValue():
            yield path, Node(span, "{}", to_plain(value))
            yield from _entries(value, path)
        case ListValue(items) if any(isinstance(item, ObjectValue) for item in items):
            yield path, Node(span, "[]", to_plain(value))
            for number, item in enumerate(items):
                yield from _in_value(item, item.span, (*path, f"[{number}]"))
        case _:
            listed = value.items if isinstance(value, ListValue) else ()
            places = {code(item): item.span for item in listed}
            yield path, Node(span, code(value), to_plain(value), places)


def _entries(value: ObjectValue, path: Path) -> Iterator[tuple[Path, Node]]:
    for entry in value.entries:
        yield from _in_value(entry.value, entry.span, (*path, entry.key))
