"""Findings as annotations of a GitHub pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from secretgen.diagnostics import Diagnostic, Severity
from secretgen.insight.plain_text import printable
from secretgen.report.redact import Redactor
from secretgen.report.sarif import Checkout

DRIFT = "drift-"
"""How the rules of drift begin."""

_DERIVED = (".md", ".svg", ".sum")
"""Generated files that only describe what others do."""

_SHARED = 3
"""From this number of secrets on, their common warning is merged once."""

_SHOWN_LINES = 10


def by_place(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorts findings by their place, and tells the warnings that many secrets share once."""
    return _shared_once(sorted(diagnostics, key=lambda d: d.sort_key))


def by_importance(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorts findings for a reader who sees only the first of them, each shared warning once."""
    return sorted(by_place(diagnostics), key=lambda d: (d.severity, _rank(d), d.sort_key))


def file_rank(file: str) -> int:
    """Returns the rank of a generated file: 1 for what only describes others, else 0."""
    return int(file.endswith(_DERIVED))


def _rank(finding: Diagnostic) -> int:
    """Returns 0 for a finding about a spec, and more the less a drifted file says."""
    if not finding.rule.startswith(DRIFT):
        return 0
    return 1 if finding.path else 2 + file_rank(finding.span.file)


def _shared_once(ordered: list[Diagnostic]) -> list[Diagnostic]:
    groups: dict[object, list[Diagnostic]] = {}
    for number, finding in enumerate(ordered):
        groups.setdefault(_subject(finding) or number, []).append(finding)
    merged = []
    for group in groups.values():
        merged += [_merged(group)] if len(group) >= _SHARED else group
    return sorted(merged, key=lambda d: d.sort_key)


def _subject(finding: Diagnostic) -> object:
    """Returns what a warning has in common with those of other secrets; None for others."""
    of_secret = finding.path[:1] == ("secrets",) and len(finding.path) > 1
    if finding.severity is not Severity.WARNING or not of_secret:
        return None
    return (finding.rule, finding.span.file, finding.path[2:])


def _merged(group: list[Diagnostic]) -> Diagnostic:
    first, *others = group
    lines = [str(d.span.line) for d in others[:_SHOWN_LINES]]
    more = f" and {len(others) - _SHOWN_LINES} more" if len(others) > _SHOWN_LINES else ""
    return replace(
        first,
        summary=f"{first.summary} (and {len(others)} other secrets)",
        detail=f"{first.detail} The others: lines {', '.join(lines)}{more}.".strip(),
    )


def as_github(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], place: Checkout | None = None
) -> str:
    """Writes findings as workflow commands, one a line, the most important first.

    GitHub shows ten errors and ten warnings of a step.

    Args:
        diagnostics: the findings, in any order.
        sources: text of each file, by its name: tells what must not be repeated.
        place: where the project lies in its work tree.
    """
    found = list(diagnostics)
    redactor = Redactor(found, sources)
    named = (place or Checkout()).path
    return "".join(f"{_command(redactor.finding(d), named)}\n" for d in by_importance(found))


def _command(finding: Diagnostic, named: Callable[[str], str]) -> str:
    span = finding.span
    properties: dict[str, str | int] = {}
    if span.file:
        properties = {"file": named(span.file), "line": span.line, "col": span.column}
        if span.line == span.end_line:  # GitHub drops all columns of places with several lines
            properties |= {"endLine": span.end_line, "endColumn": span.end_column}
    properties["title"] = f"{finding.rule}: {finding.summary}"
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    lines = [finding.summary, *finding.detail.split("\n"), finding.input_note]
    if finding.suggestion and finding.suggestion not in finding.detail:
        lines.append(f"Did you mean `{finding.suggestion}`?")
    message = "%0A".join(_data(line) for line in lines if line)
    return f"::{finding.severity.value} {written}::{message}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
