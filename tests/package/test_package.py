"""What is published: a wheel and an sdist that work without the checkout, by themselves."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from secretgen.version import __version__
from tests.ci.support import load, run_step, step
from tests.harness.once import made_once
from tests.rendered import PROJECT, tree
from tests.wheels import from_wheels

pytestmark = pytest.mark.slow(seconds=5)

OUTSIDE = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def run(*command: str | Path, cwd: Path) -> str:
    env = OUTSIDE | from_wheels()
    result = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed or is going to be, without what was built from it."""
    return _built(tmp_path_factory)[0]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist; that one is beside it."""
    return _built(tmp_path_factory)[1]


def _built(factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    checkout, wheel = made_once(factory, "wheel", lambda: _build(factory.mktemp("package")))
    return Path(checkout), Path(wheel)


def _build(folder: Path) -> list[str]:
    copy, built = folder / "secretgen", folder / "dist"
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in run(*listed, cwd=PROJECT).splitlines():
        if (PROJECT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, copy / name)
    run(sys.executable, "-m", "build", "--outdir", built, cwd=copy)
    (wheel,) = built.glob("*.whl")
    return [str(copy), str(wheel)]


# It waits for both to be built; the others, which come later, find them.
@pytest.mark.slow(seconds=15)
def test_sdist_contains_files_used_by_tests_and_pages(checkout: Path, wheel: Path) -> None:
    (sdist,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(sdist) as file:
        found = {name.partition("/")[2] for name in file.getnames()}
    listed = {p.relative_to(checkout).as_posix() for p in checkout.rglob("*") if p.is_file()}
    assert listed - found == {".ci/run", ".gitattributes", ".pre-commit-config.yaml"}
    assert found - listed == {"PKG-INFO"}


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_the_sdist_builds_the_same_wheel_as_the_checkout(
    checkout: Path, wheel: Path, tmp_path: Path
) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, cwd=checkout)
    (direct,) = tmp_path.glob("*.whl")
    found = contents(wheel)
    assert found == contents(direct)
    assert {"secretgen/py.typed", "secretgen/_templates/environment/secrets.tf.j2"} <= found.keys()
    assert not [name for name in found if name.startswith(("tests", "templates"))]
    templates = {p.relative_to(PROJECT / "templates").as_posix(): p.read_bytes()
                 for p in (PROJECT / "templates").rglob("*.*")}  # fmt: skip
    assert {
        name.removeprefix("secretgen/_templates/"): data
        for name, data in found.items()
        if name.startswith("secretgen/_templates/")
    } == templates
    (metadata,) = (data.decode() for name, data in found.items() if name.endswith("/METADATA"))
    for line in (
        f"Version: {__version__}",
        "Requires-Python: >=3.11",
        "License-Expression: Apache-2.0",
    ):
        assert f"\n{line}\n" in metadata


def test_it_renders_in_an_empty_environment(checkout: Path, tmp_path: Path) -> None:
    """The action installs its checkout, which is the wheel; what comes out is what is committed."""
    project = tmp_path / "project"
    for folder in ("specs", "parts"):
        shutil.copytree(checkout / folder, project / folder)
    steps = load(checkout / "action.yml")["runs"]["steps"]
    python = Path(sys.executable).parent
    given = {"ACTION": str(checkout), **from_wheels()}
    installed = run_step(step(steps, "Install"), project, tmp_path, python, **given)
    assert installed.returncode == 0, installed.stderr
    secretgen = tmp_path / "secretgen/bin/secretgen"
    assert run(secretgen, "--version", cwd=project) == f"secretgen {__version__}\n"
    run(secretgen, "render", cwd=project)
    asked = {"SPEC": "", "ROOT": ".", "STRICT": "false"}
    checked = run_step(step(steps, "Check"), project, tmp_path, Path("/"), **asked)
    assert (checked.returncode, checked.stdout) == (0, "")
    for folder in ("environments", "modules"):
        assert tree(project / folder) == tree(checkout / folder)
    assert "environment/secrets.tf.j2\n" in run(secretgen, "templates", "list", cwd=project)
    run(secretgen, "templates", "eject", "environment/README.md.j2", cwd=project)
    run(secretgen, "check", "--templates", "templates", cwd=project)
    assert "SG305" in run(secretgen, "explain", "SG305", cwd=project)
    run(secretgen, "cost", cwd=project)
    run(secretgen, "diagram", cwd=project)
