"""Finds lines of one shape that follow each other, so that one of them can stand for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from secretgen.hcl.tokens import CLOSING, OPENING, Kind, Token

_WORTHWHILE = 16
"""Lines; to look for fewer takes longer than to parse them."""


class Fold(NamedTuple):
    """Lines of one shape.

    Args:
        first: index of the first token of the first line.
        width: tokens of a line, with the newline that ends it.
        lines: how many there are.
    """

    first: int
    width: int
    lines: int

    @property
    def shifts(self) -> range:
        """How far the tokens of each line are behind those of the first."""
        return range(0, self.width * self.lines, self.width)


def folds(text: str, tokens: Sequence[Token]) -> tuple[Fold, ...]:
    """Finds the lines in the brackets of an item that differ in nothing but their words.

    Args:
        text: what the tokens are of.
        tokens: the item, without comments.
    """
    if text.count("\n", tokens[0].start, tokens[-1].end) < _WORTHWHILE:
        return ()
    found = []
    lines = _lines(tokens)
    for shape, group in groupby(lines, lambda line: _shape(text, tokens, *line)):
        same = list(group)
        if shape and len(same) >= _WORTHWHILE:
            first, behind = same[0]
            found.append(Fold(first, behind - first, len(same)))
    return tuple(found)


def kept(tokens: Sequence[Token], found: Sequence[Fold]) -> list[int]:
    """Returns the indices of the tokens that are left when one line stands for all of its fold."""
    indices: list[int] = []
    done = 0
    for first, width, lines in found:
        indices += range(done, first + width)
        done = first + width * lines
    return [*indices, *range(done, len(tokens))]


def _lines(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yields where each line begins, and the next one."""
    first = 0
    for index, token in enumerate(tokens):
        if token.kind is Kind.NEWLINE:
            yield first, index + 1
            first = index + 1


def _shape(text: str, tokens: Sequence[Token], first: int, behind: int) -> str:
    """Writes a line without its words; nothing for one that opens or closes what another does."""
    pieces = []
    depth = 0
    after_dot = False
    for kind, start, end in tokens[first:behind]:
        depth += (kind in OPENING) - (kind in CLOSING)
        if depth < 0:
            return ""
        is_word = kind is Kind.STRING or (kind is Kind.NAME and after_dot)
        pieces.append(kind.name if is_word else text[start:end])
        after_dot = kind is Kind.PUNCTUATION and text[start:end] == "."
    return "" if depth else " ".join(pieces)
