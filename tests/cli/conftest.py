"""A project of one small spec, as a user has it, with the shell standing in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from secretgen.cli import run
from tests.rendered import SPECS, render
from tests.restored import Restored


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
def rendered_project(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """The folder of a rendered project; use `project`, which may be changed."""
    folder = tmp_path_factory.mktemp("rendered")
    render(folder / "project", SMALL, "small")
    return Restored(folder)


@pytest.fixture
def project(rendered_project: Restored, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A rendered project, as it was, of one test at a time; the shell stands in its root."""
    root = rendered_project.folder / "project"
    monkeypatch.chdir(root)
    monkeypatch.delenv("NO_COLOR", raising=False)
    yield root
    rendered_project.restore()


@pytest.fixture
def spec(project: Path) -> Path:
    """The only spec of the project."""
    return project / "specs" / "small.yaml"
