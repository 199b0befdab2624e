"""Findings about plans as Markdown, for the summary of a job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from secretgen.diagnostics import Diagnostic, Severity
from secretgen.report.terminal import visible

MAX_CHARACTERS = 400_000
"""Half of the 1 MiB that GitHub takes as the summary of a step, with room for wide characters."""


def gate_as_markdown(
    plans: Sequence[str], diagnostics: Iterable[Diagnostic], clear: Sequence[str]
) -> str:
    """Writes findings about plans.

    Args:
        plans: names of the root modules whose plans were judged.
        diagnostics: the findings.
        clear: where plans hold values in clear.
    """
    found = sorted(diagnostics, key=lambda d: (bool(d.excused), d.severity, d.sort_key))
    stops = sum(1 for d in found if d.severity is Severity.ERROR and not d.excused)
    verdict = (
        f"{stops} of {len(found)} findings stop the apply" if stops else "nothing stops the apply"
    )
    lines = [f"### Plan gate: {_cell(', '.join(plans))}", "", f"**{verdict}**", ""]
    if clear:
        lines += [f"A plan holds values in clear ({len(clear)} places): delete its JSON.", ""]
    if found:
        lines += ["| | rule | what | where |", "| --- | --- | --- | --- |"]
    size = sum(map(len, lines))
    for number, finding in enumerate(found):
        row = _row(finding)
        size += len(row)
        if size > MAX_CHARACTERS:
            lines += ["", f"{len(found) - number} more findings are in the log."]
            break
        lines.append(row)
    return "\n".join(lines) + "\n"


def _row(finding: Diagnostic) -> str:
    state = "allowed" if finding.excused else finding.severity.value
    first = finding.detail.split("\n")[0]
    what = f"**{_cell(finding.summary)}**<br>{_cell(first)}"
    where = " ".join(
        filter(None, [f"`{_code(finding.address)}`" if finding.address else "", finding.region])
    )
    return f"| {state} | {finding.rule} | {what} | {where} |"


def _cell(text: str) -> str:
    escaped = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return escaped.replace("\n", " ")


def _code(text: str) -> str:
    return visible(text).replace("`", "'").replace("|", "\\|")
