"""What is published, whole or not at all, and beside what is not ours."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretgen.errors import FileAccessError
from secretgen.tree import State, compare, locked_root, publish, read_tree
from tests.tree.test_changes import TREES, written
from tests.tree.trees import (
    FOLDERS,
    HOME,
    MAIN,
    REPOSITORY,
    committed,
    hcl,
    leftovers,
    put,
    render,
    snapshot,
    tree,
)


def test_published_tree_has_no_drift(tmp_path):
    for rendered in (tree(1), tree(2, module=2), tree(2, accounts=["new"]), tree(3, accounts=[])):
        assert render(tmp_path, rendered).writes
        assert snapshot(tmp_path) == written(rendered)
        assert not committed(tmp_path, rendered).drift
        assert not render(tmp_path, rendered).writes
        assert not leftovers(tmp_path)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TREES, min_size=1, max_size=3))
def test_any_tree_follows_any_other(tmp_path, trees):
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        root = Path(folder)
        for rendered in trees:
            with locked_root(root) as opened:
                publish(opened, compare(rendered, read_tree(opened, rendered, ["m", "e"])))
            assert snapshot(root) == written(rendered)
            assert not leftovers(root)


def test_unchanged_tree_is_not_touched(tmp_path):
    def writes() -> dict[Path, tuple[int, ...]]:
        """What writing changes, of every file and folder; reading changes the time of access."""
        found = {path: path.lstat() for path in [tmp_path, *tmp_path.rglob("*")]}
        return {
            path: (status.st_ino, status.st_mode, status.st_mtime_ns, status.st_ctime_ns)
            for path, status in found.items()
        }

    render(tmp_path, tree())
    before = writes()
    render(tmp_path, tree())
    assert writes() == before


# Only root gets into the folders that the last one makes.
@pytest.mark.parametrize("umask", [0o000, 0o077, *([0o777] if os.geteuid() == 0 else ())])
def test_modes_do_not_depend_on_the_umask(tmp_path, umask):
    put(tmp_path, "modules/notes.txt", "theirs")
    before = os.umask(umask)
    try:
        render(tmp_path, tree(1))
        (tmp_path / MAIN).chmod(0o400)
        render(tmp_path, tree(2, accounts=["new"]))
    finally:
        os.umask(before)
    for path in [tmp_path / "environments", *(tmp_path / "environments").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644), path


def test_foreign_files_are_neither_moved_nor_changed(tmp_path):
    render(tmp_path, tree(1))
    put(tmp_path, f"{HOME}/terraform.tfvars", "theirs").chmod(0o600)
    put(tmp_path, f"{HOME}/.terraform/providers/aws", "binary").chmod(0o755)
    put(tmp_path, f"{HOME}/consumers/ci/terraform.tfstate", "state")
    put(tmp_path, f"{HOME}/consumers/app/.terraform/modules.json", "{}")
    (tmp_path / HOME / ".terraform/link").symlink_to("/nonexistent")
    (tmp_path / HOME / "empty").mkdir(mode=0o750)
    os.mkfifo(tmp_path / HOME / "pipe")
    (tmp_path / HOME / ".terraform").chmod(0o555)
    foreign = [
        path
        for path in (tmp_path / HOME).rglob("*")
        if not path.name.endswith(("tf", "json", "md", "sum"))
    ]
    keys = ("st_ino", "st_dev", "st_mode", "st_nlink", "st_uid", "st_mtime_ns")

    def facts():
        return {
            path: [
                getattr(path.lstat(), key)
                for key in keys
                if key != "st_mtime_ns" or not path.is_dir()
            ]
            for path in foreign
        }

    before = facts()
    assert len(before) >= 8
    changes = render(tmp_path, tree(2, accounts=["app"]))
    assert f"{HOME}/consumers/ci/main.tf" in {change.path for change in changes.writes}
    assert facts() == before
    assert leftovers(tmp_path) == [str(tmp_path / HOME / "empty")]


def test_working_directory_stays_valid(tmp_path):
    """A shell in `environments/production` must not find itself in a folder that is gone."""
    render(tmp_path, tree(1))
    (tmp_path / "environments/note").write_text("theirs")
    opened = os.open(tmp_path / HOME / "consumers/app", os.O_RDONLY)
    inodes = {path: path.stat().st_ino for path in tmp_path.rglob("*") if path.is_dir()}
    try:
        render(tmp_path, tree(2, module=2, accounts=["app"]))
        file = os.open("main.tf", os.O_RDONLY, dir_fd=opened)
        with os.fdopen(file) as stream:
            assert 'a = "2"' in stream.read()
    finally:
        os.close(opened)
    for path in tmp_path.rglob("*"):
        if path.is_dir():
            assert path.stat().st_ino == inodes[path]


@pytest.mark.parametrize("prune", [True, False])
def test_stale_folders_are_deleted(tmp_path, prune):
    old = tree() | {
        "environments/old/secrets.tf": hcl(1),
        "environments/old/bootstrap/main.tf": hcl(1),
        "environments/other/main.tf": hcl(1, "specs/other.yaml"),
    }
    render(tmp_path, old)
    put(tmp_path, f"{HOME}/consumers/ci/mine.txt", "theirs")
    render(tmp_path, tree(accounts=[]), prune=prune, others=["specs/other.yaml"])
    assert (tmp_path / "environments/old").exists() is not prune
    assert (tmp_path / HOME / "consumers/app").exists() is not prune
    assert (tmp_path / HOME / "consumers/ci/main.tf").exists() is not prune
    assert (tmp_path / HOME / "consumers/ci/mine.txt").exists()
    assert (tmp_path / "environments/other/main.tf").exists()


def test_refused_file_prevents_all_writes(tmp_path):
    render(tmp_path, tree(1))
    with (tmp_path / MAIN).open("a") as file:
        file.write("# by hand\n")
    before = snapshot(tmp_path)
    changes = render(tmp_path, tree(2))
    assert [(change.path, change.state) for change in changes.refused] == [(MAIN, State.EDITED)]
    assert snapshot(tmp_path) == before
    with locked_root(tmp_path) as root, pytest.raises(ValueError, match="refused"):
        publish(root, changes)
    render(tmp_path, tree(2), force=[MAIN])
    assert snapshot(tmp_path) == written(tree(2))


def test_concurrently_changed_file_is_not_overwritten(tmp_path):
    render(tmp_path, tree(1))
    with locked_root(tmp_path) as root:
        changes = compare(tree(2), read_tree(root, tree(2), FOLDERS))
        put(tmp_path, MAIN, "saved in an editor")
        before = snapshot(tmp_path)
        with pytest.raises(FileAccessError, match=f"^{MAIN} was modified during the render$"):
            publish(root, changes)
    assert snapshot(tmp_path) == before
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("link", [MAIN, f"{HOME}/consumers", HOME, "environments"])
def test_a_link_that_appears_after_reading_is_not_followed(tmp_path, link):
    root_path, outside = tmp_path / "root", tmp_path / "outside"
    root_path.mkdir()
    render(root_path, tree(1))
    shutil.copytree(root_path / "environments", outside)
    target = outside / Path(link).relative_to("environments")
    with locked_root(root_path) as root:
        changes = compare(tree(2), read_tree(root, tree(2), FOLDERS))
        place = root_path / link
        place.rename(root_path / "aside")
        place.symlink_to(target)
        before = snapshot(tmp_path)
        with pytest.raises(FileAccessError, match=f"^{link} is a symbolic link, not a "):
            publish(root, changes)
    assert snapshot(tmp_path) == before
    assert not leftovers(root_path)


def test_one_render_waits_for_the_other(tmp_path):
    with locked_root(tmp_path):
        started = time.monotonic()
        with pytest.raises(FileAccessError, match=r"^another render is running in ") as error:
            render(tmp_path, tree(), wait_seconds=0.1)
        assert time.monotonic() - started >= 0.1
        assert error.value.hint
        second = threading.Thread(target=render, args=(tmp_path, tree()))
        second.start()
        time.sleep(0.1)
        assert not snapshot(tmp_path)
    second.join()
    assert snapshot(tmp_path) == written(tree())


def test_readers_wait_for_a_render_but_not_for_each_other(tmp_path):
    with (
        locked_root(tmp_path, shared=True),
        locked_root(tmp_path, shared=True, wait_seconds=0),
        pytest.raises(FileAccessError),
        locked_root(tmp_path, wait_seconds=0),
    ):
        pass
    with (
        locked_root(tmp_path),
        pytest.raises(FileAccessError),
        locked_root(tmp_path, shared=True, wait_seconds=0),
    ):
        pass


def test_concurrent_renders_leave_one_complete_tree(tmp_path):
    script = (
        "import sys; from pathlib import Path; from tests.tree.trees import render, tree\n"
        "for n in range(8): render(Path(sys.argv[1]), tree(sys.argv[2], module=n), wait_seconds=60)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(value)], cwd=REPOSITORY)
        for value in (1, 2, 3)
    ]
    seen = 0
    while any(process.poll() is None for process in running):
        with locked_root(tmp_path, shared=True):
            texts = {
                path.read_bytes().split()[-1] for path in (tmp_path / "environments").rglob("*.tf")
            }
        assert len(texts) <= 1
        seen += len(texts)
        time.sleep(0.005)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert seen
    assert snapshot(tmp_path) in [written(tree(value, module=7)) for value in (1, 2, 3)]
