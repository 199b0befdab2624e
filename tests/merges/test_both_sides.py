"""What each side of a merge has, and the other side or the resolution has not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.scaffold.texts import attributes_text
from tests.harness.once import made_once
from tests.merges.project import SPEC, Project, spec_text, work_of

RENAMED = "ignore: [{ rule: SG504, of: environment, reason: Renamed }]\n"
MOVED = ["SG504 backend.key", "SG504 environment"]


def text(*names: str, name: str = "production", entries: str = "") -> str:
    """Writes a spec that protects a, m, z and more secrets."""
    secrets = spec_text({secret: {} for secret in sorted({"a", "m", "z", *names})})
    return secrets.replace("environment: production", f"environment: {name}") + entries


@pytest.fixture(scope="session")
def branches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Branches that each change the environment, all of them rendered."""

    def made() -> str:
        project = work_of(tmp_path_factory.mktemp("sides") / "project")
        project.write(".gitattributes", attributes_text(DEFAULT_LAYOUT, []))
        project.write(SPEC, text())
        project.render_and_commit()
        for branch, spec in (
            ("adds", text("b")),
            ("renames", text(name="prd", entries=RENAMED)),
            ("main", text("n")),
        ):
            project.git("checkout", "--quiet", *(["-b", branch] if branch != "main" else ["main"]))
            project.write(SPEC, spec)
            project.render_and_commit()
            if branch == "renames":  # the entry was needed for one render
                project.write(SPEC, text(name="prd"))
                project.render_and_commit()
            project.git("checkout", "--quiet", "main")
        return str(project.folder)

    return Path(made_once(tmp_path_factory, "sides", made))


@pytest.fixture
def project(branches: Path, tmp_path: Path) -> Project:
    """These branches, on `main`."""
    shutil.copytree(branches, tmp_path / "project")
    return Project(tmp_path / "project")


def errors(project: Project) -> list[str]:
    """Renders; returns the rule and the path of each error about a change."""
    rendered = project.secretgen("render", "--format", "json")
    found = json.loads(rendered.out)["diagnostics"]
    refused = [f"{d['rule']} {d['path']}" for d in found if d["severity"] == "error"]
    assert rendered.code == (1 if refused else 0), rendered.err
    return sorted(refused)


@pytest.mark.parametrize(
    ("ours", "theirs", "name", "lost"),
    [
        ("main", "renames", "prd", ["SG501 secrets.n"]),
        ("renames", "main", "prd", ["SG501 secrets.n"]),
        ("renames", "main", "production", ["SG501 secrets.n", *MOVED]),
    ],
)
def test_other_side_renamed_the_environment(
    project: Project, ours: str, theirs: str, name: str, lost: list[str]
) -> None:
    project.git("checkout", "--quiet", ours)
    project.git("merge", theirs, ok=False)
    project.write(SPEC, text(name=name))
    assert errors(project) == lost
    project.write(SPEC, text("n", name=name, entries=RENAMED if name == "production" else ""))
    assert errors(project) == []
    assert errors(project) == []


@pytest.mark.parametrize("resolved", ["", "--ours", "--theirs"])
def test_git_add_keeps_both_sides(project: Project, resolved: str) -> None:
    project.git("merge", "adds", ok=False)
    project.git("checkout", resolved or "--ours", "environments")
    project.git("checkout", "main", "--", "specs")
    project.git("add", "-A")
    assert errors(project) == ["SG501 secrets.b"]
    project.git("checkout", "adds", "--", "specs")
    assert errors(project) == ["SG501 secrets.n"]
    for _ in range(2):
        project.write(SPEC, text("b", "n"))
        assert errors(project) == []
        project.git("add", "-A")
    project.git("commit", "--quiet", "-m", "Merged")
    assert errors(project) == []


def test_change_of_one_side_needs_no_second_entry(project: Project) -> None:
    project.git("checkout", "--quiet", "-b", "removes", "adds")
    for entries in ("changes: [destroy: secrets.z]\n", ""):
        project.write(SPEC, text("b", entries=entries).replace("  z:\n", ""))
        project.render_and_commit()
    project.git("checkout", "--quiet", "-b", "documents", "adds~1")
    project.write("NOTES", "Theirs\n")
    project.commit()
    project.git("checkout", "--quiet", "removes")
    project.git("merge", "--no-commit", "--no-ff", "documents")
    assert errors(project) == []
    project.git("merge", "--abort")
    project.git("checkout", "--quiet", "documents")
    project.git("merge", "--no-commit", "--no-ff", "removes")
    assert errors(project) == []


@pytest.mark.parametrize("how", ["merge --squash", "cherry-pick -n", "stash pop", "apply -3"])
def test_conflict_without_a_merge(project: Project, how: str) -> None:
    if how == "stash pop":
        project.git("checkout", "--quiet", "main~1")
        project.git("checkout", "adds", "--", ".")
        project.git("stash")
        project.git("checkout", "--quiet", "main")
        project.git("stash", "pop", ok=False)
    elif how == "apply -3":
        project.git("diff", "--full-index", "--output=.git/adds.patch", "main~1", "adds")
        project.git("status")  # the times of files are those of the copy
        project.git("apply", "-3", ".git/adds.patch", ok=False)
    else:
        project.git(*how.split(), "adds", ok=False)
    project.git("checkout", "main", "--", "specs")
    assert errors(project) == ["SG501 secrets.b"]
    project.write(SPEC, text("b", "n"))
    assert errors(project) == []
    assert errors(project) == []
