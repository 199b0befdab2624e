"""Hooks, run by pre-commit itself: those that `init` writes, and those of this repository."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.ci.conftest import commit
from tests.ci.support import PROJECT, SPEC, drift
from tests.harness.commands import search_path
from tests.init.conftest import git
from tests.scanners.conftest import scanner
from tests.wheels import from_wheels

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pre-commit")


def pre_commit(
    project: Path, home: Path, *arguments: str, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [scanner("pre-commit"), *arguments],
        cwd=project,
        env={**os.environ, "PATH": search_path(), "PRE_COMMIT_HOME": str(home), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def outcomes(out: str) -> dict[str, str]:
    """What became of each hook."""
    lines = (x.partition("...") for x in out.splitlines() if x.startswith("secretgen "))
    return {name: rest.lstrip(".").removeprefix("(no files to check)") for name, _, rest in lines}


def test_the_hooks_that_init_writes(project: Path, home: Path) -> None:
    assert pre_commit(project, home, "validate-config").returncode == 0
    run = pre_commit(project, home, "run", "--all-files")
    assert outcomes(run.stdout) == {"secretgen validate": "Passed", "secretgen check": "Passed"}
    drift(project)
    git(project, "add", "--all")
    run = pre_commit(project, home, "run")
    assert outcomes(run.stdout) == {"secretgen validate": "Skipped", "secretgen check": "Failed"}
    assert "description" in run.stdout, "it names the attribute"
    git(project, "reset", "--quiet", "--hard")
    (project / "notes.md").write_text("Nothing of ours.\n", encoding="utf-8")
    git(project, "add", "--all")
    assert set(outcomes(pre_commit(project, home, "run").stdout).values()) == {"Skipped"}


def test_the_hooks_of_this_repository(project: Path, home: Path, tmp_path: Path) -> None:
    source = tmp_path / "secretgen"
    git(tmp_path, "clone", "--quiet", str(PROJECT), str(source))
    manifest = (PROJECT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    (source / ".pre-commit-hooks.yaml").write_text(manifest, encoding="utf-8")
    assert pre_commit(source, home, "validate-manifest").returncode == 0
    hooks = ["secretgen-validate", "secretgen-render", "secretgen-check"]
    assert [hook["id"] for hook in yaml.safe_load(manifest)] == hooks
    if git(source, "status", "--porcelain"):
        commit(source)
    revision = git(source, "rev-parse", "HEAD").strip()
    config = {"repo": str(source), "rev": revision, "hooks": [{"id": hook} for hook in hooks]}
    (project / ".pre-commit-config.yaml").write_text(
        yaml.safe_dump({"repos": [config]}), encoding="utf-8"
    )
    run = pre_commit(project, home, "run", "--all-files", **from_wheels())
    assert run.returncode == 0, run.stdout + run.stderr
    assert outcomes(run.stdout) == dict.fromkeys(
        ("secretgen validate", "secretgen render", "secretgen check"), "Passed"
    )
    spec = project / SPEC
    spec.write_text(spec.read_text("utf-8").replace("payment", "shipping"), encoding="utf-8")
    git(project, "add", "--all")
    run = pre_commit(project, home, "run")
    assert outcomes(run.stdout)["secretgen render"] == "Failed", "it changed files"
    git(project, "add", "--all")
    run = pre_commit(project, home, "run")
    assert set(outcomes(run.stdout).values()) == {"Passed"}
