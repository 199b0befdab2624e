"""The columns of `terraform fmt`: where `=` and trailing comments stand on neighbouring lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from msgspec import Struct

from secretgen.hcl.tokens import Kind, Source, Token, tokenize


class _Line(Struct):
    """A line in the three cells that `terraform fmt` moves; an absent cell is empty."""

    lead: str
    assign: str
    comment: str
    end: str


def align(text: str, file: str = "") -> str:
    """Aligns HCL whose indentation and spaces are already as `terraform fmt` sets them.

    The `=` of lines that follow each other stand in one column, as far as the value ends on its
    line; so do the comments behind code. The text ends with one newline. Aligning twice changes
    nothing more.

    A column is one code point: characters that join their neighbours (which `encode` never writes
    left of a `=`) would need the Unicode tables of the one Terraform that checks the format.

    Args:
        text: HCL.
        file: what an error names as its place.

    Raises:
        HclSyntaxError: the text is no HCL.
    """
    text = text.rstrip(" \t\r\n")
    text += "\n" if text else ""
    lines = list(_lines(text, tokenize(Source(text, file))))
    for chain in _chains(lines, lambda line: line.assign):
        width = max(len(line.lead) for line in chain)
        for line in chain:
            line.lead = line.lead.ljust(width + 1)
    for chain in _chains(lines, lambda line: line.comment):
        width = max(len(line.lead) + len(line.assign) for line in chain)
        for line in chain:
            line.assign = line.assign.ljust(width + 1 - len(line.lead))
    return "".join(line.lead + line.assign + line.comment + line.end for line in lines)


def _chains(lines: list[_Line], cell: Callable[[_Line], str]) -> Iterator[list[_Line]]:
    """Runs of neighbouring lines that have the cell."""
    for has_cell, chain in groupby(lines, lambda line: bool(cell(line))):
        if has_cell:
            yield list(chain)


def _lines(text: str, tokens: list[Token]) -> Iterator[_Line]:
    """Splits at the newlines between tokens: those inside of heredocs and comments end no line."""
    start = first = 0
    for index, token in enumerate(tokens):
        if token.kind is Kind.NEWLINE:
            yield _line(text, start, tokens[first:index], token)
            start, first = token.end, index + 1


def _line(text: str, start: int, tokens: list[Token], newline: Token) -> _Line:
    """Cuts a line into its cells, by the rules of hclwrite's `linesForFormat`."""
    comment = assign = ""
    if len(tokens) > 1 and tokens[-1].kind is Kind.COMMENT:
        last = tokens[-1]
        if not text.startswith("/*", last.start):
            comment = text[last.start : last.end]
            tokens = tokens[:-1]
    kinds = [token.kind for token in tokens]
    if Kind.EQUAL in kinds[1:]:
        equal = kinds.index(Kind.EQUAL, 1)
        value = kinds[equal:]
        if value.count(Kind.OPEN) == value.count(Kind.CLOSE):
            assign = text[tokens[equal].start : tokens[-1].end]
            tokens = tokens[:equal]
    lead = text[start : tokens[-1].end] if tokens else ""
    return _Line(lead, assign, comment, text[newline.start : newline.end])
