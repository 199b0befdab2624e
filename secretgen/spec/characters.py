"""Bytes to text: UTF-8, the characters that a spec may hold, and their normal form."""

from __future__ import annotations

import codecs
import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from operator import methodcaller

# C0 (but for tab, line feed, carriage return), DEL, C1, surrogates.
_NEVER = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
# Line breaks for some readers and none for others, bidirectional controls, which make text look
# different from what it is, the zero-width BOM, and non-characters.
_ONLY_ESCAPED = "\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff"

_FORBIDDEN_IN_VALUES = re.compile(f"[{_NEVER}]")
_FORBIDDEN_IN_FILES = re.compile(f"[{_NEVER}{_ONLY_ESCAPED}]")
_LINE_BREAK = re.compile("\r\n|\r|\n")
_END = methodcaller("end")

MAX_COMBINING = 30
"""Combining marks in a row, the limit of Unicode's stream-safe format (UAX #15).

Beyond it normalisation, here and in other programs, takes quadratic time.
"""

REPLACEMENT = "\ufffd"
"""Stands for a character that is not allowed, so that reading can go on."""


class NotUtf8Error(ValueError):
    """Bytes that are not UTF-8.

    Args:
        line: line of the first bad byte, from 1.
        column: column of the first bad byte in code points, from 1.
        guess: the encoding that the file more likely has, or an empty string.
    """

    def __init__(self, line: int, column: int, guess: str) -> None:
        super().__init__(f"not UTF-8 at {line}:{column}")
        self.line = line
        self.column = column
        self.guess = guess


def decode(data: bytes) -> str:
    """Decodes UTF-8, with or without a byte order mark.

    Raises:
        NotUtf8Error: the bytes are something else.
    """
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Lines(body[: error.start].decode("utf-8"))
        raise NotUtf8Error(*before.at(len(before.text)), _encoding_of(data)) from None


def _encoding_of(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    return ""


class Lines:
    """Text by lines and columns, both from 1, at the line breaks YAML and editors agree on.

    Args:
        text: the text; what follows its last line break is its last line, empty or not.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> array[int]:
        starts = array("I", [0])
        starts.extend(map(_END, _LINE_BREAK.finditer(self.text)))
        return starts

    def __len__(self) -> int:
        return len(self._starts)

    def line(self, number: int) -> str:
        """Returns a line without its line break, or '' for one that does not exist."""
        if not 1 <= number <= len(self):
            return ""
        end = self._starts[number] if number < len(self) else None
        return self.text[self._starts[number - 1] : end].rstrip("\r\n")

    def at(self, offset: int) -> tuple[int, int]:
        """Returns line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Returns the offset of a line and column, which `at` turns into these again."""
        return self._starts[line - 1] + column - 1

    def within(self, line: int, column: int) -> tuple[int, int]:
        """Moves a place behind the end of the text, or of its line, to that end."""
        if line > len(self):
            line, column = len(self), len(self.line(len(self))) + 1
        return line, min(column, len(self.line(line)) + 1)


def forbidden(text: str) -> Iterator[tuple[int, str]]:
    """Yields offset and character wherever one must not stand in a file as itself."""
    for match in _FORBIDDEN_IN_FILES.finditer(text):
        yield match.start(), match.group()


def without_forbidden(text: str) -> str:
    """Puts a replacement, one for one, in the place of what must not stand in a file."""
    return _FORBIDDEN_IN_FILES.sub(REPLACEMENT, text)


def forbidden_in_value(text: str) -> str:
    """Returns the first character that no value may hold, not even by an escape, or ''."""
    match = _FORBIDDEN_IN_VALUES.search(text)
    return match.group() if match else ""


def without_forbidden_in_value(text: str) -> str:
    """Puts a replacement in the place of what no value may hold."""
    return _FORBIDDEN_IN_VALUES.sub(REPLACEMENT, text)


def name_of(character: str) -> str:
    """Names a character that cannot be shown: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def advice(character: str) -> str:
    """Returns what to do about a character that is not allowed."""
    if not _FORBIDDEN_IN_VALUES.match(character):
        return f'It cannot be seen. Delete it, or write "\\u{ord(character):04X}" in double quotes.'
    if unicodedata.category(character) == "Cs":
        return "It is half of a surrogate pair. Write the complete character."
    return "Control characters are not allowed, but for tab and line break. Delete it."


def stacks_marks(text: str) -> bool:
    """Returns whether more combining marks follow each other than any language writes."""
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_COMBINING:
            return True
    return False


def normal_form(text: str) -> str:
    """Returns the text in Unicode NFC, the form that Terraform gives every string."""
    return unicodedata.normalize("NFC", text)
