"""What a render would change in the committed tree, and what Git was to merge there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from secretgen.errors import FileAccessError, UsageError
from secretgen.git import Repository, Unmerged, find_repository
from secretgen.model.layout import Layout
from secretgen.report.drift import FileDrift
from secretgen.tree import (
    Action,
    ChangeSet,
    Generated,
    Root,
    State,
    compare,
    other_origins,
    read_tree,
)

if TYPE_CHECKING:
    from pathlib import Path

_MAY_BE_MERGED = (State.EDITED, State.FOREIGN, State.CONFLICTED)


def compare_tree(
    root: Root,
    rendered: Mapping[str, Generated],
    folders: Collection[str],
    *,
    force: Collection[str] = (),
    prune: bool = True,
) -> ChangeSet:
    """Compares what is rendered with the committed files, and with what Git was to merge.

    Args:
        root: the root folder.
        rendered: the files as rendered.
        folders: where files of ours may lie that are no longer rendered.
        force: files and folders that may be written over.
        prune: delete files that no spec renders.

    Raises:
        FileAccessError: a file cannot be read; or a merge is in progress and Git cannot be asked
            what it merges.
    """
    disk = read_tree(root, rendered, folders)
    spared = other_origins(root, rendered, disk)
    changes = compare(rendered, disk, spared=spared, force=force, prune=prune)
    unmerged = _unmerged(root.path, changes)
    if not unmerged:
        return changes
    return compare(rendered, disk, spared=spared, force=force, prune=prune, unmerged=unmerged)


def left_behind(root: Root, changes: ChangeSet, layout: Layout) -> dict[str, tuple[str, ...]]:
    """Finds what is still in folders of environments that are no longer rendered.

    Args:
        root: the root folder, after the changes.
        changes: what was changed.
        layout: the output folders.

    Returns:
        The names in each such folder: what the user or Terraform has put there.
    """
    depth = layout.environments.count("/") + 2
    gone: set[str] = set()
    kept: set[str] = set()
    for file in changes.files:
        if file.path.startswith(f"{layout.environments}/"):
            folder = "/".join(file.path.split("/")[:depth])
            (gone if file.action is Action.DELETE else kept).add(folder)
    return {
        folder: tuple(name for name, _ in root.entries(folder))
        for folder in sorted(gone - kept)
        if root.is_folder(folder)
    }


def untracked_files(root: Path, changes: ChangeSet) -> tuple[FileDrift, ...]:
    """Finds generated files that are up to date on disk, but not in Git's index.

    Args:
        root: the project root.
        changes: the files as rendered and on disk.

    Raises:
        UsageError: the project is in no Git repository, or Git cannot be asked.
    """
    repository = find_repository(root)
    if not isinstance(repository, Repository):
        raise UsageError(f"--tracked needs Git: {repository.reason.value}", repository.remedy)
    tracked = repository.tracked()
    return tuple(
        FileDrift(file.path, State.MISSING, note="not added to Git", origin=file.origin)
        for file in changes.files
        if file.state is State.IN_SYNC and file.path not in tracked
    )


def _unmerged(root: Path, changes: ChangeSet) -> dict[str, Unmerged]:
    repository = find_repository(root)
    if isinstance(repository, Repository):
        unclear = [file.path for file in changes.drift if file.state in _MAY_BE_MERGED]
        return {**repository.merged(unclear), **repository.unmerged()}
    if repository.in_progress:
        raise FileAccessError(
            f"a merge is in progress, but {repository.reason.value}",
            repository.remedy,
            str(root),
        )
    return {}
