"""A way through the tokens of one top-level item, each of which is taken once and in order.

python-hcl2 is asked about their outline alone: the item without its words. Structure depends on
brackets, operators and keywords, never on what a name, a number or a string says. So python-hcl2
gets stand-ins for those, comments and heredocs left out, and the words are taken from the text
itself. That keeps from it what it misreads (`"$${x"`, comments that it takes for newlines,
`1 -11`), and blocks that differ in their words alone are parsed once.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from secretgen.diagnostics import Span
from secretgen.hcl.tokens import CLOSING, KEYWORDS, OPENING, HclSyntaxError, Kind, Source, Token

_DATA = {Kind.STRING: "string", Kind.TEMPLATE_OPEN: "string", Kind.NUMBER: "number"}
_STAND_INS = {
    Kind.NUMBER: "1",
    Kind.STRING: '""',
    Kind.TEMPLATE_OPEN: '"',
    Kind.TEMPLATE_TEXT: "x",
    Kind.TEMPLATE_CLOSE: '"',
}


class _Outline(Struct, frozen=True):
    """What python-hcl2 is to parse, and where each token's stand-in begins and ends in it."""

    text: str
    starts: list[int]
    ends: list[int]


def _outline(source: Source, tokens: Iterable[Token]) -> _Outline:
    """Makes the outline of tokens without comments."""
    pieces: list[str] = []
    starts, ends = [], []
    opened: list[str] = []
    length = 0
    glue = ""
    for kind, start, end in tokens:
        piece = _STAND_INS.get(kind) or source.text[start:end]
        if kind is Kind.NAME:
            piece = piece if piece in KEYWORDS else "x"
        elif kind is Kind.NEWLINE:
            piece = "" if opened and opened[-1] in ("${", "%{") else "\n"
        elif kind in OPENING:
            piece = piece.rstrip("~")
            opened.append(piece)
        elif kind in CLOSING:
            piece = piece.lstrip("~")
            opened.pop()
        glue = "" if piece == "]" else glue  # `[*]` and `.*` are single words to python-hcl2
        pieces += (glue, piece)
        starts.append(length + len(glue))
        length += len(glue) + len(piece)
        ends.append(length)
        glue = "" if piece in ("[", ".") else " "
    return _Outline("".join(pieces), starts, ends)


class Cursor:
    """Stands before a token of a text.

    Args:
        source: the text.
        tokens: a run of its tokens; comments are passed over.

    Attributes:
        at: index of the token that comes next; may be set back.
        outline: the outline of the tokens; python-hcl2's tree is that of its text.
    """

    def __init__(self, source: Source, tokens: tuple[Token, ...]) -> None:
        self.at = 0
        self._source = source
        self._tokens = [token for token in tokens if token.kind is not Kind.COMMENT]
        self.outline = _outline(source, self._tokens)
        self._tokens.append(Token(Kind.CLOSE, tokens[-1].end, tokens[-1].end))  # fits nowhere
        self._starts = [*self.outline.starts, len(self.outline.text)]

    @property
    def next(self) -> Token:
        """The token that comes next."""
        return self._tokens[self.at]

    @property
    def start(self) -> int:
        """Where the token that comes next begins in the outline."""
        return self._starts[self.at]

    @property
    def end(self) -> int:
        """Where the token that was taken last ends in the outline."""
        return self.outline.ends[self.at - 1]

    @property
    def is_done(self) -> bool:
        """Whether all tokens are taken."""
        return self.at == len(self._tokens) - 1

    def text(self, token: Token) -> str:
        """Returns the source of a token."""
        return self._source.text[token.start : token.end]

    def take(self, expected: Kind | str) -> Token:
        """Takes the next token.

        Raises:
            HclSyntaxError: it is not of that kind, or not that text.
        """
        token = self._tokens[self.at]
        found = token.kind if isinstance(expected, Kind) else self.text(token)
        if found != expected or self.is_done:
            raise self.unexpected()
        self.at += 1
        return token

    def accept(self, text: str) -> bool:
        """Takes the next token if it is this text; returns whether it was."""
        taken = self.text(self._tokens[self.at]) == text
        self.at += taken
        return taken

    def take_newlines(self) -> bool:
        """Takes all newlines that come next; returns whether there was one."""
        first = self.at
        while self._tokens[self.at].kind is Kind.NEWLINE:
            self.at += 1
        return self.at > first

    def take_until(self, end: int, depth: int, *, multiline: bool) -> int:
        """Takes the tokens before a place in the outline.

        Args:
            end: the place.
            depth: how many brackets are open.
            multiline: whether there may be newlines outside of brackets.

        Returns:
            How many brackets are open there.

        Raises:
            HclSyntaxError: a newline where none may be.
        """
        while self.start < end:
            kind = self.next.kind
            if kind is Kind.NEWLINE and not depth and not multiline:
                raise self.unexpected()
            depth += (kind in OPENING) - (kind in CLOSING)
            self.at += 1
        return depth

    def source_since(self, first: int) -> str:
        """Returns the source from a token on: newlines left out, each gap one blank."""
        pieces = []
        end = self._tokens[first].start
        for token in self._tokens[first : self.at]:
            if token.kind is not Kind.NEWLINE:
                pieces.append(" " * (token.start > end) + self.text(token))
                end = token.end
        return "".join(pieces)

    def span(self, start: Token) -> Span:
        """Returns the place from a token to the one that was taken last."""
        return self._source.span(start.start, self._tokens[self.at - 1].end)

    def span_since(self, first: int) -> Span:
        """Returns the place from the token of that index to the one that was taken last."""
        return self.span(self._tokens[first])

    def error(self, summary: str, token: Token | None = None) -> HclSyntaxError:
        """Makes an error about a token, by default the one that comes next."""
        token = token or self.next
        return self._source.error(summary, token.start, token.end)

    def unexpected(self) -> HclSyntaxError:
        """Makes the error about a token that does not fit; it shows no strings and no numbers."""
        token = self.next
        if token.kind in (Kind.NEWLINE, Kind.CLOSE) and not self.text(token).strip():
            return self.error("Unexpected end of line")
        return self.error(f"Unexpected {_DATA.get(token.kind) or repr(self.text(token))}")
