"""An empty folder with the shell standing in it, and the program."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Command, secretgen

__all__ = ["secretgen"]


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def started(empty: Path, secretgen: Command) -> Path:
    """A project as `secretgen init` leaves it in an empty Git repository."""
    git(empty, "init", "--quiet")
    assert secretgen("init").code == 0
    return empty


def git(folder: Path, *arguments: str) -> str:
    """Runs Git, and returns what it prints."""
    run = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return run.stdout
