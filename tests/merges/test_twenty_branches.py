"""Twenty branches of one environment, taken over one by one in any order and by any way."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.scaffold.texts import attributes_text
from tests.merges.project import SECRETS, SPEC, Project, spec_text, work_of

Secrets = dict[str, dict[str, Any]]

BASE: Secrets = {
    f"app/s{number}": {
        "description": f"Secret {number}",
        "readers": ["guest"] if number == 3 else ["app"],
        "deletion_protection": number >= 6,
    }
    for number in range(12)
}
EDITED_BY_HAND = "by-hand"
WAYS = ("merge", "cherry-pick", "rebase")


def _added(number: int) -> Secrets:
    return {f"app/new{number}": {"description": f"New {number}", "readers": ["app"]}}


def _changed(number: int, field: str, value: Any) -> Secrets:
    name = f"app/s{number}"
    return {name: BASE[name] | {field: value}}


CHANGES: dict[str, Secrets] = {
    **{f"add-{n}": _added(n) for n in range(6)},
    **{f"describe-{n}": _changed(n, "description", f"Changed {n}") for n in (6, 7, 8, 9)},
    **{f"tag-{n}": _changed(n, "tags", {"Team": f"t{n}"}) for n in (9, 10, 11)},
    **{f"remove-{n}": {f"app/s{n}": {}} for n in (0, 1)},
    **{f"rename-{n}": {f"app/s{n}": {}, f"app/t{n}": BASE[f"app/s{n}"]} for n in (2, 4)},
    "guest-reads-nothing": _changed(3, "readers", ["app"]),
    "guest-reads-more": _changed(10, "readers", ["app", "guest"]),
    EDITED_BY_HAND: {},
}
"""What each branch changes, by its name: secrets with their fields, none for one that leaves."""


def applied(changes: list[str]) -> Secrets:
    """The secrets after some branches, in the order of the spec."""
    secrets: Secrets = {name: dict(fields) for name, fields in BASE.items()}
    for change in changes:
        for name, fields in CHANGES[change].items():
            known = secrets.get(name, {})
            differing = {k: v for k, v in fields.items() if BASE.get(name, {}).get(k) != v}
            secrets[name] = {**known, **differing} if fields else {}
    return {name: fields for name, fields in sorted(secrets.items()) if fields}


@pytest.fixture(scope="module")
def branches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with all branches, each rendered and committed."""
    project = work_of(tmp_path_factory.mktemp("branches") / "project")
    project.write(SPEC, spec_text(BASE))
    project.render_and_commit()
    for name in CHANGES:
        project.git("checkout", "--quiet", "-b", name, "main")
        project.write(SPEC, spec_text(applied([name])))
        project.render_and_commit(name)
    edit_by_hand(project)
    project.git("commit", "--quiet", "--all", "--amend", "--message", EDITED_BY_HAND)
    project.git("checkout", "--quiet", "main")
    return project.folder


def edit_by_hand(project: Project) -> None:
    """Edits a rendered file, and not its spec."""
    project.edit(SECRETS, '"Secret 11"', '"Urgent"')


@pytest.mark.slow(seconds=60)
@settings(max_examples=2)
@given(
    order=st.permutations(sorted(CHANGES)),
    ways=st.lists(st.sampled_from(WAYS), min_size=20, max_size=20),
)
def test_each_scenario_ends_in_sync(branches: Path, order: list[str], ways: list[str]) -> None:
    """Half of them as Git merges by itself, half with the attributes that `init` writes."""
    assert len(CHANGES) == 20
    with TemporaryDirectory() as folder:
        project = Project(Path(folder) / "project")
        shutil.copytree(branches, project.folder)
        for number, (branch, way) in enumerate(zip(order, ways, strict=True)):
            if number == len(order) // 2:
                project.write(".gitattributes", attributes_text(DEFAULT_LAYOUT, ["s.json"]))
                project.commit("Attributes")
            taken_over(project, branch, way, applied(order[: number + 1]))


def taken_over(project: Project, branch: str, way: str, secrets: Secrets) -> None:
    """Takes a branch over, resolves what conflicts in the spec, and renders."""
    if way == "rebase":
        project.git("checkout", "--quiet", branch)
    run = project.run(*{"rebase": ("rebase", "main")}.get(way, (way, branch)))
    is_done = run.returncode == 0
    if "<<<<<<<" in project.read(SPEC):
        checked = project.secretgen("check")
        assert (checked.code, "SG014" in checked.out) == (1, True)
        assert "<<<<<<< " in checked.out, "markers are no secrets"
        project.write(SPEC, spec_text(secrets))
    before = tree(project)
    checked = project.secretgen("check")
    rendered = project.secretgen("render")
    if branch == EDITED_BY_HAND:
        assert (checked.code, rendered.code) == (3, 3)
        assert f"edited  {SECRETS}" in checked.out
        assert tree(project) == before, "nothing is lost"
        rendered = project.secretgen("render", "--force", SECRETS)
    assert rendered.code == 0, rendered.out + rendered.err
    if branch != EDITED_BY_HAND:
        assert (checked.code == 0) == (tree(project) == before), "never falsely green"
    if not is_done:
        conflicted = [line for line in checked.out.splitlines() if line.startswith("conflicted")]
        assert len(conflicted) <= 1, "all in one line"
        assert not re.search(r"^[+-]{3} ", checked.out, re.MULTILINE) or branch == EDITED_BY_HAND
    project.git("add", "--all")
    assert project.secretgen("check").code == 0
    assert not project.git("ls-files", "--unmerged")
    if is_done:
        project.git("commit", "--quiet", "--allow-empty", "--message", f"Render {branch}")
    elif way == "merge":
        project.git("commit", "--quiet", "--no-edit")
    else:
        done = project.run(way, "--continue")
        if done.returncode:  # nothing of it is left
            project.git(way, "--skip")
    if way == "rebase":
        project.git("checkout", "--quiet", "-B", "main")
    assert not project.git("status", "--porcelain")
    committed = re.findall(r'^  name += "(.+)"$', project.read(SECRETS), re.MULTILINE)
    assert set(committed) == set(secrets)


def tree(project: Project) -> dict[str, bytes]:
    """The files of the work tree."""
    folders = (p for p in project.folder.iterdir() if p.is_dir() and p.name != ".git")
    files = (*project.folder.iterdir(), *(p for folder in folders for p in folder.rglob("*")))
    return {str(p.relative_to(project.folder)): p.read_bytes() for p in files if p.is_file()}
