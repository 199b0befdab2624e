"""The columns of `terraform fmt`: where `=` and trailing comments stand on neighbouring lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from msgspec import Struct

from secretgen.hcl.tokens import Kind, Source, Token, tokenize

_KINDS = (Kind.NEWLINE, Kind.COMMENT, Kind.EQUAL, Kind.OPEN, Kind.CLOSE)


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
    """Cuts a text into lines of cells, by the rules of hclwrite's `linesForFormat`.

    Newlines inside of heredocs and comments end no line. A value that does not end on its line has
    other numbers of opening and closing brackets there, and is no cell.
    """
    newline, remark, assigns, opens, closes = _KINDS
    start = end = lead = equal = comment = depth = 0
    for kind, first, last in tokens:
        if kind == newline:
            if not equal or depth:
                lead = equal = end
            yield _Line(
                text[start:lead], text[equal:end], text[comment or first : first], text[first:last]
            )
            start = end = last
            equal = comment = depth = 0
        elif kind == remark and end > start and not text.startswith("/*", first):
            comment = first
        else:
            if equal:
                depth += (kind == opens) - (kind == closes)
            elif kind == assigns and end > start:
                lead, equal = end, first
            end = last
