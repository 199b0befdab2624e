"""Short forms of what `decode` returns, for comparing."""

from typing import Any

from secretgen.hcl.decode import parse
from secretgen.hcl.hcl_nodes import (
    Block,
    Body,
    Call,
    ListValue,
    Literal,
    ObjectValue,
    Raw,
    Reference,
    Value,
)


def plain(value: Value) -> Any:
    """Literals, lists and objects as Python values; code as a tuple of what it is and its parts."""
    match value:
        case Literal():
            return value.value
        case ListValue():
            return [plain(item) for item in value.items]
        case ObjectValue():
            return {entry.key: plain(entry.value) for entry in value.entries}
        case Call():
            return ("call", value.function, *(plain(argument) for argument in value.arguments))
        case Reference():
            return ("reference", *value.parts)
        case Raw():
            return ("raw", value.text)


def shape(body: Body) -> list[Any]:
    """A body without places: names with values, then blocks."""
    attributes: list[Any] = [(a.name, plain(a.value)) for a in body.attributes]
    return attributes + [_block(block) for block in body.blocks]


def _block(block: Block) -> Any:
    return (block.type, block.labels, shape(block.body))


def value_of(source: str) -> Any:
    """What an expression says."""
    (attribute,) = parse(f"x = {source}\n", "x.tf").attributes
    return plain(attribute.value)
