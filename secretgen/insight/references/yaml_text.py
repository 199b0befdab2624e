"""YAML as text: mappings, sequences and texts, each text on one line or as a literal block."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./:@=+<>-]*(?<!:)|[0-9]+h[0-9]+m[0-9]+s")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
_LAST_OF_FOUR_DIGITS = 0xFFFF


class Block(str):
    """A text of several lines, written as a literal block."""

    __slots__ = ()


def to_yaml(node: object) -> str:
    """Writes mappings, sequences and texts; every text stays a text."""
    return "".join(f"{line}\n" for line in _lines(node))


def _lines(node: object) -> Iterator[str]:
    match node:
        case Mapping():
            for key, value in node.items():
                yield from _entry(_scalar(key), value)
        case Sequence() if not isinstance(node, str):
            for value in node:
                first, *others = _lines(value)
                yield f"- {first}"
                yield from (f"  {line}" for line in others)
        case _:
            yield _scalar(str(node))


def _entry(key: str, value: object) -> Iterator[str]:
    if isinstance(value, Block):
        yield f"{key}: |"
        yield from (f"  {line}" for line in value.splitlines())
    elif isinstance(value, str):
        yield f"{key}: {_scalar(value)}"
    else:
        yield f"{key}:"
        yield from (f"  {line}" for line in _lines(value))


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escape(c) for c in quoted)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"
