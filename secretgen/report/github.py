"""Findings as annotations of a GitHub pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from secretgen.diagnostics import Diagnostic
from secretgen.insight.plain_text import printable
from secretgen.report.checkout import Checkout
from secretgen.report.order import by_importance
from secretgen.report.redact import Redactor


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
