"""Workflows and actions as data, and their shell steps to be run here."""

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.harness.commands import search_path
from tests.rendered import PROJECT

SPEC = "specs/production.yaml"


def load(file: Path) -> dict[str, Any]:
    """Reads a file of YAML that holds a mapping."""
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def step(steps: list[dict[str, Any]], name: str) -> str:
    """The script of a step."""
    (script,) = (s["run"] for s in steps if s.get("name", s.get("run")) == name)
    return str(script)


def run_step(
    script: str, folder: Path, temp: Path, path: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Runs a script the way GitHub does with `shell: bash`.

    Args:
        script: the script.
        folder: where it runs.
        temp: the folder for temporary files, which gets the outputs as well.
        path: where programs are looked for first; without it, where the program under test is.
        env: further variables.
    """
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={
            "PATH": f"{path}:{os.environ['PATH']}" if path else search_path(),
            "HOME": str(temp),
            # Where the templates are that were compiled before.
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
            "RUNNER_TEMP": str(temp),
            "GITHUB_OUTPUT": str(temp / "output"),
            **env,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def drift(project: Path) -> None:
    """Edits a rendered file."""
    file = project / "environments/production/secrets.tf"
    file.write_text(file.read_text("utf-8").replace("payment", "other"), encoding="utf-8")


__all__ = ["PROJECT", "SPEC", "drift", "load", "run_step", "step"]
