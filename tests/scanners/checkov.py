"""What checkov finds."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Finding:
    """What checkov says of a resource."""

    check: str
    file: str
    resource: str
    reason: str


@dataclass(frozen=True)
class Scan:
    """What checkov found."""

    passed: int
    failed: list[Finding]
    skipped: list[Finding]
    unread: list[str]


def scan(command: Path, folder: Path) -> Scan:
    """Has checkov look at all Terraform below a folder, without asking any server."""
    what = ["--directory", folder, "--framework", "terraform"]
    how = ["--output", "json", "--compact", "--skip-download", "--soft-fail"]
    run = subprocess.run(
        [command, *what, *how],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
    )
    results = json.loads(run.stdout)["results"]
    return Scan(
        len(results["passed_checks"]),
        _findings(results["failed_checks"]),
        _findings(results["skipped_checks"]),
        results["parsing_errors"],
    )


def _findings(checks: list[dict[str, Any]]) -> list[Finding]:
    return [
        Finding(
            check["check_id"],
            check["file_path"].lstrip("/"),
            check["resource"],
            check["check_result"].get("suppress_comment") or "",
        )
        for check in checks
    ]
