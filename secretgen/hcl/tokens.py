"""HCL's lexical grammar: text -> tokens with places, in one pass, as strict as Terraform.

Shared by the two that what stands inside strings and comments must not fool: `align`, and
`decode`, which holds python-hcl2's reading against it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import IntEnum, auto
from typing import NamedTuple

from secretgen.diagnostics import Span

MAX_DEPTH = 100
"""Brackets and templates inside each other: far more than anyone writes, and no recursion limit."""


KEYWORDS = frozenset(
    ("for", "for_each", "if", "in", "else", "endif", "endfor", "true", "false", "null")
)


class HclSyntaxError(Exception):
    """Text that Terraform rejects, or that can't be read with certainty.

    Args:
        summary: what is wrong, terse.
        span: where.
    """

    def __init__(self, summary: str, span: Span) -> None:
        super().__init__(f"{span.file}:{span.line}:{span.column}: {summary}")
        self.summary = summary
        self.span = span


class Source:
    """A text and the file it stands for; turns offsets into places."""

    __slots__ = ("_line_starts", "file", "text")

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self._line_starts: list[int] = []

    def span(self, start: int, end: int) -> Span:
        """Returns the place of `text[start:end]`."""
        if not self._line_starts:
            self._line_starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        starts = self._line_starts
        first, last = bisect_right(starts, start), bisect_right(starts, end)
        return Span(
            self.file, first, start - starts[first - 1] + 1, last, end - starts[last - 1] + 1
        )

    def error(self, summary: str, start: int, end: int | None = None) -> HclSyntaxError:
        """Makes the error about `text[start:end]`, by default about one character."""
        return HclSyntaxError(summary, self.span(start, start + 1 if end is None else end))


class Kind(IntEnum):
    """What a token is.

    A quoted string without `${` and `%{` is one `STRING`. Any other, and a heredoc, is a
    `TEMPLATE_OPEN`, text and code by turns, and a `TEMPLATE_CLOSE`.
    """

    NEWLINE = auto()
    COMMENT = auto()
    NAME = auto()
    NUMBER = auto()
    STRING = auto()
    EQUAL = auto()
    OPEN = auto()  # ( [ { ${ %{
    CLOSE = auto()
    PUNCTUATION = auto()
    TEMPLATE_OPEN = auto()
    TEMPLATE_TEXT = auto()
    TEMPLATE_CLOSE = auto()


OPENING = (Kind.OPEN, Kind.TEMPLATE_OPEN)
CLOSING = (Kind.CLOSE, Kind.TEMPLATE_CLOSE)


class Token(NamedTuple):
    """A token is `text[start:end]`, without the blanks around it."""

    kind: Kind
    start: int
    end: int


_HEX = "[0-9a-fA-F]"
_BMP = f"(?![dD][89a-fA-F]){_HEX}{{4}}"  # no half of a surrogate pair
_ESCAPE = rf'\\(?:[nrt"\\]|u{_BMP}|U(?:0000{_BMP}|000[1-9a-fA-F]{_HEX}{{4}}|0010{_HEX}{{4}}))'
ESCAPED_MARK = r"\$\$++\{|%%++\{"
"""Pattern of a template mark that is text: one of its `$` or `%` less is what it stands for."""

_PLAIN = rf"{ESCAPED_MARK}|\$++(?!\{{)|%++(?!\{{)"
_QUOTED = rf'(?:[^"\\$%\r\n]++|{_ESCAPE}|{_PLAIN})'
# Python 3.11.2 is wrong about groups with a possessive quantifier: these are atomic.
_COMMENT = r"(?:#|//)[^\r\n]*+(?>(?:\r(?!\n)[^\r\n]*+)*)|(?s:/\*.*?\*/)"

# One group for each kind of code, in the order of `Kind`.
_CODE = re.compile(
    rf"""[ \t]*+(?:
    (\r?\n)
    |({_COMMENT.replace("#", "[#]")})
    |([A-Za-z_][A-Za-z0-9_-]*+)
    |((?<!\.)[0-9]++(?>(?:\.[0-9]++)?)(?>(?:[eE][+-]?[0-9]++)?)(?!\.[0-9])|[0-9]++(?!\.[0-9]))
    |("(?>{_QUOTED}*)")
    |(=(?![=>]))
    |([(\[{{])
    |(~?\}}|[)\]])
    |(==|=>|!=|<=|>=|&&|\|\||\.\.\.|::|[-.,:?+*%>!]|/(?![*/])|<(?!<))
    )""",
    re.VERBOSE,
)
_BLANKS = re.compile(r"[ \t]*+")
_CODE_OPEN = re.compile(r"[$%]\{~?")
_QUOTED_TEXT = re.compile(rf"(?>{_QUOTED}+)")
_HEREDOC_OPEN = re.compile(r"<<-?([A-Za-z_][A-Za-z0-9_-]*+)\r?\n")
_HEREDOC_LINE = re.compile(rf"(?>(?:[^$%\r\n]++|{_PLAIN})*)(?:\r?\n)?")
_SURROGATE = re.compile("[\ud800-\udfff]")

_KINDS = (Kind.NEWLINE, *Kind)
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_SPECIAL = re.compile(f"{_ESCAPE}|{ESCAPED_MARK}")


class _Open(NamedTuple):
    """What has begun and not ended: brackets hold code, quotes and heredocs hold text."""

    start: int
    closer: str
    is_text: bool


def tokenize(source: Source) -> list[Token]:
    """Splits a text into tokens.

    Raises:
        HclSyntaxError: a character or an escape that HCL does not have; a string, comment or
            bracket that does not end where it must; more than `MAX_DEPTH` levels of nesting.
    """
    return _Tokenizer(source).run()


class _Tokenizer:
    """One pass over a text, with a stack in place of recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.tokens: list[Token] = []
        self.stack: list[_Open] = []

    def run(self) -> list[Token]:
        """Reads code and text by turns, each until the other begins."""
        if match := _SURROGATE.search(self.text):
            raise self.source.error("Invalid character", match.start())
        pos = 1 if self.text.startswith("\ufeff") else 0
        while pos < len(self.text):
            pos = self._template(pos) if self._in_text() else self._code(pos)
        if self.stack:
            opened = self.stack[-1]
            what = "Unterminated string" if opened.is_text else "Unclosed bracket"
            raise self.source.error(what, opened.start)
        return self.tokens

    def _in_text(self) -> bool:
        return bool(self.stack) and self.stack[-1].is_text

    def _code(self, pos: int) -> int:
        text, append, next_token = self.text, self.tokens.append, _CODE.match
        # A call of `Token` itself would take a third of the time of all this.
        token, new, kinds, opens, closes = Token, tuple.__new__, _KINDS, Kind.OPEN, Kind.CLOSE
        while match := next_token(text, pos):
            group = match.lastindex or 0
            start, pos = match.span(group)
            append(new(token, (kinds[group], start, pos)))
            if group == opens:
                self._push(_Open(start, _CLOSERS[match[group]], is_text=False))
            elif group == closes:
                self._pop(start, match[group])
                if self._in_text():
                    return pos
        if blanks := _BLANKS.match(text, pos):
            pos = blanks.end()
        return pos if pos == len(text) else self._open_template(pos)

    def _open_template(self, pos: int) -> int:
        if self.text.startswith('"', pos):
            end, closer = pos + 1, '"'
        elif match := _HEREDOC_OPEN.match(self.text, pos):
            end, closer = match.end(), match[1]
        elif self.text.startswith("/*", pos):
            raise self.source.error("Unterminated comment", pos, pos + 2)
        else:
            what = "number" if self.text[pos].isdecimal() else "character"
            raise self.source.error(f"Invalid {what} {self.text[pos]!a}", pos)
        self.tokens.append(Token(Kind.TEMPLATE_OPEN, pos, end))
        self._push(_Open(pos, closer, is_text=True))
        return end

    def _template(self, pos: int) -> int:
        """Reads one piece of a template: text, the beginning of code, or the end."""
        closer = self.stack[-1].closer
        if match := _CODE_OPEN.match(self.text, pos):
            self.tokens.append(Token(Kind.OPEN, pos, match.end()))
            self._push(_Open(pos, "}", is_text=False))
            return match.end()
        return self._quoted(pos) if closer == '"' else self._heredoc(pos, closer)

    def _quoted(self, pos: int) -> int:
        if match := _QUOTED_TEXT.match(self.text, pos):
            self.tokens.append(Token(Kind.TEMPLATE_TEXT, pos, match.end()))
            return match.end()
        if self.text[pos] == '"':
            self.tokens.append(Token(Kind.TEMPLATE_CLOSE, pos, pos + 1))
            self.stack.pop()
            return pos + 1
        if self.text[pos] == "\\":
            raise self.source.error("Invalid escape sequence", pos, pos + 2)
        raise self.source.error("Newline in a quoted string", self.stack[-1].start, pos)

    def _heredoc(self, pos: int, marker: str) -> int:
        """Reads one line of a heredoc; a line of only the marker ends it."""
        match = _HEREDOC_LINE.match(self.text, pos)
        end = match.end() if match else pos
        line = self.text[pos:end]
        if not line:
            raise self.source.error("Invalid character '\\r'", pos)
        if line.strip() == marker and line.endswith("\n") and self.text[pos - 1] == "\n":
            start = pos + line.index(marker)
            self.tokens.append(Token(Kind.TEMPLATE_CLOSE, start, start + len(marker)))
            self.stack.pop()
            return start + len(marker)
        self.tokens.append(Token(Kind.TEMPLATE_TEXT, pos, end))
        return end

    def _push(self, opened: _Open) -> None:
        if len(self.stack) == MAX_DEPTH:
            raise self.source.error(f"Nested more than {MAX_DEPTH} levels deep", opened.start)
        self.stack.append(opened)

    def _pop(self, pos: int, closer: str) -> None:
        if not self.stack or self.stack[-1].closer != closer.lstrip("~"):
            raise self.source.error(f"Unexpected {closer}", pos, pos + len(closer))
        self.stack.pop()
        if closer == "~}" and not self._in_text():
            raise self.source.error("Invalid character '~'", pos)


def unquote(text: str) -> str:
    """Returns what a `STRING` token stands for; any other text stands for itself."""
    if not text.startswith('"'):
        return text
    text = text[1:-1]
    return _SPECIAL.sub(_resolve, text) if "\\" in text or "{" in text else text


def _resolve(match: re.Match[str]) -> str:
    text = match[0]
    if not text.startswith("\\"):
        return text[1:]
    return text.encode().decode("unicode_escape")  # Python's escapes are HCL's, and more
