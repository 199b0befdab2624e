"""Templates are compiled once, and whatever lies in the cache does no harm."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rendered import SPECS, tree, write_spec

RENDER = "import sys; from secretgen.cli import run; sys.exit(run(['render']))"
WITHOUT_COMPILER = f"import jinja2.environment; jinja2.environment.generate = None; {RENDER}"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project, `project`, and of the caches that its render left, `cache`."""
    folder = tmp_path_factory.mktemp("first")
    render(folder / "project", folder / "cache")
    return folder


@pytest.fixture(name="home")
def _home(first: Path, tmp_path: Path) -> Path:
    """Such a folder for caches, for one test."""
    return shutil.copytree(first / "cache", tmp_path / "cache")


@pytest.fixture
def expected(first: Path) -> dict[str, bytes]:
    """What a render writes."""
    return tree(first / "project")


def render(root: Path, home: Path, code: str = RENDER) -> dict[str, bytes]:
    write_spec(root, (SPECS / "small.yaml").read_text(encoding="utf-8"))
    environment = {**os.environ, "XDG_CACHE_HOME": str(home)}
    subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, check=True)
    return tree(root)


def test_templates_are_compiled_once(
    tmp_path: Path, home: Path, expected: dict[str, bytes]
) -> None:
    assert render(tmp_path / "again", home, WITHOUT_COMPILER) == expected


def test_unusable_cache_is_compiled_again(
    tmp_path: Path, home: Path, expected: dict[str, bytes]
) -> None:
    files = sorted(home.rglob("*.cache"))
    assert len(files) > 6
    for number, file in enumerate(files):
        file.write_bytes((b"", b"no code", file.read_bytes()[:40] + b"j2")[number % 3])
    assert render(tmp_path / "again", home) == expected
    assert render(tmp_path / "third", home, WITHOUT_COMPILER) == expected


def test_code_that_others_could_have_written_is_not_run(tmp_path: Path, home: Path) -> None:
    (home / "secretgen").chmod(0o777)
    with pytest.raises(subprocess.CalledProcessError):
        render(tmp_path / "again", home, WITHOUT_COMPILER)


def test_render_works_without_a_cache(tmp_path: Path) -> None:
    home = tmp_path / "cache"
    home.write_text("", encoding="utf-8")
    assert render(tmp_path / "first", home)
