"""A project as `secretgen init` leaves it, rendered; and what runs in continuous integration."""

from pathlib import Path

import pytest

from secretgen.cli import run
from tests.harness.once import made_once
from tests.init.conftest import git


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, committed; use `project`, which is a clone of it for each test."""

    def begin() -> str:
        root = tmp_path_factory.mktemp("begun")
        git(root, "init", "--quiet")
        assert run(["init", str(root)]) == 0
        assert run(["render", "--root", str(root)]) == 0
        commit(root)
        return str(root)

    return Path(made_once(tmp_path_factory, "begun", begin))


@pytest.fixture
def project(begun: Path, tmp_path: Path) -> Path:
    """The project of one test."""
    root = tmp_path / "project"
    git(tmp_path, "clone", "--quiet", str(begun), str(root))
    return root


def commit(root: Path) -> None:
    """Commits all files, without hooks."""
    git(root, "add", "--all")
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    author += ["-c", "commit.gpgsign=false"]
    git(root, *author, "commit", "--quiet", "--no-verify", "--message", "All")
