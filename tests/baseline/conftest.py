"""A project that is rendered, in Git or not, and what commands find in it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from secretgen.cli import run
from tests.git.repositories import work_in
from tests.restored import Restored

HEAD = """\
version: 1
environment: staging
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: my-terraform-state, locking: s3 }
"""
SECRETS = "environments/staging/secrets.tf"
FOLDER = "environments/staging"

Findings = Callable[..., list[str]]


class Project:
    """A project whose spec and files may be changed.

    Args:
        root: its root.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def spec(self, secrets: str, *, head: str = HEAD, file: str = "staging") -> None:
        """Writes the spec."""
        path = self.root / "specs" / f"{file}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{head}{secrets}\n", encoding="utf-8")

    def render(self, *options: str) -> int:
        """Renders it; returns the exit code."""
        return run(["render", "--root", str(self.root), *options])

    def edit(self, path: str, old: str, new: str) -> None:
        """Edits a file by hand."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")


def rendered(folder: Path) -> Project:
    """Makes a project of two secrets, rendered, and not in Git."""
    made = Project(folder)
    made.spec("secrets: { a: {}, b: {} }")
    assert made.render() == 0
    return made


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """Such a project."""
    return Restored(rendered(tmp_path_factory.mktemp("plain")).root)


@pytest.fixture(scope="module")
def in_git(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """Such a project, committed."""
    root = rendered(tmp_path_factory.mktemp("committed")).root
    work_in(root).commit()
    return Restored(root)


@pytest.fixture
def project(plain: Restored) -> Iterator[Project]:
    """A project of two secrets, as rendered, which is not in Git."""
    yield Project(plain.folder)
    plain.restore()


@pytest.fixture
def committed(in_git: Restored) -> Iterator[Project]:
    """The same, as committed."""
    yield Project(in_git.folder)
    in_git.restore()


@pytest.fixture
def found(capsys: pytest.CaptureFixture[str]) -> Findings:
    """Runs a command, which has to fail with findings; returns their rules and paths."""

    def findings(project: Project, command: str, *options: str) -> list[str]:
        capsys.readouterr()
        code = run([command, "--root", str(project.root), "--format", "json", *options])
        data: dict[str, Any] = json.loads(capsys.readouterr().out)
        every = data["changes"] if command == "diff" else data["diagnostics"]
        rules = [item for item in every if (item["rule"] or "").startswith("SG5")]
        errors = [item for item in rules if item["severity"] == "error"]
        assert code == (1 if errors else code)
        return sorted(f"{e['rule']} {e.get('path') or e.get('subject')}" for e in errors)

    return findings
