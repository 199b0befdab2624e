"""Files and folders that the system does not let us read or write."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.tree.test_changes import written
from tests.tree.trees import HOME, MAIN, REPOSITORY, leftovers, put, render, snapshot, tree

NOBODY = 65534


def in_child(act: str, root: Path) -> str:
    """Runs what the test process must not do to itself; returns the error's summary and hint."""
    # ctypes is imported before the rights to read it are given up.
    program = (
        "import ctypes, os, resource, sys; from pathlib import Path\n"
        "from tests.tree.trees import *\n"
        "from secretgen.errors import FileAccessError\n"
        f"root = Path({str(root)!r})\n"
        f"try:\n    {act}\n"
        "except FileAccessError as error: print(error.summary, error.hint, sep='|')\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, check=False, cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(("limit", "file"), [(10, "new/0"), (150, "new/0"), (1000, "journal.tmp")])
def test_a_file_that_cannot_be_written_whole(tmp_path, limit, file):
    render(tmp_path, tree(1))
    error = in_child(
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); render(root, tree(2))",
        tmp_path,
    )
    assert error.startswith(f"cannot write .secretgen-publish/{file}: File too large|Raise the ")
    assert snapshot(tmp_path) == written(tree(1))
    assert not leftovers(tmp_path)


@pytest.fixture
def shared(tmp_path):
    """A published tree that belongs to somebody without privileges."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        render(root, tree(1))
        for path in [root, *root.rglob("*")]:
            if os.geteuid() == 0:
                os.chown(path, NOBODY, NOBODY)
        yield root


def without_privileges(act: str, root: Path) -> str:
    drop = f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY}); "
    return in_child((drop if os.geteuid() == 0 else "") + act, root)


@pytest.mark.parametrize("folder", [".", HOME, f"{HOME}/consumers/app", "modules/aws-secrets"])
def test_a_folder_that_cannot_be_written(shared, folder):
    before = snapshot(shared)
    (shared / folder).chmod(0o555)
    error = without_privileges("render(root, tree(2, module=2))", shared)
    (shared / folder).chmod(0o755)
    place = ".secretgen-publish" if folder == "." else folder
    assert error == (
        f"cannot write {place}: Permission denied|Grant yourself permission to read and write it."
    )
    assert snapshot(shared) == before
    assert not leftovers(shared)


def test_a_file_that_cannot_be_read(shared):
    (shared / MAIN).chmod(0)
    error = without_privileges("render(root, tree(2))", shared)
    assert error.startswith(f"cannot read {MAIN}: Permission denied|")


def test_a_read_only_file_is_replaced(shared):
    (shared / MAIN).chmod(0o444)
    assert not without_privileges("render(root, tree(2))", shared)
    assert snapshot(shared) == written(tree(2))


def test_foreign_folder_does_not_prevent_publishing(shared):
    """It cannot be seen into, so the folder around it cannot be exchanged."""
    theirs = shared / HOME / ".terraform"
    theirs.mkdir(mode=0o700 if os.geteuid() == 0 else 0)
    assert not without_privileges("render(root, tree(2, accounts=[]))", shared)
    assert theirs.stat()
    theirs.chmod(0o700)
    assert snapshot(shared) == written(tree(2, accounts=[]))
    theirs.rmdir()
    assert not leftovers(shared)


def test_foreign_read_only_folder_is_ignored(shared):
    theirs = put(shared, f"{HOME}/.terraform/module/main.tf", "theirs")
    theirs.parent.chmod(0o555)
    if os.geteuid() == 0:
        for path in (theirs, theirs.parent, theirs.parent.parent):
            os.chown(path, NOBODY, NOBODY)
    assert not without_privileges("render(root, tree(2, module=2))", shared)
    assert stat.S_IMODE(theirs.parent.stat().st_mode) == 0o555
    assert not leftovers(shared)
    theirs.parent.chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can have another group")
@pytest.mark.parametrize("place", [".", "environments"])
def test_shared_group_folder_keeps_its_mode(tmp_path, place):
    render(tmp_path, tree(1, accounts=[]))
    folder = tmp_path / place
    for path in (folder, *folder.rglob("*")):
        os.chown(path, -1, NOBODY)
        path.chmod(0o2775 if path.is_dir() else 0o664)
    before = set(folder.rglob("*"))
    render(tmp_path, tree(2))
    new = set(folder.rglob("*")) - before
    assert any(path.is_dir() for path in new)
    for path in (*before, *new):
        found = path.stat()
        expected = 0o2775 if path.is_dir() else 0o664
        assert (found.st_gid, stat.S_IMODE(found.st_mode)) == (NOBODY, expected), path
    assert not leftovers(tmp_path)


def test_a_file_system_without_modes_and_fsync(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(1, "Operation not permitted")

    for name in ("fchmod", "fchown", "fsync"):
        monkeypatch.setattr(os, name, refuse)
    render(tmp_path, tree(1))
    render(tmp_path, tree(2, accounts=[]))
    assert snapshot(tmp_path) == written(tree(2, accounts=[]))
    assert not leftovers(tmp_path)
