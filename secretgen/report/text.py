"""Findings for people: place, rule, source line, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secretgen.diagnostics import Diagnostic, Severity
from secretgen.model.words import counted
from secretgen.report.excerpt import excerpt
from secretgen.report.order import by_place
from secretgen.report.redact import Redactor
from secretgen.report.terminal import Painter, Style, visible, wrap

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
    place = paint(f"{visible(span.file)}:{span.line}:{span.column}:", Style.STRONG)
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
