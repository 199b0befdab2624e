"""Guesses what could be a secret in a line of a file that cannot be read as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from secretgen.spec.characters import Lines
from secretgen.spec.credentials import TEXT_KEYS

# A key and what stands between it and its value: `name: `, `"name":`, `{name: `.
_KEY = re.compile(
    r"""(?:^|(?<=[\s{,\[]))"""
    r"""(?:"([^"\n]{1,512})"\s*:|'([^'\n]{1,512})'\s*:|([\w./+=@-]{1,512})\s*:(?=\s|$))\s*"""
)
_INDENT = re.compile(r"[ \t]*+(?>(?:- ++)*)")
_FIRST_WORD = re.compile(r"[\s-]*+(\w*+)")
_BLOCK = re.compile(r"[|>][-+0-9]*+\s*+$")
_NO_TEXT = re.compile(r"\{|#|[|>][-+0-9]*+\s*+(?:#|$)|$")

_LINES_ABOVE = 200
"""How far up to look for the key that a line belongs to."""


def could_be_secret(lines: Lines, number: int) -> Iterator[tuple[int, int]]:
    """Yields the piece of a line that could be a secret, if there is one.

    What stands under a key of the spec language is shown, unless that key is there to hold
    text; so are structure and comments. Anything else could be a secret.

    Args:
        lines: the file.
        number: the line, from 1.

    Yields:
        The first column of the piece, and the one behind its last, from 1.
    """
    text = lines.line(number)
    harmless = _harmless_keys()
    parent = _line_above(lines, number)
    under_harmless = _last_key(parent) in harmless
    keys = list(_KEY.finditer(text))
    if _BLOCK.search(parent):
        shown = under_harmless
    else:
        first_word = _FIRST_WORD.match(text)
        starts_well = first_word is not None and first_word.group(1) in harmless
        marks = text.lstrip().startswith("#") or text.rstrip() in {"---", "..."}
        shown = bool(keys) or under_harmless or starts_well or marks
    if not shown:
        yield len(text) - len(text.lstrip()) + 1, len(text) + 1
        return
    for key in keys:
        if _name(key) not in harmless and not _NO_TEXT.match(text, key.end()):
            yield key.end() + 1, len(text) + 1
            return


@cache
def _harmless_keys() -> frozenset[str]:
    """Returns the keys of the spec language but for those made to hold text of any kind."""
    from secretgen.spec.fields import all_keys  # noqa: PLC0415 -- only a file that is no YAML needs it

    return all_keys() - TEXT_KEYS - {"from"}


def _line_above(lines: Lines, number: int) -> str:
    """Returns the nearest line above that is indented less, or ''."""
    indent = _depth(lines.line(number))
    for above in range(number - 1, max(0, number - _LINES_ABOVE), -1):
        line = lines.line(above)
        if line.strip() and _depth(line) < indent:
            return line
    return ""


def _depth(line: str) -> int:
    match = _INDENT.match(line)
    return match.end() if match else 0


def _last_key(line: str) -> str:
    name = ""
    for match in _KEY.finditer(line):
        name = _name(match)
    return name


def _name(key: re.Match[str]) -> str:
    return next(filter(None, key.groups()), "")
