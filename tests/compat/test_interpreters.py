"""Every supported Python, and the lowest versions of all dependencies: `make compat` runs this."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.rendered import PROJECT, tree

pytestmark = [
    pytest.mark.slow(seconds=20),
    pytest.mark.skipif(not os.environ.get("SECRETGEN_COMPAT"), reason="`make compat` runs it"),
]

METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PREFIX = "Programming Language :: Python :: "
PYTHONS = [
    classifier.removeprefix(PREFIX)
    for classifier in METADATA["classifiers"]
    if classifier.startswith(f"{PREFIX}3.")
]


def interpreters(version: str) -> Iterator[Path]:
    """Where a Python may be: on the path, or below pyenv's folder."""
    found = shutil.which(f"python{version}")
    if found:
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python"))


def works(python: Path) -> bool:
    return (
        subprocess.run([python, "-m", "venv", "-h"], capture_output=True, check=False).returncode
        == 0
    )


def lower_bounds() -> list[str]:
    """Each dependency in the lowest version that the project says it takes."""
    bounds = []
    for requirement in map(Requirement, METADATA["dependencies"]):
        (lowest,) = (s.version for s in requirement.specifier if s.operator == ">=")
        bounds.append(f"{requirement.name}=={lowest}")
    return bounds


def assert_renders(python: Path, folder: Path, *pinned: str) -> None:
    """Installs the project for a Python, and lets it render what is committed."""

    def run(*command: str | Path, cwd: Path = folder) -> str:
        result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
        assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
        return result.stdout

    run(python, "-m", "venv", "venv")
    pip = [folder / "venv/bin/python", "-m", "pip", "install", "--quiet"]
    run(*pip, "--disable-pip-version-check", PROJECT, *pinned)
    for name in ("specs", "parts", "environments", "modules"):
        shutil.copytree(PROJECT / name, folder / name)
    before = tree(folder / "environments") | tree(folder / "modules")
    shutil.rmtree(folder / "environments/production")
    secretgen = folder / "venv/bin/secretgen"
    run(secretgen, "render")
    run(secretgen, "check", "--verify", "all")
    assert tree(folder / "environments") | tree(folder / "modules") == before
    for command in ("access", "cost", "diagram", "show", "rules", "schema"):
        assert run(secretgen, command)
    assert "--dry-run" in run(secretgen, "render", "--help")


@pytest.mark.parametrize("version", PYTHONS)
def test_python(version: str, tmp_path: Path) -> None:
    python = next(filter(works, interpreters(version)), None)
    if python is None:
        pytest.skip(f"no Python {version} here")
    assert_renders(python, tmp_path)


def test_lowest_versions(tmp_path: Path) -> None:
    assert_renders(Path(sys.executable), tmp_path, *lower_bounds())
