"""Findings as JSON, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from secretgen.diagnostics import Diagnostic, path_text
from secretgen.report.redact import Redactor


def as_json(
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, str],
    more: Mapping[str, Any] | None = None,
) -> str:
    """Writes findings as JSON.

    Args:
        diagnostics: the findings, in any order.
        sources: text of each file, by its name: tells what must not be repeated.
        more: what else the object holds.

    Returns:
        `{"diagnostics": [...]}`, sorted by place, in ASCII.
    """
    ordered = sorted(diagnostics, key=lambda d: d.sort_key)
    redactor = Redactor(ordered, sources)
    found = [_object(redactor.finding(d)) for d in ordered]
    return json.dumps({"diagnostics": found, **(more or {})}, indent=2) + "\n"


def _object(finding: Diagnostic) -> dict[str, Any]:
    span = finding.span
    found: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "summary": finding.summary,
        "detail": finding.detail,
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "path": path_text(finding.path),
        "suggestion": finding.suggestion,
        "stage": finding.stage.value,
    }
    if finding.address:
        found["address"] = finding.address
    if finding.region:
        found["region"] = finding.region
    if finding.allowed:
        found["allowed"] = finding.allowed
    if span.includes:
        found["includes"] = [{"file": place.file, "line": place.line} for place in span.includes]
    return found
