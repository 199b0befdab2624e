"""The work tree that a folder lies in, found without the git command."""

from __future__ import annotations

from pathlib import Path

_OPERATIONS = (
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "REBASE_HEAD",
    "rebase-merge",
    "rebase-apply",
)


def work_tree_top(folder: Path) -> Path | None:
    """Returns the top of the Git work tree that a folder lies in; None when it lies in none.

    Args:
        folder: an absolute path.
    """
    return next((f for f in (folder, *folder.parents) if (f / ".git").exists()), None)


def has_operation_in_progress(top: Path) -> bool:
    """Returns whether a merge, rebase, cherry-pick or revert has stopped half-way.

    Args:
        top: the top of a work tree.

    Raises:
        OSError: its `.git` cannot be read.
    """
    git_dir = top / ".git"
    if git_dir.is_file():  # a linked work tree or a submodule
        named = git_dir.read_text("utf-8", "surrogateescape").removeprefix("gitdir:").strip()
        git_dir = top / named
    return any((git_dir / name).exists() for name in _OPERATIONS)
