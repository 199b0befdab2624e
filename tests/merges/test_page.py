"""The page about merging, followed in a real repository, with and without `-merge`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.scaffold.texts import attributes_text
from tests.git.repositories import AUTHOR, OWN_CONFIGURATION
from tests.harness.commands import search_path
from tests.harness.once import made_once
from tests.merges.project import SECRETS, SPEC, Project, spec_text, work_of
from tests.rendered import PROJECT

PAGE = (PROJECT / "docs/how-to/merge-branches.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n.*?^```shell\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
BASE = {f"app/s{n}": {"description": f"Secret {n}"} for n in range(6)}


@pytest.fixture(scope="session")
def diverged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two branches that describe different secrets; the spec merges, what is rendered does not."""

    def diverge() -> str:
        project = work_of(tmp_path_factory.mktemp("page") / "project")
        commit(project, {})
        project.git("checkout", "--quiet", "-b", "topic")
        commit(project, {1: "Topic"})
        project.git("checkout", "--quiet", "main")
        commit(project, {4: "Main"})
        project.git("checkout", "--quiet", "topic")
        return str(project.folder)

    return Path(made_once(tmp_path_factory, "diverged", diverge))


def commit(project: Project, changed: dict[int, str]) -> None:
    changes = {f"app/s{n}": {"description": text} for n, text in changed.items()}
    project.write(SPEC, spec_text({**BASE, **changes}))
    project.render_and_commit()


@pytest.fixture(params=["-merge", "markers"])
def project(request: pytest.FixtureRequest, diverged: Path, tmp_path: Path) -> Project:
    """The branches of one test, on `topic`."""
    project = Project(tmp_path / "project")
    shutil.copytree(diverged, project.folder)
    if request.param == "-merge":
        attributes = attributes_text(DEFAULT_LAYOUT, ["s.json"])
        (project.folder / ".git/info").mkdir(exist_ok=True)
        project.write(".git/info/attributes", attributes)
    return project


@pytest.mark.parametrize("section", ["Merge", "Rebase", "Cherry-pick", "Revert", "Merge queue"])
def test_a_section(section: str, project: Project) -> None:
    if section == "Revert":
        project.write(SPEC, project.read(SPEC).replace("Secret 4", "Later"))
        project.render_and_commit()
    first, *others = SECTIONS[section].splitlines()
    assert first.endswith("# stops with conflicts")
    assert shell(project, first).returncode != 0
    assert SECRETS in project.git("diff", "--name-only", "--diff-filter=U").splitlines()
    (line,) = (
        line
        for line in project.secretgen("check").out.splitlines()
        if line.startswith("conflicted")
    )
    assert "secrets.tf" in line
    for command in others:
        # A process of its own takes half a second; one section has them.
        if command.startswith("secretgen ") and section != "Merge queue":
            assert project.secretgen(*command.split()[1:]).code == 0
            continue
        done = shell(project, command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert project.secretgen("check").code == 0
    assert project.run("status", "--porcelain").stdout == ""
    assert "in progress" not in project.git("status")


def test_an_edit_by_hand_on_one_side_is_not_lost(project: Project) -> None:
    project.edit(SECRETS, '"Secret 2"', '"Urgent"')
    project.git("commit", "--quiet", "--all", "--message", "By hand")
    project.git("merge", "main", ok=False)
    before = project.read(SECRETS)
    refused = project.secretgen("render")
    assert (refused.code, f"refuse  {SECRETS} (edited" in refused.out) == (3, True)
    assert project.read(SECRETS) == before
    assert project.states()[SECRETS] == "edited"


def test_edit_on_the_other_side_is_reported(
    project: Project,
) -> None:
    project.git("checkout", "--quiet", "-b", "by-hand", "main~1")
    project.edit(SECRETS, '"Secret 2"', '"Urgent"')
    project.git("commit", "--quiet", "--all", "--message", "By hand")
    project.git("checkout", "--quiet", "main")
    project.run("merge", "by-hand")
    assert project.states()[SECRETS] == "edited"
    assert project.secretgen("render").code == 3
    assert project.secretgen("render", "--force", SECRETS).code == 0
    project.git("add", "--all")
    assert project.states() == {}


def test_merge_removes_no_protected_secret(project: Project) -> None:
    project.git("checkout", "--quiet", "-b", "without", "main~1")
    project.write(SPEC, spec_text({n: f for n, f in BASE.items() if n != "app/s2"}))
    project.git("commit", "--quiet", "--all", "--message", "Spec alone, as render refuses it")
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "--no-edit", "without")
    before = project.read(SECRETS)
    rendered = project.secretgen("render")
    assert (rendered.code, "SG501" in rendered.out) == (1, True)
    assert project.read(SECRETS) == before
    assert project.secretgen("check").code == 3


def test_rendered_files_are_in_sync_regardless_of_the_index(project: Project) -> None:
    project.git("merge", "main", ok=False)
    first, *_ = project.secretgen("check", "--format", "github").out.splitlines()
    assert f"file={SECRETS},line=1" in first, "README and picture have no meaning of their own"
    assert project.secretgen("render").code == 0
    assert project.git("ls-files", "--unmerged")
    assert project.states() == {}


def test_merge_without_git(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.git("merge", "main", ok=False)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    before = project.read(SECRETS)
    for command in ("render", "check"):
        told = project.secretgen(command)
        assert (told.code, "Git is not installed" in told.err) == (2, True)
    assert project.read(SECRETS) == before


def shell(project: Project, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=project.folder,
        env={**os.environ, **AUTHOR, **OWN_CONFIGURATION, "PATH": search_path()},
        capture_output=True,
        text=True,
        check=False,
    )
