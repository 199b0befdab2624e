"""What a change of specs does, by secret and worst first: as text, JSON and Markdown."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from secretgen.change import Effect, Judged
from secretgen.diagnostics import Diagnostic, Severity, Span
from secretgen.insight.cost.cost_formats import comparison_data, signed, span
from secretgen.insight.cost.estimate import Comparison
from secretgen.model.changes import Subject
from secretgen.report.terminal import Painter, Style, data_of, safe, wrap
from secretgen.spec.credential_tokens import mask_tokens


class EnvironmentDiff(Struct, frozen=True):
    """What changes in one environment.

    Args:
        environment: its name.
        before: what it was compared with, in words; empty when it is new.
        entries: the changes.
        init: folders in which `terraform init` has to run first.
        cost: the estimate before and after; None when there is none before.
        reconfigure: folders in which it has to run with `-reconfigure`.
    """

    environment: str
    before: str
    entries: tuple[Judged, ...]
    init: tuple[str, ...] = ()
    cost: Comparison | None = None
    reconfigure: tuple[str, ...] = ()

    @property
    def by_subject(self) -> dict[Subject, list[Judged]]:
        """The changes of each thing, the worst first."""
        ordered = sorted(self.entries, key=lambda e: (_rank(e), str(e.change.subject)))
        grouped: dict[Subject, list[Judged]] = {}
        for entry in ordered:
            grouped.setdefault(entry.change.subject, []).append(entry)
        return grouped


_PAST = {
    Effect.DESTROY: "destroyed",
    Effect.REPLACE: "replaced",
    Effect.FORGET: "forgotten",
    Effect.UPDATE: "updated",
    Effect.CREATE: "created",
    Effect.MOVE: "moved",
    Effect.NONE: "without effect",
}
"""Words for the effects, the worst first."""
_EFFECTS = tuple(_PAST)


def _rank(entry: Judged) -> tuple[int, int]:
    severity = {Severity.ERROR: 0, Severity.WARNING: 1, None: 2}[entry.severity]
    return severity, _EFFECTS.index(entry.change.effect)


def diff_as_text(diffs: Iterable[EnvironmentDiff], *, width: int, color: bool) -> str:
    """Writes changes for people.

    Args:
        diffs: the changes, by environment.
        width: columns of the terminal.
        color: whether to use ANSI colours.
    """
    paint = Painter(color=color)
    return "\n".join(_environment_text(diff, width, paint) for diff in diffs)


def _environment_text(diff: EnvironmentDiff, width: int, paint: Painter) -> str:
    lines = [paint(f"{safe(diff.environment)}: {_count(diff)}", Style.STRONG)]
    for subject, entries in diff.by_subject.items():
        lines += ["", paint(safe(str(subject)), Style.STRONG)]
        for entry in entries:
            lines += _entry_text(entry, width, paint)
    if diff.entries:
        lines.append("")
    lines += [*_init_lines(diff), *_cost_lines(diff)]
    return "".join(f"{line}\n" for line in lines)


def _entry_text(entry: Judged, width: int, paint: Painter) -> list[str]:
    change, finding = entry.change, entry.finding
    line = f"  {change.effect.value:<8} {safe(change.summary)}"
    place = f"           {safe(entry.place.where)}"
    if finding is None:
        return [line, place] if entry.place.includes else [line]
    style = Style.ERROR if finding.severity is Severity.ERROR else Style.WARNING
    mark = "allowed" if finding.allowed else finding.severity.value
    lines = [f"{line}  {paint(f'{mark}[{finding.rule}]', style)}", place]
    for note in finding.detail.split("\n"):
        indented = (note,) if note.startswith(" ") else wrap(note, width - 11)
        lines += [f"           {safe(part)}" for part in indented]
    return lines


def _count(diff: EnvironmentDiff) -> str:
    if not diff.before:
        return f"new, {_counted(diff)}"
    if not diff.entries:
        return f"no change ({diff.before})"
    before = f"what is {diff.before}" if diff.before.startswith("on ") else diff.before
    return f"{_counted(diff)} (compared with {before})"


def _counted(diff: EnvironmentDiff) -> str:
    counts = Counter(entry.change.effect for entry in diff.entries)
    counted_effects = [f"{counts[effect]} {_PAST[effect]}" for effect in _EFFECTS if counts[effect]]
    return ", ".join(counted_effects) or "nothing changes"


def _init_lines(diff: EnvironmentDiff) -> list[str]:
    backends = [
        f"Run `terraform init -reconfigure` first in {folder}: its backend changes."
        for folder in diff.reconfigure
    ]
    modules = [
        f"Run `terraform init` first in {folder}: its modules change."
        for folder in diff.init
        if folder not in diff.reconfigure
    ]
    return backends + modules


def _cost_lines(diff: EnvironmentDiff) -> list[str]:
    if diff.cost is None:
        return []
    after = f"{span(diff.cost.after.total())} {diff.cost.after.prices.currency} a month"
    change = signed(diff.cost.difference) if diff.cost.changes else "no change"
    return [f"Estimated cost: {after} ({change})."]


def diff_as_json(diffs: Iterable[EnvironmentDiff]) -> str:
    """Writes changes for programs.

    Args:
        diffs: the changes, by environment.
    """
    every = list(diffs)
    data = {
        "changes": [_entry_data(diff, entry) for diff in every for entry in _ordered(diff)],
        "environments": [
            {
                "environment": diff.environment,
                "before": diff.before,
                "init": list(diff.init),
                "reconfigure": list(diff.reconfigure),
                "cost": comparison_data(diff.cost) if diff.cost else None,
            }
            for diff in every
        ],
    }
    return json.dumps(data, indent=2) + "\n"


def _ordered(diff: EnvironmentDiff) -> list[Judged]:
    return [entry for entries in diff.by_subject.values() for entry in entries]


def _entry_data(diff: EnvironmentDiff, entry: Judged) -> dict[str, Any]:
    change, finding = entry.change, entry.finding
    return {
        "environment": diff.environment,
        "subject": str(change.subject),
        "attribute": change.attribute,
        "before": data_of(change.before),
        "after": data_of(change.after),
        "effect": change.effect.value,
        "summary": mask_tokens(change.summary),
        "detail": mask_tokens(finding.detail if finding else change.detail),
        "rule": finding.rule if finding else None,
        "severity": finding.severity.value if finding else None,
        "allowed": finding.allowed if finding else "",
        "file": entry.place.file,
        "line": entry.place.line,
        "includes": [{"file": i.file, "line": i.line} for i in entry.place.includes],
    }


def diff_as_markdown(diffs: Iterable[EnvironmentDiff]) -> str:
    """Writes changes for a pull request.

    Args:
        diffs: the changes, by environment.
    """
    return "\n".join(map(_environment_markdown, diffs))


def _environment_markdown(diff: EnvironmentDiff) -> str:
    lines = [f"### {_escaped(diff.environment)}: {_escaped(_count(diff))}", ""]
    for entry in _ordered(diff):
        if entry.finding and not entry.finding.allowed:
            lines += _finding_markdown(entry.finding, entry.place)
    if diff.entries:
        lines += ["| what | effect | change | rule |", "| --- | --- | --- | --- |"]
        lines += [_row(entry) for entry in _ordered(diff)]
        lines.append("")
    lines += [*_init_lines(diff), *_cost_lines(diff)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _finding_markdown(finding: Diagnostic, place: Span) -> list[str]:
    mark = ":x:" if finding.severity is Severity.ERROR else ":warning:"
    where = _escaped(place.where)
    lines = [f"{mark} **{finding.rule}: {_escaped(finding.summary)}** ({where})", ""]
    pasted = [line for line in finding.detail.split("\n") if line.startswith(" ")]
    said = [line for line in finding.detail.split("\n") if not line.startswith(" ")]
    lines += [*map(_escaped, said), ""]
    if pasted:
        lines += [
            "```yaml",
            *(safe(line.removeprefix("  ")) for line in pasted),
            "```",
            "",
        ]
    return lines


def _row(entry: Judged) -> str:
    change, finding = entry.change, entry.finding
    rule = f"{finding.rule}{' (allowed)' if finding.allowed else ''}" if finding else ""
    cells = (str(change.subject), change.effect.value, change.summary, rule)
    return f"| {' | '.join(map(_escaped, cells))} |"


_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~@!])")


def _escaped(text: str) -> str:
    """Writes text so that Markdown shows it as it is, on one line."""
    return _MARKUP.sub(r"\\\1", safe(" ".join(text.split())))
