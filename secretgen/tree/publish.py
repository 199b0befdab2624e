"""Publishing a changeset: all of it or nothing, whatever happens meanwhile.

**What a reader sees.** POSIX replaces one file in one step, not several. So the folder that
holds all changed files (`environments/production`, say) is built a second time next to the
tree, out of the new files and of hard links to everything else in it, and then exchanged with
the visible one in a single system call (`RENAME_EXCHANGE`). Before it the tree is the old
one, after it the new one.

Then the folder that was replaced is brought up to date out of sight and exchanged back: the
visible folder is in the end the very one it was. Shells and programs that stand in it stay
where they are, and `.terraform/`, local states and other files that are not ours are never
moved, only linked for a moment. The price: every file in the exchanged folder gets a second
name for that moment, those in `.terraform/` too, at about 0.1 ms each. A single changed file
is simply replaced.

**Where one call is not enough.** A first render and a new version of secretgen change files
in `modules/` and in `environments/`; no kernel exchanges two folders at once. The two calls
are made by a process of its own that outlives this one (`perform_at_once`), so killing
`secretgen`, its process group or its terminal leaves the old tree or the new one. For the
microseconds between the two calls a reader can see one folder new and the other old, unless
it takes the lock (`locked_root(shared=True)`), as `check` does. The state stays only if that
second process is killed in these microseconds as well, or the power fails; the journal then
lets the next render finish. The same goes for all files of a tree where folders cannot be
exchanged (overlayfs, NFS, file systems without hard links, folders owned by another user):
there the files are replaced one by one, by such a process.

**Order.** Stage everything and wait for the disk; verify that the tree still is what the
changeset was worked out from and can be written; save the journal; switch; clear up with the
same code that heals a killed run (`secretgen.tree.recover`). An error at any point goes
through that code, too: it finds the old tree visible and gives the publication up.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Sequence
from contextlib import suppress

from secretgen.errors import FileAccessError
from secretgen.tree.changeset import ChangeSet, FileChange
from secretgen.tree.header import digest
from secretgen.tree.journal import STAGE, Journal, Operation, Unit
from secretgen.tree.mirror import folders_within, mirror
from secretgen.tree.moves import file_steps, folder_steps, perform, perform_at_once
from secretgen.tree.paths import parents, shown
from secretgen.tree.recover import recover
from secretgen.tree.root import FILE_MODE, MAX_FILE_BYTES, Root, explained

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
    """Keeps what will be replaced, so that it can be put back; returns whether links work."""
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


def publish(root: Root, changes: ChangeSet) -> tuple[str, ...]:
    """Writes a changeset to the tree.

    Args:
        root: the root folder, locked and recovered since before the tree was read.
        changes: what to do; nothing in it is refused.

    Returns:
        Files that a user wrote into a folder of ours in the very moment it was replaced
        and that had to be kept elsewhere: almost always none.

    Raises:
        FileAccessError: the tree cannot be written, or was changed since it was read.
        ValueError: the changeset has refused files.
    """
    if changes.refused:
        raise ValueError("a changeset with refused files cannot be published")
    if not changes.writes:
        return ()
    with explained("write", str(root.path)):
        try:
            journal = stage(root, changes.writes)
            _verify(root, changes.writes)
            journal.save(root)
            _switch(root, journal)
        except BaseException:
            recover(root)
            raise
        return recover(root).kept


def _verify(root: Root, changes: Sequence[FileChange]) -> None:
    """Looks for reasons to fail while nothing has happened yet."""
    for change in changes:
        if root.read(change.path) != change.old:
            raise FileAccessError(
                f"{shown(change.path)} was modified during the render",
                "Run the command again.",
            )
    folders = {_existing(root, change.path) for change in changes}
    for folder in sorted(folders):
        with root.folder(folder) as fd:
            if os.fstat(fd).st_dev != os.fstat(root.fd).st_dev:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), folder)
            if not os.access(".", os.W_OK | os.X_OK, dir_fd=fd):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES), folder)


def _existing(root: Root, path: str) -> str:
    """Finds the folder in which something will be created, replaced or removed."""
    return next((folder for folder in parents(path) if root.lstat(folder) is not None), "")


def _switch(root: Root, journal: Journal) -> None:
    if journal.units:
        try:
            perform_at_once(root, folder_steps(journal.units))
        except OSError:
            # The file system does not exchange folders: go the way of a tree without units.
            pass
        else:
            _restore_folders(root, journal)
            return
    for operation in journal.operations:
        if operation.new is not None:
            root.make_folder(posixpath.dirname(operation.path))
    perform_at_once(root, file_steps(journal.operations, lambda path: path))


def _restore_folders(root: Root, journal: Journal) -> None:
    """Brings the replaced folders up to date and makes them the visible ones again.

    The new tree is visible before, meanwhile and after. Where a folder cannot be restored,
    its replacement stays.
    """
    for unit in journal.units:
        if unit.existed:
            with suppress(OSError, FileAccessError):
                root.sync(posixpath.dirname(unit.path))
                _update(root, unit, journal)
                root.exchange(unit.staged, unit.path)


def _update(root: Root, unit: Unit, journal: Journal) -> None:
    mine = [operation for operation in journal.operations if unit.holds(operation)]
    for operation in mine:
        if operation.new is not None:
            root.make_folder(posixpath.dirname(unit.inside(operation.path)))
    perform(root, file_steps(mine, unit.inside))
    for folder in {posixpath.dirname(unit.inside(operation.path)) for operation in mine}:
        root.sync(folder)
