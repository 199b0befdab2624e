"""An import as JSON, for programs: what came in, what did not and why, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from secretgen.report.json_report import as_json
from secretgen.usecases.importing.addresses import Takeover
from secretgen.usecases.importing.existing import Rebuilding
from secretgen.usecases.importing.outcome import Outcome
from secretgen.usecases.importing.select import Skipped


def outcome_json(outcome: Outcome, *, dry_run: bool) -> str:
    """Writes what an import came to.

    Args:
        outcome: the import.
        dry_run: whether nothing was written.
    """
    imported = {"import": _imported(outcome, dry_run=dry_run)}
    return as_json(outcome.errors, {outcome.file: outcome.before}, imported)


def _imported(outcome: Outcome, *, dry_run: bool) -> dict[str, Any]:
    return {
        "file": outcome.file,
        "written": outcome.changes and not dry_run,
        "secrets": [{"secret": s.name, "notes": list(s.notes)} for s in outcome.imported],
        "keys": [
            {"key": name, "arn": arn, "notes": list(outcome.key_notes[name])}
            for name, arn in outcome.keys.items()
        ],
        "kept_keys": [{"arn": arn, "reason": why} for arn, why in outcome.kept.items()],
        "left_out": _not_imported(outcome.left_out),
        "skipped": _not_imported(outcome.skipped),
        "present": outcome.present,
        "filtered": outcome.unwanted,
        "additions": list(outcome.added),
        "roles_to_write": {name: list(roles) for name, roles in outcome.unwritten.items()},
        "refused": [{"action": r.action, "subject": r.subject} for r in outcome.refused],
        "state": _takeover(outcome.takeover),
        "existing": _rebuilding(outcome.rebuilding),
        "changes": outcome.diff,
    }


def _not_imported(found: Iterable[Skipped]) -> list[dict[str, Any]]:
    return [
        {"secret": s.name, "reason": s.reason, "hint": s.hint, "statement": s.statement}
        for s in found
    ]


def _takeover(found: Takeover | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "is": found.state,
        "layouts": list(found.layouts),
        "moved": list(found.moved),
        "forgotten": list(found.forgotten),
        "removed": list(found.removed),
        "state_rm": list(found.commands),
        "unrelated": list(found.unrelated),
    }


def _rebuilding(found: Rebuilding) -> dict[str, Any]:
    return {
        "imports": len(found.entries),
        "commands": list(found.commands),
        "values_written": list(found.written),
    }
