"""Findings as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from secretgen.diagnostics import Diagnostic
from secretgen.report.redact import Redactor

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class RuleText:
    """What SARIF tells of a rule.

    Args:
        summary: what it demands, in a sentence.
        help: why, and what to do, in Markdown.
    """

    summary: str
    help: str = ""


def as_sarif(
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, str],
    rules: Mapping[str, RuleText] | None = None,
) -> str:
    """Writes findings as SARIF.

    Args:
        diagnostics: the findings, in any order.
        sources: text of each file, by its name: tells what must not be repeated.
        rules: texts of the rules, by their ids; those that found nothing are left out.

    Returns:
        A log with one run, in ASCII.
    """
    ordered = sorted(diagnostics, key=lambda d: d.sort_key)
    redactor = Redactor(ordered, sources)
    ids = sorted({d.rule for d in ordered})
    driver = {"name": "secretgen", "rules": [_rule(rule, (rules or {}).get(rule)) for rule in ids]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(redactor.finding(d), ids.index(d.rule)) for d in ordered],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _rule(rule: str, text: RuleText | None) -> dict[str, Any]:
    described: dict[str, Any] = {"id": rule}
    if text:
        described["shortDescription"] = {"text": text.summary}
        if text.help:
            described["help"] = {"text": text.help, "markdown": text.help}
    return described


def _result(finding: Diagnostic, rule_index: int) -> dict[str, Any]:
    span = finding.span
    sentences = [f"{finding.summary}.", finding.detail]
    if finding.suggestion and finding.suggestion not in finding.detail:
        sentences.append(f"Did you mean `{finding.suggestion}`?")
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    place = {"artifactLocation": {"uri": _uri(span.file)}, "region": region}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.severity.value,
        "message": {"text": " ".join(filter(None, sentences))},
        "locations": [{"physicalLocation": place}],
    }
    if finding.excused:
        suppression = {"kind": "external", "status": "accepted", "justification": finding.excused}
        result["suppressions"] = [suppression]
    return result


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
