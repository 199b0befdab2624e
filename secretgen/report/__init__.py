"""Findings and drift as text, JSON, GitHub annotations and SARIF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secretgen.diagnostics import Diagnostic
from secretgen.report.github import as_github
from secretgen.report.json_report import as_json
from secretgen.report.sarif import Checkout, RuleText, as_sarif, checkout
from secretgen.report.text import as_text

__all__ = [
    "Checkout",
    "RuleText",
    "as_github",
    "as_json",
    "as_sarif",
    "as_text",
    "checkout",
    "findings_as",
]


def findings_as(
    output_format: str,
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, str],
    rules: Mapping[str, RuleText] | None = None,
    place: Checkout | None = None,
) -> str:
    """Writes findings for a program.

    Args:
        output_format: `json`, `github` or `sarif`.
        diagnostics: the findings, in any order.
        sources: text of each file, by its name.
        rules: texts of the rules, by their ids, for SARIF.
        place: where the project lies in its work tree, for annotations and SARIF.
    """
    if output_format == "sarif":
        return as_sarif(diagnostics, sources, rules, place)
    if output_format == "github":
        return as_github(diagnostics, sources, place)
    return as_json(diagnostics, sources)
