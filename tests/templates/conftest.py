"""A rendered project, and templates of its own for it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from secretgen.cli import run
from secretgen.render.overlay import MARK, packaged_templates
from tests.rendered import SPECS, render


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A project with templates of its own.

    Args:
        root: its root.
        run: runs a command in it.
    """

    root: Path
    run: Callable[..., Result]

    @property
    def own(self) -> Path:
        """The folder of its own templates."""
        return self.root / "own"

    def write(self, name: str, text: str, mark: str = f"{MARK}\n") -> Path:
        """Writes a template; returns where it is."""
        file = self.own / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{mark}{text}", encoding="utf-8")
        return file

    def change(self, name: str, old: str, new: str) -> None:
        """Writes the packaged template with a change."""
        text = (packaged_templates() / name).read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        self.write(name, text.replace(old, new, 1))

    def render(self, *options: str) -> Result:
        """Renders with its own templates."""
        return self.run("render", "--templates", str(self.own), *options)

    def check(self, *options: str) -> Result:
        """Checks with its own templates."""
        return self.run("check", "--no-diff", "--templates", str(self.own), *options)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was rendered with the packaged templates; `project` is a copy of it."""
    root = tmp_path_factory.mktemp("rendered")
    render(root, (SPECS / "rich.yaml").read_text(encoding="utf-8"), "rich")
    return root


@pytest.fixture
def project(rendered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    """A rendered project of one test's own, outside of the current folder."""
    root = tmp_path / "project"
    shutil.copytree(rendered, root)

    def command(*arguments: str) -> Result:
        capsys.readouterr()
        code = run([*arguments, "--root", str(root)])
        return Result(code, *capsys.readouterr())

    return Project(root, command)
