"""What a render would change in the committed tree, and what Git was to merge there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from secretgen.errors import FileAccessError, UsageError
from secretgen.git import Repository, Unmerged, find_repository
from secretgen.model.layout import DEFAULT_LAYOUT, Layout
from secretgen.project.config import Config
from secretgen.render.atlantis import ATLANTIS
from secretgen.report.drift_report import FileDrift
from secretgen.roundtrip.record import RECORD
from secretgen.scaffold.texts import attributes_text
from secretgen.tree import (
    Action,
    ChangeSet,
    ForeignFile,
    Generated,
    Owned,
    Root,
    State,
    Unless,
    compare,
    find_foreign_files,
    inspect,
    is_within,
    open_root,
    other_origins,
    owner_of,
    read_tree,
    with_manifests,
)

_ATTRIBUTES = ".gitattributes"
_WRITE_ATTRIBUTES = (
    f"Give generated files in {_ATTRIBUTES} the attributes that `secretgen init` writes, and no"
    " others: Git otherwise changes their line ends or puts conflict markers into them."
)
_MAY_BE_MERGED = (State.EDITED, State.FOREIGN, State.CONFLICTED)


def compare_tree(
    root: Root,
    rendered: Mapping[str, Generated],
    folders: Collection[str],
    *,
    force: Collection[str] = (),
    prune: bool = True,
    covers: Callable[[str, str], bool] | None = None,
) -> ChangeSet:
    """Compares what is rendered with the committed files, and with what Git was to merge.

    Args:
        root: the root folder.
        rendered: the files as rendered.
        folders: where files of ours may lie that are no longer rendered.
        force: files and folders that may be written over.
        prune: delete files that no spec renders.
        covers: tells whether a spec that is not part of the run renders a file, both by name;
            None to believe the headers.

    Raises:
        FileAccessError: a file cannot be read; or a merge is in progress and Git cannot be asked
            what it merges.
    """
    disk = read_tree(root, rendered, folders)
    others = other_origins(root, rendered, disk)
    unclaimed = _unclaimed(disk, others, covers) if covers and others else ()
    compared = partial(
        compare, rendered, disk, others=others, force=force, prune=prune, unclaimed=unclaimed
    )
    changes = compared()
    unmerged = _unmerged(root.path, changes)
    return compared(unmerged=unmerged) if unmerged else changes


def _unclaimed(
    disk: Mapping[str, bytes], origins: Collection[str], covers: Callable[[str, str], bool]
) -> set[str]:
    """Finds the files whose header names one of some specs, which does not render them."""
    owners = {path: owner_of(path, disk) for path in disk}
    return {
        path
        for path, found in owners.items()
        if found and found.origin in origins and not covers(found.origin, path)
    }


def foreign_files(
    root: Root,
    rendered: Mapping[str, Generated],
    layout: Layout,
    known: Collection[str],
    others: Collection[str],
) -> tuple[FileDrift, ...]:
    """Finds the files that no spec renders, and that Terraform or Git reads all the same.

    Args:
        root: the root folder.
        rendered: the files as rendered.
        layout: the output folders.
        known: paths of files that drifted.
        others: environment folders of specs that are not part of the run.

    Raises:
        FileAccessError: a file cannot be read.
    """
    wanted = with_manifests(rendered)
    all_foreign = find_foreign_files(root, wanted.keys(), layout.folders, others)
    found = [file for file in all_foreign if file.path not in known]
    if any(file.unless is not Unless.NEVER for file in found):
        repository = find_repository(root.path)
        ignored, tracked = frozenset[str](), frozenset[str]()
        if isinstance(repository, Repository):
            ignored = repository.ignored([s.path for s in found if s.unless is Unless.IGNORED])
            tracked = repository.tracked()
        found = [s for s in found if _counts(s, ignored, tracked)]
    drift = (FileDrift(s.path, State.FOREIGN, note=s.note, advice=s.advice) for s in found)
    return (*drift, *_attributes(root, layout))


def _attributes(root: Root, layout: Layout) -> Iterator[FileDrift]:
    """Compares what Git is told about generated files with what `init` writes."""
    text = (root.read(_ATTRIBUTES) or b"").decode("utf-8", "replace")
    wanted = _lines(attributes_text(layout, ()))
    folders = tuple(f"{folder}/" for folder in layout.folders)
    found = [line for line in _lines(text) if line.lstrip('/"').startswith(folders)]
    if found and found != wanted:
        wrong = next((line for line in found if line not in wanted), None)
        lacking = next((line for line in wanted if line not in found), None)
        note = f"lacks `{lacking}`" if lacking else f"`{wrong or found[0]}` is out of place"
        yield FileDrift(_ATTRIBUTES, State.EDITED, note=note, advice=_WRITE_ATTRIBUTES)


def _lines(attributes: str) -> list[str]:
    lines = (" ".join(line.split()) for line in attributes.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _counts(file: ForeignFile, ignored: Collection[str], tracked: Collection[str]) -> bool:
    match file.unless:
        case Unless.IGNORED:
            return file.path not in ignored
        case Unless.UNTRACKED:
            return any(is_within(path, file.path) for path in tracked)
    return True


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
        raise UsageError(f"--tracked requires Git: {repository.reason.value}", repository.remedy)
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


def owned_folders(config: Config, root: Root, *, is_whole: bool = False) -> set[str]:
    """Returns where files of ours may lie: the project's folders, and those by default.

    What was rendered before the project got folders of its own is an orphan now. The file for
    Atlantis is about all specs, so that a run of some of them does not look at it.
    """
    former = {folder for folder in DEFAULT_LAYOUT.folders if _is_folder(root, folder)}
    return former | set(config.layout.folders) | ({ATLANTIS} if is_whole else set())


def have_outlived_specs(config: Config) -> bool:
    """Returns whether environments are committed that have outlived the last spec.

    When the spec of one exists, the project's settings leave it out: nothing is removed then.
    """
    records = (config.root / config.layout.environments).glob(f"*/{RECORD}")
    with open_root(config.root) as root:
        owners = [_owner(root, record.relative_to(config.root).as_posix()) for record in records]
    return bool(owners) and not any(o and (config.root / o.origin).is_file() for o in owners)


def _owner(root: Root, path: str) -> Owned | None:
    """Returns what generated a file; None for what is none of ours, or no file."""
    with suppress(FileAccessError):
        return inspect(root.read(path) or b"")
    return None


def _is_folder(root: Root, path: str) -> bool:
    with suppress(FileAccessError):
        return root.is_folder(path)
    return False
