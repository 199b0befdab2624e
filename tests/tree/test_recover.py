"""What a publication left behind is finished or taken away, whoever wrote it."""

import pytest

from secretgen.errors import FileAccessError
from secretgen.tree import Outcome, Recovery, compare, locked_root, read_tree, recover
from secretgen.tree.publish import stage
from tests.tree.test_changes import written
from tests.tree.trees import FOLDERS, leftovers, put, render, snapshot, tree

OPERATION = '{"operations": [{%s, "old": null, "new": "a"}], "units": [], "linked": []}'


def test_a_linked_staging_folder_is_not_followed(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    put(outside, "journal.json", "theirs")
    (root / ".secretgen-publish").symlink_to(outside)
    with pytest.raises(FileAccessError, match=r"^\.secretgen-publish is not a folder$"):
        render(root, tree())
    assert snapshot(outside) == {"journal.json": b"theirs"}


@pytest.mark.parametrize(
    "journal",
    [
        "{",
        "[]",
        "{}",
        OPERATION % '"number": 0, "path": "../x"',
        OPERATION % '"number": "../x", "path": "x"',
        '{"operations": [], "units": [{"number": 0, "path": ".git", "existed": true}]}',
        "[" * 100_000,
    ],
)
def test_foreign_journal(tmp_path, journal):
    put(tmp_path, ".secretgen-publish/journal.json", journal)
    with pytest.raises(FileAccessError) as error:
        render(tmp_path, tree())
    assert error.value.hint
    assert not snapshot(tmp_path)


def test_leftovers_without_a_journal_are_deleted(tmp_path):
    put(tmp_path, ".secretgen-publish/new/0", "half a file")
    with locked_root(tmp_path) as root:
        assert recover(root).outcome is Outcome.DISCARDED
        assert recover(root).outcome is Outcome.NONE
    assert not leftovers(tmp_path)


def test_recovery_keeps_files_changed_since(tmp_path):
    """A publication that was left half done by a power failure, and an edit after it."""
    render(tmp_path, tree(1))
    with locked_root(tmp_path) as root:
        changes = compare(tree(2), read_tree(root, tree(2), FOLDERS))
        journal = stage(root, changes.writes)
        journal.save(root)
        done, edited, *_ = (op for op in journal.operations if op.path.endswith("main.tf"))
        root.rename(done.staged, done.path)
        put(tmp_path, edited.path, "by hand")
        assert recover(root) == Recovery(Outcome.FINISHED)
    assert snapshot(tmp_path) == written(tree(2)) | {edited.path: b"by hand"}
    assert not leftovers(tmp_path)
