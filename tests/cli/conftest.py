"""A project of one small spec, as a user has it, with the shell standing in it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from secretgen.cli import run
from tests.rendered import SPECS, render


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Result]

SMALL = (SPECS / "small.yaml").read_text(encoding="utf-8")
# It renders, with a warning: the key is not used.
WARNING = SMALL + "keys: { spare: { description: Not used } }\n"
# Two mistakes: a key that is not known, and an account id of three digits.
WRONG = SMALL.replace("123456789012", "123").replace("locking:", "loking:")


@pytest.fixture
def secretgen(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process."""

    def command(*arguments: str) -> Result:
        capsys.readouterr()
        code = run(list(arguments))
        return Result(code, *capsys.readouterr())

    return command


@pytest.fixture(scope="session")
def rendered_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered project; use `project`, which is a copy of it for each test."""
    root = tmp_path_factory.mktemp("rendered")
    render(root, SMALL, "small")
    return root


@pytest.fixture
def project(rendered_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rendered project of one test's own, with the shell standing in its root."""
    root = tmp_path / "project"
    shutil.copytree(rendered_project, root, symlinks=True)
    monkeypatch.chdir(root)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return root


@pytest.fixture
def spec(project: Path) -> Path:
    """The only spec of the project."""
    return project / "specs" / "small.yaml"
