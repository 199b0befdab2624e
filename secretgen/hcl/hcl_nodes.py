"""What HCL text says, as a frozen tree with places.

Mind that `1 == True` to Python when values are compared; the type of a `Literal`'s value is that
of the HCL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from secretgen.diagnostics import Span


class Literal(Struct, frozen=True):
    """Text, a number, a boolean or null.

    Text is exact: escapes are resolved, nothing is normalised (Terraform itself goes on to
    normalise it to NFC).
    """

    value: str | int | float | bool | None
    span: Span


class Index(str):
    """A text index in a reference, equal to the attribute of that name: `a["b"]` is `a.b`."""

    __slots__ = ()


class Reference(Struct, frozen=True):
    """Names another value: a name, then attribute names (text) and indexes (numbers, `Index`).

    `a.b`, `a["b"]` and `a . b` are the same reference.
    """

    parts: tuple[str | int, ...]
    span: Span

    @property
    def text(self) -> str:
        """The reference as HCL: `module.x["a/b"].y[0]`."""
        first, *rest = self.parts
        return str(first) + "".join(map(_step, rest))


class ListValue(Struct, frozen=True):
    """A list (a tuple, in HCL's words)."""

    items: tuple[Value, ...]
    span: Span


class Entry(Struct, frozen=True):
    """One attribute of an object; its span goes from the key to the end of the value."""

    key: str
    value: Value
    span: Span


class ObjectValue(Struct, frozen=True):
    """An object; no key stands in it twice."""

    entries: tuple[Entry, ...]
    span: Span


class Call(Struct, frozen=True):
    """A call of a function, without `...`."""

    function: str
    arguments: tuple[Value, ...]
    span: Span


class Raw(Struct, frozen=True):
    """Any other expression: its source, comments left out and each gap one blank."""

    text: str
    span: Span


Value = Literal | Reference | ListValue | ObjectValue | Call | Raw


def leaf_values(value: Value) -> Iterator[Value]:
    """Yields the values in a value that hold no other ones, in their order; or the value itself."""
    match value:
        case ListValue():
            inner: Iterable[Value] = value.items
        case Call():
            inner = value.arguments
        case ObjectValue():
            inner = (entry.value for entry in value.entries)
        case _:
            yield value
            return
    for each in inner:
        yield from leaf_values(each)


class Attribute(Struct, frozen=True):
    """An argument of a body: `name = value`."""

    name: str
    value: Value
    span: Span


class Block(Struct, frozen=True):
    """A block: `type "label" { body }`."""

    type: str
    labels: tuple[str, ...]
    body: Body
    span: Span


class Body(Struct, frozen=True):
    """What stands in a file or in a block, in its order; no argument stands in it twice."""

    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    plain = part.isascii() and part.replace("-", "_").isidentifier()
    escaped = part.replace("\\", "\\\\").replace('"', '\\"')
    return f".{part}" if plain else f'["{escaped}"]'
