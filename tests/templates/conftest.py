"""A rendered project, and templates of its own for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from secretgen.cli import run
from secretgen.render.overlay import MARK, packaged_templates
from tests.rendered import SPECS, render
from tests.restored import Restored


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
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """A project that was rendered with the packaged templates."""
    root = tmp_path_factory.mktemp("rendered") / "project"
    render(root, (SPECS / "rich.yaml").read_text(encoding="utf-8"), "rich")
    return Restored(root)


@pytest.fixture
def project(rendered: Restored, capsys: pytest.CaptureFixture[str]) -> Iterator[Project]:
    """That project, as it was, of one test at a time; it is outside of the current folder."""
    root = rendered.folder

    def command(*arguments: str) -> Result:
        capsys.readouterr()
        code = run([*arguments, "--root", str(root)])
        return Result(code, *capsys.readouterr())

    yield Project(root, command)
    rendered.restore()
