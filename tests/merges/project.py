"""A project in a Git repository, whose spec is edited line by line as people do."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secretgen.cli import run
from tests.git.repositories import Work

SPEC = "specs/production.yaml"
ENVIRONMENT = "environments/production"
SECRETS = f"{ENVIRONMENT}/secrets.tf"
HEAD = """\
version: 1
environment: production
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: merges-terraform-state, locking: s3 }
accounts:
  app: { id: "111111111111" }
  guest: { id: "222222222222" }
secrets:
"""


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project(Work):
    """The project; its root is the top of the work tree."""

    def secretgen(self, command: str, *options: str) -> Result:
        """Runs a command in the project."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([command, "--root", str(self.folder), *options])
        return Result(code, out.getvalue(), err.getvalue())

    def states(self) -> dict[str, str]:
        """The files that drifted, with their state."""
        report = json.loads(self.secretgen("check", "--format", "json").out)
        return {file["file"]: file["state"] for file in report["drift"]}

    def edit(self, path: str, old: str, new: str) -> None:
        """Edits a file."""
        text = self.read(path)
        assert old in text, f"{path} has no {old!r}"
        self.write(path, text.replace(old, new))

    def render_and_commit(self, message: str = "All") -> None:
        """Renders and commits."""
        rendered = self.secretgen("render")
        assert rendered.code == 0, rendered.out + rendered.err
        self.commit(message)


def spec_text(secrets: dict[str, dict[str, Any]]) -> str:
    """Writes a spec with some secrets, one line each field."""
    lines = []
    for name, fields in secrets.items():
        lines.append(f"  {name}:\n")
        lines += [f"    {field}: {json.dumps(value)}\n" for field, value in fields.items()]
    return HEAD + "".join(lines)


def work_of(folder: Path) -> Project:
    """Makes a project without a commit."""
    folder.mkdir(parents=True, exist_ok=True)
    project = Project(folder)
    project.git("init", "--quiet", "--initial-branch", "main")
    return project
