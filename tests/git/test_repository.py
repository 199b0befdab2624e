"""What is asked of Git, in real repositories."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretgen.errors import UsageError
from secretgen.git import Reason, Repository, Unavailable, Unmerged, find_repository
from secretgen.git.command import has_operation_in_progress
from tests.git.repositories import Work, work_in

ODD = 'env/odd "\\ ü\n\t*?[x].tf'


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A repository with one commit, whose project is in a folder."""
    work = work_in(tmp_path / "work")
    work.write("project/env/a.tf", "one\n")
    work.write(f"project/{ODD}", "odd\n")
    work.write("elsewhere.tf", "no\n")
    (work.folder / "project/env/link.tf").symlink_to("a.tf")
    work.commit()
    return work


def repository(work: Work) -> Repository:
    found = find_repository(work.folder / "project")
    assert isinstance(found, Repository)
    return found


def test_a_project_in_a_folder_of_a_repository(work: Work) -> None:
    found = repository(work)
    assert (found.top, found.is_shallow) == (work.folder, False)
    assert found.files("HEAD") == {"env/a.tf": b"one\n", ODD: b"odd\n"}
    assert found.files("HEAD", "env/a.tf") == {"env/a.tf": b"one\n"}
    assert (found.read("HEAD", ODD), found.read("HEAD", "env/*.tf")) == (b"odd\n", None)
    assert found.tracked() == {"env/a.tf", ODD, "env/link.tf"}
    assert (found.commit("HEAD"), found.commit("nothing"), found.commit("--all")) == (
        work.git("rev-parse", "HEAD"), None, None,
    )  # fmt: skip
    with pytest.raises(UsageError, match="not a Git revision"):
        found.read("nothing", "specs")


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_repository(tmp_path) == Unavailable(Reason.NO_REPOSITORY)
    work_in(tmp_path)
    assert isinstance(find_repository(tmp_path), Repository)
    assert find_repository(tmp_path / ".git") == Unavailable(Reason.NO_REPOSITORY)
    (tmp_path / ".git/MERGE_HEAD").write_text("0" * 40, encoding="ascii")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_repository(tmp_path) == Unavailable(Reason.NOT_INSTALLED, "Install Git.", True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_merge_that_cannot_be_ruled_out_is_in_progress(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text(f"gitdir: {'x' * 5000}")
    assert has_operation_in_progress(tmp_path)


@pytest.mark.parametrize("in_progress", [True, False])
def test_repository_of_another_owner(
    work: Work, in_progress: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    if in_progress:
        (work.folder / ".git/MERGE_HEAD").write_text("0" * 40, encoding="ascii")
    for path in (work.folder, work.folder / ".git"):
        os.chown(path, 12345, 12345)
    remedy = f"git config --global --add safe.directory {work.folder}"
    found = find_repository(work.folder / "project")
    assert found == Unavailable(Reason.UNTRUSTED, remedy, in_progress)


def test_variables_of_a_hook_name_another_repository(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = work_in(tmp_path / "other")
    other.write("x", "x")
    other.commit()
    for name, value in {
        "GIT_DIR": other.folder / ".git",
        "GIT_WORK_TREE": other.folder,
        "GIT_INDEX_FILE": other.folder / ".git/index",
        "GIT_PREFIX": "x/",
        "GIT_TRACE": "1",
    }.items():
        monkeypatch.setenv(name, str(value))
    found = repository(work)
    assert found.top == work.folder
    assert "env/a.tf" in found.tracked()
    assert "env/a.tf" in found.files("HEAD")


def test_hook_uses_the_index_of_the_commit(work: Work) -> None:
    work.write("project/env/new.tf", "new\n")
    work.write(
        ".git/hooks/pre-commit",
        f"#!{sys.executable}\n"
        "from pathlib import Path\n"
        "from secretgen.git import find_repository\n"
        "print(sorted(find_repository(Path('project').resolve()).tracked()))\n",
    )
    (work.folder / ".git/hooks/pre-commit").chmod(0o755)
    assert "env/new.tf" not in work.run("commit", "--all", "--allow-empty", "-m", "x").stderr
    work.git("add", "project/env/new.tf")
    work.write("project/env/a.tf", "two\n")
    run = work.run("commit", "-m", "x", "project/env/a.tf")
    assert "env/a.tf" in run.stdout + run.stderr
    assert "env/new.tf" not in run.stdout + run.stderr


@pytest.fixture
def diverged(work: Work) -> Work:
    """Two branches, of which each has changed the same file."""
    work.git("checkout", "--quiet", "-b", "topic")
    work.write("project/env/a.tf", "theirs\n")
    (work.folder / f"project/{ODD}").unlink()
    work.commit("Topic")
    work.git("checkout", "--quiet", "main")
    work.write("project/env/a.tf", "ours\n")
    work.write(f"project/{ODD}", "changed\n")
    work.commit("Main")
    return work


@pytest.mark.parametrize("command", ["merge", "rebase", "cherry-pick"])
def test_both_sides_of_a_merge(diverged: Work, command: str) -> None:
    main, topic = (diverged.git("rev-parse", name) for name in ("main", "topic"))
    base = diverged.git("merge-base", "main", "topic")
    assert repository(diverged).merge_base("topic") == base
    assert repository(diverged).other_heads() == ()
    diverged.git(command, "topic", ok=False)
    found = repository(diverged)
    assert found.commit("HEAD") == (topic if command == "rebase" else main)
    assert found.other_heads() == ((main,) if command == "rebase" else (topic,))
    sides = [b"ours\n", b"theirs\n"]
    odd: list[bytes | None] = [b"changed\n", None]
    assert found.unmerged() == {
        "env/a.tf": Unmerged(b"one\n", *(sides[::-1] if command == "rebase" else sides)),
        ODD: Unmerged(b"odd\n", *(odd[::-1] if command == "rebase" else odd)),
    }
    diverged.git(command, "--abort")
    assert (repository(diverged).other_heads(), repository(diverged).unmerged()) == ((), {})


def test_the_other_side_of_a_revert_is_what_was_before(diverged: Work) -> None:
    before = diverged.git("rev-parse", "HEAD~1")
    reverted = diverged.git("rev-parse", "HEAD")
    diverged.write("project/env/a.tf", "later\n")
    diverged.commit()
    diverged.git("revert", "--no-edit", reverted, ok=False)
    found = repository(diverged)
    assert found.other_heads() == (before,)
    assert found.unmerged()["env/a.tf"] == Unmerged(b"ours\n", b"later\n", b"one\n")


def test_octopus_merge_has_several_heads(work: Work) -> None:
    for name in ("one", "two"):
        work.git("checkout", "--quiet", "-b", name, "main")
        work.write(name, name)
        work.commit()
    work.git("checkout", "--quiet", "main")
    work.git("merge", "--no-commit", "--no-ff", "one", "two")
    heads = tuple(work.git("rev-parse", name) for name in ("one", "two"))
    assert repository(work).other_heads() == heads


def test_shallow_clone_error_names_the_fetch_command(diverged: Work, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    url = f"file://{diverged.folder}"
    subprocess.run(["git", "clone", "-q", "--depth", "1", url, clone], check=True)
    found = repository(Work(clone))
    assert found.is_shallow
    with pytest.raises(UsageError, match="not a Git revision") as unknown:
        found.merge_base("origin/topic")
    Work(clone).git("fetch", "-q", "--depth", "1", "origin", "topic:refs/remotes/origin/topic")
    with pytest.raises(UsageError, match="no commit in common") as apart:
        found.merge_base("origin/topic")
    for error in (unknown, apart):
        assert "fetch-depth: 0" in error.value.hint
    Work(clone).git("fetch", "-q", "--unshallow", "origin")
    assert repository(Work(clone)).merge_base("origin/topic") == diverged.git(
        "merge-base", "main", "topic"
    )


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    work = work_in(tmp_path / "work")
    work.write("project/a.tf", "a")
    found = repository(work)
    assert (found.commit("HEAD"), found.tracked(), found.unmerged()) == (None, set(), {})
    with pytest.raises(UsageError, match="not a Git revision") as missing:
        found.read("HEAD", "a.tf")
    assert missing.value.hint == "The repository has no commit yet. Commit first."


@pytest.mark.parametrize(
    ("remote", "revision", "hint"),
    [
        ("", "origin/main", "The repository has no remote `origin`. Name a branch, a tag or"),
        ("", "topic/x", "Name a branch, a tag or a commit that exists."),
        ("origin", "origin", "Name a branch, a tag or a commit that exists."),
        (
            "origin",
            "origin/a/b",
            "Fetch it with `git fetch origin a/b:refs/remotes/origin/a/b`, or",
        ),
        (
            "upstream",
            "upstream/main~2",
            "Fetch it with `git fetch upstream main:refs/remotes/upstream/main`",
        ),
        ("origin", "origin/r@v1", "Fetch it with `git fetch origin r@v1:refs/remotes/origin/r@v1`"),
        ("upstream", "origin/main", "The repository has no remote `origin`. Name a branch, a"),
    ],
)
def test_hint_for_a_missing_revision(remote: str, revision: str, hint: str, tmp_path: Path) -> None:
    work = work_in(tmp_path / "work")
    work.write("project/a.tf", "a")
    work.commit("first")
    if remote:
        work.git("remote", "add", remote, "file:///nowhere")
    assert repository(work).revision_hint(revision).startswith(hint)


def test_a_linked_work_tree(diverged: Work, tmp_path: Path) -> None:
    linked = Work(tmp_path / "linked")
    diverged.git("worktree", "add", "-q", str(linked.folder), "topic")
    linked.git("merge", "main", ok=False)
    assert repository(linked).other_heads() == (diverged.git("rev-parse", "main"),)
    assert repository(diverged).unmerged() == {}
