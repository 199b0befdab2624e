"""Which findings come first, and which are merged once for many."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from secretgen.diagnostics import Diagnostic, Severity

DRIFT = "drift-"
"""How the rules of drift begin."""

_DERIVED = (".md", ".svg", ".sum")
"""Generated files that only describe what others do."""

_SHARED = 3
"""From this number of secrets on, their common warning is merged once."""

_SHOWN_LINES = 10


def by_place(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorts findings by their place, and tells the warnings that many secrets share once."""
    return _shared_once(sorted(diagnostics, key=lambda d: d.sort_key))


def by_importance(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorts findings for a reader who sees only the first of them, each shared warning once."""
    return sorted(by_place(diagnostics), key=lambda d: (d.severity, _rank(d), d.sort_key))


def file_rank(file: str) -> int:
    """Returns the rank of a generated file: 1 for what only describes others, else 0."""
    return int(file.endswith(_DERIVED))


def _rank(finding: Diagnostic) -> int:
    """Returns 0 for a finding about a spec, and more the less a drifted file says."""
    if not finding.rule.startswith(DRIFT):
        return 0
    return 1 if finding.path else 2 + file_rank(finding.span.file)


def _shared_once(ordered: list[Diagnostic]) -> list[Diagnostic]:
    groups: dict[object, list[Diagnostic]] = {}
    for number, finding in enumerate(ordered):
        groups.setdefault(_subject(finding) or number, []).append(finding)
    merged = []
    for group in groups.values():
        merged += [_merged(group)] if len(group) >= _SHARED else group
    return sorted(merged, key=lambda d: d.sort_key)


def _subject(finding: Diagnostic) -> object:
    """Returns what a warning has in common with those of other secrets; None for others."""
    of_secret = finding.path[:1] == ("secrets",) and len(finding.path) > 1
    if finding.severity is not Severity.WARNING or not of_secret:
        return None
    return (finding.rule, finding.span.file, finding.path[2:])


def _merged(group: list[Diagnostic]) -> Diagnostic:
    first, *others = group
    lines = [str(d.span.line) for d in others[:_SHOWN_LINES]]
    more = f" and {len(others) - _SHOWN_LINES} more" if len(others) > _SHOWN_LINES else ""
    return replace(
        first,
        summary=f"{first.summary} (and {len(others)} other secrets)",
        detail=f"{first.detail} The others: lines {', '.join(lines)}{more}.".strip(),
    )
