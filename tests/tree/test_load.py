import os
import socket

import pytest

from secretgen.errors import FileAccessError
from secretgen.tree import State, locked_root, read_tree
from secretgen.tree.manifest import sealed
from tests.tree.trees import FOLDERS, MAIN, committed, hcl, put, render, snapshot, tree


def test_no_committed_environment(tmp_path):
    assert {file.state for file in committed(tmp_path, tree()).files} == {State.MISSING}
    assert not snapshot(tmp_path)


def test_files_read_from_a_folder(tmp_path):
    render(tmp_path, tree())
    ours = set(snapshot(tmp_path))
    orphan = sealed("x.tf", hcl("left behind")).decode()
    put(tmp_path, "environments/gone/consumers/app/main.tf", orphan)
    put(tmp_path, "environments/legacy/main.tf", "theirs")
    put(tmp_path, "environments/production/.terraform/modules/m/main.tf", orphan)
    put(tmp_path, "environments/production/notes.md", "theirs")
    put(tmp_path, "modules/other/main.tf", orphan)
    with locked_root(tmp_path, shared=True) as root:
        read = set(read_tree(root, tree(), FOLDERS))
    assert read - ours == {
        "environments/gone/consumers/app/main.tf",
        "environments/legacy/main.tf",
    }
    assert ours <= read


@pytest.mark.parametrize("make", ["symlink", "folder", "fifo", "socket"])
def test_rendered_path_that_is_not_a_file(tmp_path, monkeypatch, make):
    (tmp_path / MAIN).parent.mkdir(parents=True)
    if make == "symlink":
        (tmp_path / MAIN).symlink_to("/etc/passwd")
    elif make == "folder":
        (tmp_path / MAIN).mkdir()
    elif make == "fifo":
        os.mkfifo(tmp_path / MAIN)
    else:
        bound = socket.socket(socket.AF_UNIX)
        monkeypatch.chdir(tmp_path / "environments")
        bound.bind("production/secrets.tf")
        bound.close()
    with pytest.raises(FileAccessError, match=f"^{MAIN} is a .*, not a file$") as error:
        render(tmp_path, tree())
    assert error.value.hint


@pytest.mark.parametrize("link", ["environments", "environments/production", "modules/aws-secrets"])
@pytest.mark.parametrize("inside", [True, False])
def test_no_folder_is_entered_through_a_link(tmp_path, link, inside):
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    target = root / "elsewhere" if inside else outside
    target.mkdir(parents=True)
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    (root / link).symlink_to(target)
    before = snapshot(tmp_path)
    with pytest.raises(FileAccessError, match=f"^{link} is a symbolic link, not a folder$"):
        render(root, tree())
    assert snapshot(tmp_path) == before


def test_broken_and_circular_links_are_ignored(tmp_path):
    render(tmp_path, tree())
    home = tmp_path / "environments/production"
    (home / "loop").symlink_to(".")
    (home / "nowhere.md").symlink_to("/nonexistent")
    (home / "linked.tf").symlink_to("/etc/passwd")
    os.mkfifo(home / "pipe.tf")
    drift = committed(tmp_path, tree()).drift
    assert [(file.path, file.state, file.old) for file in drift] == [
        ("environments/production/linked.tf", State.FOREIGN, b""),
        ("environments/production/pipe.tf", State.FOREIGN, b""),
    ]


def test_file_in_place_of_an_output_folder(tmp_path):
    put(tmp_path, "environments", "a file")
    with pytest.raises(FileAccessError, match=r"^environments is a file, not a folder$"):
        render(tmp_path, tree())


def test_reading_writes_nothing(tmp_path):
    render(tmp_path, tree())
    before = {path: path.lstat().st_mtime_ns for path in [tmp_path, *tmp_path.rglob("*")]}
    committed(tmp_path, tree(2))
    assert {path: path.lstat().st_mtime_ns for path in [tmp_path, *tmp_path.rglob("*")]} == before


def test_a_root_that_does_not_exist(tmp_path):
    with pytest.raises(FileAccessError, match=r"^cannot read .*: No such file or directory$"):
        render(tmp_path / "missing", tree())
