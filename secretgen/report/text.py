"""Findings for people: place, rule, source line, what to do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from secretgen.diagnostics import Diagnostic, Severity
from secretgen.insight.plain_text import cells, printable
from secretgen.model.words import counted
from secretgen.report.github import by_place
from secretgen.report.redact import Columns, Redactor
from secretgen.report.terminal import Painter, Style, wrap
from secretgen.spec.credential_tokens import MASK

MAX_SHOWN = 1000
"""Findings shown on a terminal. Nobody reads more."""

_STYLES = {Severity.ERROR: Style.ERROR, Severity.WARNING: Style.WARNING}


def as_text(
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, str],
    *,
    width: int,
    color: bool,
) -> str:
    """Writes findings for people.

    Args:
        diagnostics: the findings, in any order.
        sources: text of each file, by its name, for the lines shown.
        width: columns of the terminal.
        color: whether to use ANSI colours.

    Returns:
        One paragraph for each finding, sorted by place, as far as a person would read, and
        a line that counts them all; nothing when there are none.
    """
    ordered = sorted(diagnostics, key=lambda d: d.sort_key)
    if not ordered:
        return ""
    redactor = Redactor(ordered, sources)
    paint = Painter(color=color)
    found = by_place(ordered)
    shown = found[:MAX_SHOWN]
    paragraphs = [_paragraph(redactor.finding(d), redactor, width, paint) for d in shown]
    if len(found) > MAX_SHOWN:
        paragraphs.append(f"The first {MAX_SHOWN} are shown; other formats hold all.\n")
    return "\n".join((*paragraphs, paint(_count(ordered), Style.STRONG) + "\n"))


def _paragraph(finding: Diagnostic, redactor: Redactor, width: int, paint: Painter) -> str:
    span, style = finding.span, _STYLES[finding.severity]
    place = paint(f"{printable(span.file)}:{span.line}:{span.column}:", Style.STRONG)
    rule = paint(f"{finding.severity.value}[{finding.rule}]:", style)
    gutter = " " * len(str(span.line))
    lines = [f"{place} {rule} {paint(finding.summary, Style.STRONG)}"]
    lines += _source(finding, redactor, width, paint)
    equals = paint(f"{gutter} =", Style.FRAME)
    for note in _notes(finding):
        first, *rest = _wrapped(note, width - len(gutter) - 3) or ("",)
        lines.append(f"{equals} {first}")
        lines += [f"{gutter}   {line}" for line in rest]
    return "".join(f"{line}\n" for line in lines)


def _wrapped(note: str, columns: int) -> list[str]:
    """Breaks a note into lines; those of its own that are indented are kept, to be copied."""
    lines = note.split("\n")
    return [
        part for line in lines for part in ((line,) if line[:1] == " " else wrap(line, columns))
    ]


def _source(finding: Diagnostic, redactor: Redactor, width: int, paint: Painter) -> list[str]:
    """Returns the source line with a mark below it, or nothing when there is none to show."""
    span = finding.span
    text = redactor.line(span.file, span.line) if redactor.is_shown(span.file) else ""
    if not text:
        return []
    end = span.end_column if span.line == span.end_line else len(text) + 1
    gutter = " " * len(str(span.line))
    shown = excerpt(
        text,
        (span.column, end),
        redactor.hidden(span.file, span.line),
        max(width, 60) - len(gutter) - 3,
    )
    mark = " " * shown.start + paint("^" * shown.length, _STYLES[finding.severity])
    bar = paint(f"{gutter} |", Style.FRAME)
    return [bar, f"{paint(f'{span.line} |', Style.FRAME)} {shown.line}", f"{bar} {mark}"]


def _notes(finding: Diagnostic) -> list[str]:
    notes = [finding.detail, finding.input_note]
    if finding.suggestion and finding.suggestion not in finding.detail:
        notes.append(f"help: did you mean `{finding.suggestion}`?")
    return [note for note in notes if note]


def _count(findings: list[Diagnostic]) -> str:
    errors = sum(1 for d in findings if d.severity is Severity.ERROR)
    warnings = len(findings) - errors
    parts = [counted(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
    return f"{', '.join(parts)} in {counted(len({d.span.file for d in findings}), 'file')}"


_TAB = "    "
_CUT = "…"
_WIDEST = 400
"""Columns of an excerpt at most, however wide the terminal: what is farther away is no help."""

_CONTEXT = 24
"""Columns to keep behind the first one marked when a line has to be cut."""


class Excerpt(NamedTuple):
    """A line as it is shown.

    Args:
        line: the line, with secrets masked, controls escaped and tabs spelt out.
        start: columns in front of the mark.
        length: columns of the mark, at least 1.
    """

    line: str
    start: int
    length: int


def excerpt(text: str, mark: Columns, hidden: Sequence[Columns], columns: int) -> Excerpt:
    """Shows a line of a file.

    Args:
        text: the line.
        mark: what to mark.
        hidden: pieces not to be shown, in order, without overlap.
        columns: the width that there is, of which 400 are used at most; a longer line is cut
            around the mark.
    """
    columns = min(columns, _WIDEST)
    first, behind = mark[0] - 1, max(mark[1] - 1, mark[0])
    # A mask can only be marked as a whole.
    masks = _between(hidden, mark[0], mark[0])
    first = next((start - 1 for start, end in masks if start <= mark[0] < end), first)
    # Nothing farther away than this can be shown, and lines may be as long as a file.
    begin, end = max(0, first - columns), min(len(text), first + 2 * columns)
    pieces = _pieces(text, begin, end, _between(hidden, begin, end))
    widths = [cells(piece) for piece in pieces]
    marked = first - begin
    dropped, shown = 0, len(pieces)
    if begin or end < len(text) or sum(widths) > columns:
        room = columns - 2 * len(_CUT)
        while dropped < marked and sum(widths[dropped : marked + 1]) > room - _CONTEXT:
            dropped += 1
        while shown > marked + 1 and sum(widths[dropped:shown]) > room:
            shown -= 1
    head = _CUT if begin + dropped else ""
    tail = _CUT if begin + shown < len(text) else ""
    line = head + "".join(pieces[dropped:shown]).rstrip() + tail
    start = len(head) + sum(widths[dropped:marked])
    length = sum(widths[marked : min(behind - begin, shown)])
    return Excerpt(line, start, max(1, length))


def _between(hidden: Sequence[Columns], first: int, last: int) -> Sequence[Columns]:
    """Returns the pieces that may touch some columns: a line may hold a hundred thousand."""
    start = max(0, bisect_left(hidden, (first, 0)) - 1)
    return hidden[start : bisect_right(hidden, (last + 1, 0))]


def _pieces(text: str, begin: int, end: int, hidden: Sequence[Columns]) -> list[str]:
    """Returns what to show for each character; what is hidden is shown once, as a mask."""
    pieces = [_TAB if c == "\t" else printable(c) for c in text[begin:end]]
    for first, behind in hidden:
        start, stop = max(first - 1, begin) - begin, min(behind - 1, end) - begin
        if start < stop:
            pieces[start:stop] = [MASK, *[""] * (stop - start - 1)]
    return pieces
