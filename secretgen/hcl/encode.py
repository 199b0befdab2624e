"""Python values as HCL text: data stays data, code exists only as `Reference` and `Call`.

Every literal is read back by Terraform as exactly the value it was made from, and by python-hcl2
as well: `${` and `%{` are written as escapes, for python-hcl2 misreads `$${`, and there are no
heredocs. The layout is `terraform fmt`'s, except that nothing is aligned: that is `align`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from secretgen.hcl.tokens import KEYWORDS

INDENT = 2

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = {None: "null", True: "true", False: "false"}
_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_TEMPLATE_MARK = re.compile(r"[$%](?=\{)")

# Characters that show as nothing, or change how their neighbours show: controls, line and
# paragraph separators, zero-width and bidirectional marks, byte order mark, tags.
# A fixed list, not the categories of `unicodedata`: those change with the Python version.
_INVISIBLE = (
    "\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff"
)
_ESCAPED = re.compile(f'["\\\\{_INVISIBLE}]')
_BREAK = re.compile(f"[\\s{_INVISIBLE}]+")

# `terraform fmt` counts columns in grapheme clusters, whose rules change with the Unicode version.
# Keys stand left of an aligned `=`, so they show only characters that never join a neighbour.
_NEVER_JOINING = (
    "\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u03ff\u0400-\u0482\u048a-\u052f"
    "\u1e00-\u1eff\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
)
_JOINING = f"[^{_NEVER_JOINING}]"  # `re` takes 2 ms to compile it


class Index(str):
    """A text index of a reference, in brackets even where it could be an attribute: `x["a"]`."""

    __slots__ = ()


class Reference(Struct, frozen=True):
    """Names a value elsewhere in the configuration, such as `module.x.arn`.

    Args:
        parts: a name, then attribute names (`.x`, or `["x"]` where that is no plain name)
            and indexes (`[0]`, or an `Index`).

    Raises:
        ValueError: the first part is no identifier, or an index is negative.
    """

    parts: tuple[str | int, ...]

    def __post_init__(self) -> None:
        if not self.parts or not isinstance(self.parts[0], str):
            raise ValueError("a reference begins with a name")
        identifier(self.parts[0])
        if any(isinstance(part, int) and part < 0 for part in self.parts):
            raise ValueError("an index is not negative")

    @property
    def text(self) -> str:
        """The reference as HCL."""
        return str(self.parts[0]) + "".join(_step(part) for part in self.parts[1:])


class Call(Struct, frozen=True):
    """Calls a function of Terraform, such as `jsonencode`.

    Args:
        function: its name.
        arguments: what `encode` takes.

    Raises:
        ValueError: the name is no identifier.
    """

    function: str
    arguments: tuple[Any, ...]

    def __post_init__(self) -> None:
        identifier(self.function)


Expression = Reference | Call
"""What is written as code. It is built from parts, so that no text can slip in as code."""


def reference(*parts: str | int) -> Reference:
    """Makes a reference: `reference("module", "x", "arn")` is `module.x.arn`."""
    return Reference(parts)


def call(function: str, *arguments: Any) -> Call:
    """Makes a call: `call("jsonencode", {"a": 1})`."""
    return Call(function, arguments)


def identifier(name: str) -> str:
    """Returns a name that may stand in code as it is, such as a label or an argument's name.

    Raises:
        ValueError: it is no identifier in ASCII letters.
    """
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError(f"not an HCL identifier: {name!r}")
    return name


def comment(text: str) -> str:
    """Returns a text for the rest of a `#` line: line breaks and characters unseen become spaces.

    Raises:
        ValueError: it holds half of a surrogate pair.
    """
    return _BREAK.sub(" ", _checked(text)).strip()


def encode(value: Any, *, indent: int = 0) -> str:
    """Writes a value as an HCL expression.

    Objects have one attribute per line; lists of more than one item have one item per line.

    Args:
        value: text, a boolean, an integer, a finite decimal, None, a sequence, a mapping with text
            keys, or an `Expression`; mappings keep their order.
        indent: spaces before the line on which the expression begins.

    Raises:
        TypeError: a value or a key of another type.
        ValueError: text with half of a surrogate pair, which is no Unicode text.
    """
    match value:
        case None | bool():
            return _WORDS[value]
        case int() | Decimal():
            return _number(value)
        case str():
            return _quoted(value)
        case Reference() | Call():
            return _code(value, indent)
        case Mapping():
            return f"{{{_attributes(value, indent)}}}"
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return f"[{_items(value, indent)}]"
        case _:
            raise TypeError(f"HCL has no literal for a {type(value).__name__}")


def _number(value: int | Decimal) -> str:
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"HCL has no number {value}")
    return format(value, "f") if isinstance(value, Decimal) else str(int(value))


def _code(value: Expression, indent: int) -> str:
    if isinstance(value, Reference):
        return value.text
    arguments = ", ".join(encode(argument, indent=indent) for argument in value.arguments)
    if "\n" in arguments:
        arguments = _items(value.arguments, indent)
    return f"{value.function}({arguments})"


def _items(items: Sequence[Any], indent: int) -> str:
    """One item per line; a single one stays next to its bracket."""
    if len(items) <= 1:
        return "".join(encode(item, indent=indent) for item in items)
    inner = indent + INDENT
    lines = "".join(f"{' ' * inner}{encode(item, indent=inner)},\n" for item in items)
    return f"\n{lines}{' ' * indent}"


def _attributes(attributes: Mapping[Any, Any], indent: int) -> str:
    if not attributes:
        return ""
    inner = indent + INDENT
    lines = "".join(
        f"{' ' * inner}{_key(key)} = {encode(value, indent=inner)}\n"
        for key, value in attributes.items()
    )
    return f"\n{lines}{' ' * indent}"


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"an object's key is text, not a {type(key).__name__}")
    if _PLAIN_KEY.fullmatch(key) and key not in KEYWORDS:
        return key
    quoted = _quoted(key)
    return quoted if quoted.isascii() else re.sub(_JOINING, _code_point, quoted)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    is_name = not isinstance(part, Index) and _IDENTIFIER.fullmatch(part)
    return f".{part}" if is_name else f"[{_quoted(part)}]"


def _quoted(text: str) -> str:
    escaped = _ESCAPED.sub(_escape, _checked(text))
    return f'"{_TEMPLATE_MARK.sub(_code_point, escaped)}"'


def _checked(text: str) -> str:
    if match := _SURROGATE.search(text):
        raise ValueError(f"half of a surrogate pair at character {match.start() + 1}")
    return text


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or _code_point(match)


def _code_point(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004
