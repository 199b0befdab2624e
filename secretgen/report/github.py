"""Findings as annotations of a GitHub pull request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secretgen.diagnostics import Diagnostic
from secretgen.report.redact import Redactor
from secretgen.report.terminal import visible


def as_github(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """Writes findings as workflow commands, one a line.

    Args:
        diagnostics: the findings, in any order.
        sources: text of each file, by its name: tells what must not be repeated.
    """
    ordered = sorted(diagnostics, key=lambda d: d.sort_key)
    redactor = Redactor(ordered, sources)
    return "".join(f"{_command(redactor.finding(d))}\n" for d in ordered)


def _command(finding: Diagnostic) -> str:
    span = finding.span
    properties = {"file": span.file, "line": span.line, "col": span.column}
    if span.line == span.end_line:  # GitHub drops all columns of places with several lines
        properties |= {"endLine": span.end_line, "endColumn": span.end_column}
    properties["title"] = f"{finding.rule}: {finding.summary}"
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    lines = [finding.summary, *finding.detail.split("\n")]
    if finding.suggestion and finding.suggestion not in finding.detail:
        lines.append(f"Did you mean `{finding.suggestion}`?")
    message = "%0A".join(_data(line) for line in lines if line)
    return f"::{finding.severity.value} {written}::{message}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
