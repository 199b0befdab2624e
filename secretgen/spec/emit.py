"""Values as YAML text, in the style of the file that they go into."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

WIDTH = 100
"""Columns up to which a mapping or list inside an entry is written in one line."""

Leaf: TypeAlias = str | int | bool | None
Plain: TypeAlias = "Leaf | Sequence[Plain] | Mapping[str, Plain]"
"""What can be written."""

_BARE = re.compile(
    r"[A-Za-z0-9/_][A-Za-z0-9/_.+=@,;()&*?!'$%:\[\]-]*(?: [A-Za-z0-9/_.+=@,;()&-]+)*"
)
_UNSAFE_IN_FLOW = re.compile(r"[,:\[\]{}?]")
_NUMERIC = re.compile(r"[0-9][-+.:_0-9]*(?:[eE][-+]?[0-9]+)?|0[xXoO][0-9a-fA-F_]+")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ESCAPED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_ONLY_DOUBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


class Style(Struct, frozen=True):
    """How a file is written.

    Args:
        quote: the quotes that it prefers.
        quotes_all: True for JSON, which quotes all text.
        step: spaces of a level of indentation.
    """

    quote: str = '"'
    quotes_all: bool = False
    step: int = 2


def scalar(value: Leaf, style: Style, *, in_flow: bool) -> str:
    """Writes a scalar; text that YAML could take for something else is quoted."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not style.quotes_all and _is_bare(value, in_flow=in_flow):
        return value
    if style.quote == "'" and not style.quotes_all and not _ONLY_DOUBLE.search(value):
        return "'" + value.replace("'", "''") + "'"
    text = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def in_flow(value: Plain, style: Style) -> str:
    """Writes a value in one line: `{ a: 1, b: [c] }`."""
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        return f"{{ {', '.join(flow_entry(k, v, style) for k, v in value.items())} }}"
    if isinstance(value, Leaf):
        return scalar(value, style, in_flow=True)
    return f"[{', '.join(in_flow(item, style) for item in value)}]"


def flow_entry(key: str, value: Plain, style: Style) -> str:
    """Writes an entry of a mapping in one line."""
    return f"{scalar(key, style, in_flow=True)}: {in_flow(value, style)}"


def entry(key: str, value: Plain, indent: int, style: Style, *, compact: bool) -> list[str]:
    """Writes an entry of a block mapping.

    Args:
        key: its key.
        value: its value.
        indent: spaces before the key.
        style: how the file is written.
        compact: True writes a mapping in one line where it fits.

    Returns:
        Its lines, without line breaks.
    """
    begin = f"{' ' * indent}{scalar(key, style, in_flow=False)}:"
    if isinstance(value, Leaf):
        return [f"{begin} {scalar(value, style, in_flow=False)}"]
    line = f"{begin} {in_flow(value, style)}"
    if not value or (len(line) <= WIDTH and (compact or not isinstance(value, Mapping))):
        return [line]
    inside = indent + style.step
    if isinstance(value, Mapping):
        return [begin, *block(value, inside, style)]
    return [begin, *(line for item in value for line in list_item(item, inside, style))]


def block(value: Mapping[str, Plain], indent: int, style: Style) -> list[str]:
    """Writes the entries of a mapping; an inner mapping takes one line where it fits."""
    return [
        line
        for key, inner in value.items()
        for line in entry(key, inner, indent, style, compact=True)
    ]


def list_item(item: Plain, indent: int, style: Style) -> list[str]:
    """Writes an item of a block list.

    Args:
        item: the item.
        indent: spaces before its dash.
        style: how the file is written.

    Returns:
        Its lines, without line breaks.
    """
    dash = f"{' ' * indent}- "
    if isinstance(item, Leaf):
        return [dash + scalar(item, style, in_flow=False)]
    if isinstance(item, Mapping) and item:
        first, *rest = block(item, indent + len("- "), style)
        line = dash + in_flow(item, style)
        if rest and len(item) > 1 and len(line) <= WIDTH:
            return [line]
        return [dash + first.lstrip(), *rest]
    return [dash + in_flow(item, style)]


def _is_bare(text: str, *, in_flow: bool) -> bool:
    if not _BARE.fullmatch(text) or text.endswith(":") or text.lower() in _WORDS:
        return False
    if _NUMERIC.fullmatch(text) or ": " in text:
        return False
    return not (in_flow and _UNSAFE_IN_FLOW.search(text))
