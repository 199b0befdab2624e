"""The access report as text, JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from msgspec import to_builtins

from secretgen.access.access_findings import Finding, Kind
from secretgen.access.access_report import AccessReport
from secretgen.access.policy_verdicts import Access, Answer, Verdict
from secretgen.insight.plain_text import printable, table, to_json
from secretgen.model.environment import Environment

_HEADER = (
    "secret",
    "region",
    "account",
    "role",
    "reads",
    "writes",
    "identity policy",
    "resource policy",
    "key policy",
)
_BELOW = frozenset(map(_HEADER.index, ("role", *_HEADER[-3:])))
_MARK = {Answer.YES: "", Answer.NO: "refuses: ", Answer.DEPENDS: ""}
_DEPENDS = "\ndepends: on a policy that this environment does not manage.\n"
_CLEAN = "\nAccess matches the spec.\n"


def rows_text(rows: Iterable[Access], width: int | None = None) -> str:
    """Writes who can read and write as a table, or "no" when there is nobody."""
    lines = [
        (
            row.secret,
            row.region,
            row.principal.account,
            row.principal.role,
            row.read.answer,
            row.write.answer,
            *(_MARK[verdict.answer] + verdict.reason for verdict in row.shown.by_policy.values()),
        )
        for row in rows
    ]
    return table(_HEADER, lines, below=_BELOW, width=width) if lines else "no\n"


def report_text(report: AccessReport, width: int | None = None) -> str:
    """Writes the table, what is wrong, and the notes."""
    parts = [rows_text(report.rows, width)]
    if any(v.answer is Answer.DEPENDS for row in report.rows for v in row.verdicts):
        parts.append(_DEPENDS)
    if report.findings:
        parts += [_findings_text(report.findings, kind) for kind in Kind]
    else:
        parts.append(_CLEAN)
    if report.notes:
        parts.append("\n" + "".join(f"Note: {printable(note)}\n" for note in report.notes))
    return "".join(parts)


_TITLES = {
    Kind.BEYOND: "Granted beyond the spec:",
    Kind.BROKEN: "Readers and writers of the spec that are refused:",
    Kind.DRIFTED: "Committed files that do not match the spec, so that access may differ:",
}


def _findings_text(findings: Iterable[Finding], kind: Kind) -> str:
    lines = [f"  {printable(finding_text(f))}\n" for f in findings if f.kind is kind]
    return f"\n{_TITLES[kind]}\n{''.join(lines)}" if lines else ""


def finding_text(finding: Finding) -> str:
    """Writes a finding in one sentence."""
    statement = f", {finding.statement}," if finding.statement else ""
    place = " in ".join(p for p in (finding.secret, finding.region) if p)
    about = f" ({place})" if place and place not in finding.policy else ""
    return f"The {finding.policy}{statement} {finding.summary}{about}."


def rows_data(rows: Iterable[Access]) -> list[dict[str, Any]]:
    """Makes the data of reads and writes, for JSON and for templates."""
    return [
        {
            "secret": row.secret,
            "region": row.region,
            "account": row.principal.account,
            "account_id": row.principal.caller.account,
            "role": row.principal.role,
            "declared": row.declared,
            "reads": row.read.answer.value,
            "writes": row.write.answer.value,
            **_policy_verdicts_data(row.read),
            "write_policies": _policy_verdicts_data(row.write),
        }
        for row in rows
    ]


def report_json(report: AccessReport) -> str:
    """Writes the report as JSON."""
    return to_json({
        "environment": report.environment,
        "ok": report.ok,
        "access": rows_data(report.rows),
        "findings": [to_builtins(finding) for finding in report.findings],
        "notes": list(report.notes),
    })  # fmt: skip


def rows_json(rows: Iterable[Access]) -> str:
    """Writes the answer to one question as JSON."""
    data = rows_data(rows)
    return to_json({
        **{what: any(row[what] != Answer.NO for row in data) for what in ("reads", "writes")},
        "access": data,
    })  # fmt: skip


def rows_csv(environment: Environment, rows: Iterable[Access]) -> str:
    """Writes who can read and write as CSV with a header line and the columns of tables."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_HEADER)
    for row in rows:
        verdicts = [
            cell
            for verdict in row.shown.by_policy.values()
            for cell in (verdict.answer, printable(verdict.reason))
        ]
        writer.writerow((
            environment.name,
            row.secret,
            row.region,
            row.principal.caller.account,
            row.principal.account,
            row.principal.role,
            str(row.declared).lower(),
            row.read.answer,
            row.write.answer,
            *verdicts,
        ))  # fmt: skip
    return text.getvalue()


_CSV_HEADER = (
    "environment", "secret", "region", "account_id", "account", "role", "declared", "reads",
    "writes", "identity_policy", "identity_reason", "resource_policy", "resource_reason",
    "key_policy", "key_reason",
)  # fmt: skip


def _policy_verdicts_data(verdict: Verdict) -> dict[str, dict[str, str]]:
    return {
        name: {"answer": by_policy.answer.value, "reason": by_policy.reason}
        for name, by_policy in verdict.by_policy.items()
    }
