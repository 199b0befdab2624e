"""HCL expressions as the values of a spec: each of the type its attribute has, or `Code`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from secretgen.hcl.hcl_nodes import Call, ListValue, Literal, ObjectValue, Raw, Reference, Value
from secretgen.model.compare import Code

HIDDEN = Code("text that is not shown")
"""Stands for text where a value of a secret would be: it may be one."""

Parts = tuple[str | int, ...]
Conversion = Callable[[Value], Any]


def code(value: Value | None) -> str:
    """Writes an expression on one line, for messages and to compare; nothing for None."""
    match value:
        case Literal():
            return json.dumps(value.value, ensure_ascii=False)
        case ListValue():
            return f"[{', '.join(map(code, value.items))}]"
        case ObjectValue():
            entries = (f"{json.dumps(e.key)} = {code(e.value)}" for e in value.entries)
            return f"{{ {', '.join(entries)} }}" if value.entries else "{}"
        case Call():
            return f"{value.function}({', '.join(map(code, value.arguments))})"
        case Reference() | Raw():
            return value.text
    return ""


def to_plain(value: Value | None) -> Any:
    """Returns an expression as data, as far as it is data: the rest is `Code`."""
    match value:
        case None:
            return None
        case Literal():
            return value.value
        case ListValue():
            return [to_plain(item) for item in value.items]
        case ObjectValue():
            return {entry.key: to_plain(entry.value) for entry in value.entries}
        case _:
            return Code(code(value))


def _literal(kind: type) -> Conversion:
    """Makes the conversion to a Python type, where `true` is no number and `"1"` is none."""

    def convert(value: Value) -> Any:
        if isinstance(value, Literal) and type(value.value) is kind:
            return value.value
        return Code(code(value))

    return convert


text = _literal(str)
whole = _literal(int)
boolean = _literal(bool)


def texts(value: Value) -> Any:
    """Converts a list of text to a tuple."""
    return tuple(map(text, value.items)) if isinstance(value, ListValue) else Code(code(value))


def reference(value: Value | None) -> Parts:
    """Returns the parts of a reference; nothing for any other expression."""
    return value.parts if isinstance(value, Reference) else ()


class Ref:
    """A reference that is expected somewhere: `Ref("local", "region")`."""

    __slots__ = ("parts",)

    def __init__(self, *parts: str | int) -> None:
        self.parts: Parts = parts

    @property
    def shown(self) -> Code:
        """The reference as it would be written."""
        return Code(".".join(map(str, self.parts)))


def matches(value: Value, expected: Any) -> bool:
    """Tells whether an expression is what is expected.

    Args:
        value: the expression.
        expected: a value or a `Ref`, or a list or a mapping of those.
    """
    match value, expected:
        case Reference(), Ref():
            return value.parts == expected.parts
        case Literal(), None | str() | int():
            return type(value.value) is type(expected) and value.value == expected
        case ListValue(), list() | tuple():
            return len(value.items) == len(expected) and all(map(matches, value.items, expected))
        case ObjectValue(), Mapping():
            found = {entry.key: entry.value for entry in value.entries}
            return found.keys() == expected.keys() and all(
                matches(found[key], item) for key, item in expected.items()
            )
        case _:
            return False


def shown(expected: Any) -> Any:
    """Returns what `says` takes as data for a message."""
    match expected:
        case Ref():
            return expected.shown
        case Mapping():
            return {key: shown(item) for key, item in expected.items()}
        case list() | tuple():
            return [shown(item) for item in expected]
        case _:
            return expected
