"""Templates are compiled once, and whatever lies in the cache does no harm."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rendered import SPECS, tree, write_spec

RENDER = "import sys; from secretgen.cli import run; sys.exit(run(['render']))"
WITHOUT_COMPILER = f"import jinja2.environment; jinja2.environment.generate = None; {RENDER}"


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    """A folder for caches that holds what a render leaves there."""
    home = tmp_path / "cache"
    render(tmp_path / "first", home)
    return home


def render(root: Path, home: Path, code: str = RENDER) -> dict[str, bytes]:
    write_spec(root, (SPECS / "small.yaml").read_text(encoding="utf-8"))
    environment = {**os.environ, "XDG_CACHE_HOME": str(home)}
    subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, check=True)
    return tree(root)


def test_templates_are_compiled_once(tmp_path: Path, home: Path) -> None:
    assert render(tmp_path / "again", home, WITHOUT_COMPILER) == tree(tmp_path / "first")


@pytest.mark.parametrize("data", [b"", b"no code", b"j2"])
def test_unusable_cache_is_compiled_again(tmp_path: Path, home: Path, data: bytes) -> None:
    for file in home.rglob("*.cache"):
        file.write_bytes(file.read_bytes()[:40] + data if data == b"j2" else data)
    assert render(tmp_path / "again", home) == tree(tmp_path / "first")
    assert render(tmp_path / "third", home, WITHOUT_COMPILER) == tree(tmp_path / "first")


def test_code_that_others_could_have_written_is_not_run(tmp_path: Path, home: Path) -> None:
    (home / "secretgen").chmod(0o777)
    with pytest.raises(subprocess.CalledProcessError):
        render(tmp_path / "again", home, WITHOUT_COMPILER)


def test_render_works_without_a_cache(tmp_path: Path) -> None:
    home = tmp_path / "cache"
    home.write_text("", encoding="utf-8")
    assert render(tmp_path / "first", home)
