"""A piece of HCL without its words: all that python-hcl2 is asked about.

Structure depends on brackets, operators and keywords, never on what a name, a number or a string
says. So python-hcl2 gets stand-ins for those, comments and heredocs left out, and the words are
taken from the text itself. That keeps from it what it misreads (`"$${x"`, comments that it takes
for newlines, `1 -11`), and blocks that differ in their words alone are parsed once.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from secretgen.hcl.tokens import CLOSING, OPENING, Kind, Source, Token

_KEYWORDS = frozenset(
    ("for", "for_each", "if", "in", "else", "endif", "endfor", "true", "false", "null")
)
_STAND_INS = {
    Kind.NUMBER: "1",
    Kind.STRING: '""',
    Kind.TEMPLATE_OPEN: '"',
    Kind.TEMPLATE_TEXT: "x",
    Kind.TEMPLATE_CLOSE: '"',
}


class Outline(Struct, frozen=True):
    """The outline of some tokens.

    Args:
        text: what python-hcl2 is to parse.
        starts: where each token's stand-in begins in it.
        ends: where each token's stand-in ends in it.
    """

    text: str
    starts: list[int]
    ends: list[int]


def outline(source: Source, tokens: Iterable[Token]) -> Outline:
    """Makes the outline of tokens without comments."""
    pieces: list[str] = []
    starts, ends = [], []
    opened: list[str] = []
    length = 0
    glue = ""
    for kind, start, end in tokens:
        piece = _STAND_INS.get(kind) or source.text[start:end]
        if kind is Kind.NAME:
            piece = piece if piece in _KEYWORDS else "x"
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
    return Outline("".join(pieces), starts, ends)
