"""A rendered project of the production spec, and the command that checks it."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from secretgen.cli import run
from tests.drift.trees import PRODUCTION
from tests.rendered import render
from tests.restored import Restored


@dataclass(frozen=True)
class Project:
    """A project that may be damaged.

    Args:
        root: its root.
        check: checks it, with some options; returns exit code, output and messages.
    """

    root: Path
    check: Callable[..., tuple[int, str, str]]

    def edit(self, path: str, old: str, new: str) -> None:
        """Edits a file by hand."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def drift(self, *options: str) -> dict[str, dict[str, Any]]:
        """The drift, by file."""
        _, out, _ = self.check("--format", "json", *options)
        return {file["file"]: file for file in json.loads(out)["drift"]}

    def told(self) -> list[str]:
        """The lines about what drifted."""
        _, out, _ = self.check("--no-diff")
        return [line for line in out.splitlines() if re.search("; (environments|modules)/", line)]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is rendered; use `project`, which may be changed."""
    root = tmp_path_factory.mktemp("rendered")
    render(root, PRODUCTION.read_text(encoding="utf-8"))
    return root


@pytest.fixture(scope="session")
def damaged(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """A copy of it that tests damage in turn."""
    root = tmp_path_factory.mktemp("damaged") / "project"
    return Restored(shutil.copytree(rendered, root))


@pytest.fixture
def project(damaged: Restored, capsys: pytest.CaptureFixture[str]) -> Iterator[Project]:
    """A rendered project, as it was, of one test at a time."""
    root = damaged.folder

    def check(*options: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["check", "--root", str(root), *options])
        return (code, *capsys.readouterr())

    yield Project(root, check)
    damaged.restore()
