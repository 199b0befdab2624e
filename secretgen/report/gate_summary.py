"""Findings about plans as Markdown, for the summary of a job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from secretgen.change.effects import all_of
from secretgen.diagnostics import Diagnostic, Severity
from secretgen.insight.plain_text import printable
from secretgen.plan.access_changes import AccessChange

MAX_CHARACTERS = 400_000
"""Half of the 1 MiB that GitHub takes as the summary of a step, with room for wide characters."""


def gate_as_markdown(
    plans: Sequence[str],
    diagnostics: Iterable[Diagnostic],
    plaintext: Sequence[str],
    access: Sequence[tuple[str, AccessChange]] = (),
) -> str:
    """Writes findings about plans.

    Args:
        plans: names of the root modules whose plans were judged.
        diagnostics: the findings.
        plaintext: where plans hold values in plain text.
        access: who gains and who loses what, each with the name of the root module.
    """
    found = sorted(diagnostics, key=lambda d: (bool(d.allowed), d.severity, d.sort_key))
    stops = sum(1 for d in found if d.severity is Severity.ERROR and not d.allowed)
    blocks = f"{stops} of {len(found)} findings block" if stops else "no finding blocks"
    lines = [f"### Plan gate: {_cell(', '.join(plans))}", "", f"**{blocks} the apply**", ""]
    if plaintext:
        told = f"A plan holds values in plain text ({len(plaintext)} places): delete its JSON."
        lines += [told, ""]
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
    given = list(_grouped(access))
    if given:
        lines += ["", "| | access | plan |", "| --- | --- | --- |"]
    for number, (plan, gains, what) in enumerate(given):
        row = f"| {_SIGNS[gains]} | {_cell(what)} | {_cell(plan)} |"
        size += len(row)
        if size > MAX_CHARACTERS:
            lines += ["", f"{len(given) - number} more changes of access are in the log."]
            break
        lines.append(row)
    return "\n".join(lines) + "\n"


def _row(finding: Diagnostic) -> str:
    state = "allowed" if finding.allowed else finding.severity.value
    first = finding.detail.split("\n")[0]
    what = f"**{_cell(finding.summary)}**<br>{_cell(first)}"
    where = " ".join(
        filter(None, [f"`{_code(finding.address)}`" if finding.address else "", finding.region])
    )
    return f"| {state} | {finding.rule} | {what} | {where} |"


def _cell(text: str) -> str:
    escaped = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return escaped.replace("\n", " ")


def _code(text: str) -> str:
    return printable(text).replace("`", "'").replace("|", "\\|")


def access_as_text(access: Sequence[tuple[str, AccessChange]]) -> str:
    """Writes who gains and who loses what by plans, for the terminal.

    Args:
        access: the changes, each with the name of the root module.
    """
    given = list(_grouped(access))
    lines = [f"  {_SIGNS[gains]} {printable(what)} ({plan})" for plan, gains, what in given]
    if len(lines) > _MAX_LINES:
        more = len(lines) - _MAX_LINES
        lines = [*lines[:_MAX_LINES], f"  {more} more: --format json lists all."]
    return "\n".join([_HEADING, *lines]) + "\n" if lines else ""


def access_as_data(access: Sequence[tuple[str, AccessChange]]) -> list[dict[str, Any]]:
    """Returns who gains and who loses what by plans, as data for JSON.

    Args:
        access: the changes, each with the name of the root module.
    """
    return [
        {
            "plan": plan,
            "secret": change.secret,
            "region": change.region,
            "principal": change.who,
            "account": change.account,
            "right": change.right,
            "effect": "gains" if change.gains else "loses",
            "declared": change.declared,
        }
        for plan, change in access
    ]


_HEADING = "Access that policies in these plans give (+) and take away (-):"
_SIGNS = {True: "+", False: "-"}
_MAX_LINES = 40


def _grouped(access: Sequence[tuple[str, AccessChange]]) -> Iterator[tuple[str, bool, str]]:
    """Yields plan, whether something is gained, and who can do what: secrets alike in one line."""
    regions: dict[tuple[str, bool, str, str, str], list[str]] = {}
    for plan, c in access:
        regions.setdefault((plan, c.gains, c.who, c.right, c.secret), []).append(c.region)
    secrets: dict[tuple[str, bool, str, str, str], list[str]] = {}
    for (plan, gains, who, right, name), found in regions.items():
        secrets.setdefault((plan, gains, who, right, all_of(found)), []).append(name)
    for (plan, gains, who, right, where), names in secrets.items():
        can = "can" if gains else "can no longer"
        yield plan, gains, f"{who} {can} {right} {all_of(names)} in {where}"
