"""What an audit found, in the words of `check`: for people, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from secretgen.diagnostics import Severity
from secretgen.insight.plain_text import printable
from secretgen.model.words import counted
from secretgen.report import as_text
from secretgen.report.json_report import as_json
from secretgen.report.terminal import Painter, Style, data_of, safe
from secretgen.usecases.auditing.account_audit import Audit, Auditing
from secretgen.usecases.auditing.environment_audit import LiveFinding


def auditing_text(auditing: Auditing, *, width: int, color: bool) -> str:
    """Writes an audit for people: what is broken or noteworthy, then a line for each difference.

    Args:
        auditing: the audit.
        width: columns of the terminal.
        color: whether to use ANSI colours.
    """
    others = [f.finding for f in auditing.findings if not f.is_difference]
    paint = Painter(color=color)
    lines = [_line(found, paint) for found in auditing.findings if found.is_difference]
    drift = "".join(f"{line}\n" for line in lines)
    found = as_text(others, auditing.sources, width=width, color=color)
    return "\n".join(text for text in (found, drift) if text)


def _line(found: LiveFinding, paint: Painter) -> str:
    place = f"; {found.place.where}" if found.place else ""
    finding = found.finding
    summary = paint(safe(finding.summary), Style.STRONG)
    return f"{paint(finding.rule, Style.ERROR)} {summary}{printable(place)}"


def auditing_json(auditing: Auditing) -> str:
    """Writes an audit as JSON: `diagnostics` holds all findings, `drift` what differs."""
    findings = [found.finding for found in auditing.findings]
    drift = [_drift(audit) for audit in auditing.audits if _differences(audit.findings)]
    return as_json(findings, auditing.sources, {"drift": drift})


def _differences(findings: Iterable[LiveFinding]) -> list[LiveFinding]:
    return [found for found in findings if found.is_difference]


def _drift(audit: Audit) -> dict[str, Any]:
    aws = audit.observed.environment.aws
    return {
        "file": audit.spec.file,
        "state": "live",
        "environment": audit.observed.environment.name,
        "account": aws.account_id,
        "region": aws.region,
        "changes": [_change(found) for found in _differences(audit.findings)],
    }


def _change(found: LiveFinding) -> dict[str, Any]:
    difference, place = found.fact.difference, found.place
    if difference is None:
        return {}
    return {
        "rule": found.finding.rule,
        "secret": difference.secret,
        "attribute": difference.attribute,
        "spec": data_of(difference.expected),
        "live": data_of(difference.found),
        "line": place.line if place else None,
        "place": {"file": place.file, "line": place.line} if place else None,
    }


def auditing_summary(auditing: Auditing) -> str:
    """Returns a line for each environment: what was looked at, and how many attributes differ."""
    lines = []
    for audit in auditing.audits:
        environment = audit.observed.environment
        looked = (
            f"{environment.name}: {counted(len(environment.secrets), 'secret')} and"
            f" {counted(len(audit.observed.keys), 'key')} of the spec compared with account"
            f" {environment.aws.account_id}"
        )
        number = len(_differences(audit.findings))
        errors = sum(found.finding.severity is Severity.ERROR for found in audit.findings)
        if number:
            lines.append(
                f"{looked}; {counted(number, 'attribute')} out of sync with the spec. Run "
                "`terraform plan` to see what an apply would restore, or move the change into the "
                "spec."
            )
        else:
            verdict = counted(errors, "error") if errors else "AWS matches the spec"
            lines.append(f"{looked}; {verdict}.")
    return "".join(f"{line}\n" for line in lines)
