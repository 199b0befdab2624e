"""What is published: a wheel and an sdist that work without the checkout, by themselves."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
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
    result = subprocess.run(
        command, cwd=cwd, env=OUTSIDE, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
    return result.stdout


@dataclass(frozen=True)
class Built:
    """What is built.

    Args:
        checkout: what is committed or is going to be, without what was built from it.
        sdist: built from the checkout.
        wheel: built from the sdist.
        direct: the wheel built from the checkout.
    """

    checkout: Path
    sdist: Path
    wheel: Path
    direct: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """What is built, once for all processes that run tests."""
    folder = made_once(tmp_path_factory, "built", lambda: _build(tmp_path_factory.mktemp("build")))
    (sdist,) = Path(folder, "direct").glob("*.tar.gz")
    wheel, direct = (next(Path(folder, name).glob("*.whl")) for name in ("wheel", "direct"))
    return Built(Path(folder, "checkout"), sdist, wheel, direct)


def _build(folder: Path) -> str:
    checkout, unpacked, direct = folder / "checkout", folder / "unpacked", folder / "direct"
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in run(*listed, cwd=PROJECT).splitlines():
        if (PROJECT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, checkout / name)
    build = (sys.executable, "-m", "hatchling", "build")
    run(*build, "-t", "sdist", "-t", "wheel", "-d", direct, cwd=checkout)
    (sdist,) = direct.glob("*.tar.gz")
    unpacked.mkdir()
    run("tar", "-xzf", sdist, cwd=unpacked)
    run(*build, "-t", "wheel", "-d", folder / "wheel", cwd=next(unpacked.iterdir()))
    return str(folder)


def test_sdist_contains_files_used_by_tests_and_pages(built: Built) -> None:
    with tarfile.open(built.sdist) as file:
        found = {name.partition("/")[2] for name in file.getnames()}
    files = (path for path in built.checkout.rglob("*") if path.is_file())
    listed = {path.relative_to(built.checkout).as_posix() for path in files}
    assert listed - found == {".ci/run", ".gitattributes", ".pre-commit-config.yaml"}
    assert found - listed == {"PKG-INFO"}


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_the_sdist_builds_the_same_wheel_as_the_checkout(built: Built) -> None:
    found = contents(built.wheel)
    assert found == contents(built.direct)
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


@pytest.mark.slow(seconds=10)
def test_it_renders_in_an_empty_environment(built: Built, tmp_path: Path) -> None:
    """The action installs the wheel as it would its checkout; it renders what is committed."""
    project = tmp_path / "project"
    for folder in ("specs", "parts"):
        shutil.copytree(built.checkout / folder, project / folder)
    steps = load(built.checkout / "action.yml")["runs"]["steps"]
    python = Path(sys.executable).parent
    given = {"ACTION": str(built.wheel), **from_wheels()}
    installed = run_step(step(steps, "Install"), project, tmp_path, python, **given)
    assert installed.returncode == 0, installed.stderr
    secretgen = tmp_path / "secretgen/bin/secretgen"
    assert run(secretgen, "--version", cwd=project) == f"secretgen {__version__}\n"
    run(secretgen, "render", cwd=project)
    asked = {"SPEC": "", "ROOT": ".", "STRICT": "false"}
    checked = run_step(step(steps, "Check"), project, tmp_path, Path("/"), **asked)
    assert (checked.returncode, checked.stdout) == (0, "")
    for folder in ("environments", "modules"):
        assert tree(project / folder) == tree(built.checkout / folder)
    commands = [
        ["templates", "list"],
        ["templates", "eject", "environment/README.md.j2"],
        ["check", "--templates", "templates"],
        ["explain", "SG305"],
        ["cost"],
        ["diagram"],
    ]
    script = f"from secretgen.cli import run; assert not any(map(run, {commands}))"
    out = run(secretgen.with_name("python"), "-c", script, cwd=project)
    assert "environment/secrets.tf.j2\n" in out
    assert "SG305" in out
