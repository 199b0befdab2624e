"""Preparing a publication where nobody looks: new files, second names of old ones, folders."""

from __future__ import annotations

import errno
import posixpath
import stat
from collections.abc import Sequence

from secretgen.errors import FileAccessError
from secretgen.tree.changeset import FileChange
from secretgen.tree.header import digest
from secretgen.tree.journal import STAGE, Journal, Operation, Unit
from secretgen.tree.mirror import folders_within, mirror
from secretgen.tree.paths import parents, shown
from secretgen.tree.root import FILE_MODE, MAX_FILE_BYTES, Root

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def stage(root: Root, changes: Sequence[FileChange]) -> Journal:
    """Fills the staging folder, which does not exist yet, and waits until it is on the disk.

    Args:
        root: the root folder, locked.
        changes: the files to create, update and delete.

    Returns:
        The journal, not yet saved. It has no units where there is one file to change, a file
        in the root itself, or a file system without hard links: files are then changed one
        by one.

    Raises:
        OSError: the disk is full, or the root cannot be written.
        FileAccessError: a file is too large to be kept until its successor is in place.
    """
    root.make_folder(f"{STAGE}/new")
    for name in ("old", "gone", "swap"):
        root.make_folder(f"{STAGE}/{name}")
    root.write(f"{STAGE}/.gitignore", b"*\n")
    operations = tuple(_operation(number, change) for number, change in enumerate(changes))
    for operation, change in zip(operations, changes, strict=True):
        if change.new is not None:
            bits, group = root.sharing(change.path)
            root.write(operation.staged, change.new, FILE_MODE | bits & stat.S_IWGRP, group)
    units: tuple[Unit, ...] = ()
    linked: frozenset[int] = frozenset()
    if _keep_old(root, operations, changes) and len(operations) > 1:
        try:
            units = _units(root, [operation.path for operation in operations])
            linked = frozenset().union(*(_fill(root, unit, operations) for unit in units))
        except OSError as error:
            if error.errno in _DISK_FULL:
                raise
            units, linked = (), frozenset()
    for folder in folders_within(root, STAGE):
        root.sync(folder)
    return Journal(operations, units, linked)


def _operation(number: int, change: FileChange) -> Operation:
    if change.old is not None and len(change.old) > MAX_FILE_BYTES:
        raise FileAccessError(
            f"{shown(change.path)} is too large to be replaced",
            "Move it away and run the command again.",
        )
    return Operation(
        number=number,
        path=change.path,
        old=None if change.old is None else digest(change.old),
        new=None if change.new is None else digest(change.new),
    )


def _keep_old(root: Root, operations: Sequence[Operation], changes: Sequence[FileChange]) -> bool:
    """Keeps what will be replaced, so that it can be put back; tells whether links work."""
    links_work = True
    for operation, change in zip(operations, changes, strict=True):
        if change.old is not None:
            try:
                root.link(operation.path, operation.backup)
            except OSError as error:
                if error.errno in _DISK_FULL:
                    raise
                links_work = False
                found = root.lstat(operation.path)
                mode = stat.S_IMODE(found.st_mode) if found else 0
                root.write(operation.backup, change.old, mode)
    return links_work


def _units(root: Root, paths: Sequence[str]) -> tuple[Unit, ...]:
    """Finds the fewest and smallest folders to exchange, at most one below each top folder."""
    tops: dict[str, list[str]] = {}
    for path in paths:
        if "/" not in path:
            return ()
        tops.setdefault(path.partition("/")[0], []).append(posixpath.dirname(path))
    units = []
    for number, folders in enumerate(tops.values()):
        common = posixpath.commonpath(folders)
        outermost_first = [*reversed(parents(common)), common]
        missing = (folder for folder in outermost_first if root.lstat(folder) is None)
        new = next(missing, None)
        units.append(Unit(number, new or common, existed=new is None))
    return tuple(units)


def _fill(root: Root, unit: Unit, operations: Sequence[Operation]) -> set[int]:
    """Builds the folder that will take the place of a visible one."""
    mine = [operation for operation in operations if unit.holds(operation)]
    linked: set[int] = set()
    if unit.existed:
        linked = mirror(root, unit.path, unit.staged, {operation.path for operation in mine})
    else:
        root.make_folder(unit.staged)
        root.share(unit.staged, *root.sharing(unit.path))
    for operation in mine:
        if operation.new is not None:
            place = unit.inside(operation.path)
            root.make_folder(posixpath.dirname(place))
            root.link(operation.staged, place)
    root.remove_empty([unit.inside(operation.path) for operation in mine], below=unit.staged)
    return linked
