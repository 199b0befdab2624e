"""Any text as Markdown that shows exactly that text, wherever on a line it stands."""

from __future__ import annotations

import re
import shlex

from secretgen.hcl.encode import comment

_MARKUP = re.compile(r"[\\`*_\[\]<>|~&$#]")
"""What begins markup within a line: of CommonMark, of GitHub's tables, strikethrough and math."""

_BLOCK = re.compile(r"^(?=[-+=])|^[0-9]{1,9}(?=[.)](?: |$))")
"""What begins a list or underlines a heading when it begins a line."""

_PLAIN_CODE = re.compile(r"[^`|]+")
_REFERENCED = re.compile(r"[^A-Za-z0-9 /]")
_PLAIN_WORDS = re.compile(r"[\x20-\x7e]*")


def text(value: str) -> str:
    """Writes text for a paragraph, a heading, a list item or a table cell.

    Line breaks and characters unseen become spaces.
    """
    return _BLOCK.sub(r"\g<0>\\", _MARKUP.sub(r"\\\g<0>", comment(value)))


def code(value: str) -> str:
    """Writes text as code within a line, also within a table cell."""
    line = comment(value)
    if _PLAIN_CODE.fullmatch(line):
        return f"`{line}`"
    # No escape for ` or | means the same inside and outside of a table; references do.
    referenced = _REFERENCED.sub(lambda match: f"&#{ord(match[0])};", line)
    return f"<code>{referenced}</code>"


def fenced(value: str) -> str:
    """Returns lines that stand in a code block between ``` fences.

    Raises:
        ValueError: one of them would end the block.
    """
    if "```" in value:
        raise ValueError("text that ends a code block")
    return value.rstrip("\n")


def shell(value: str) -> str:
    """Writes text as one word of a shell command, always on one line."""
    if _PLAIN_WORDS.fullmatch(value):
        return shlex.quote(value)
    return f"$'{''.join(map(_shell_character, value))}'"


def _shell_character(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    return character if _PLAIN_WORDS.fullmatch(character) else f"\\U{ord(character):08x}"
