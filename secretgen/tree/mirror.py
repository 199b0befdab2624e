"""A second view of a folder, made of hard links, and taking one of the two away again.

What is not ours in a folder is in both views without being copied or moved: Terraform's
`.terraform/`, a local state, notes. Only folders are new, they cannot be linked.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Collection

from secretgen.tree.exchange import where_supported
from secretgen.tree.header import digest
from secretgen.tree.journal import Journal, Unit
from secretgen.tree.paths import RESERVED_PREFIX
from secretgen.tree.root import Root

_KEPT = RESERVED_PREFIX + "kept"


def mirror(root: Root, source: str, target: str, leave_out: Collection[str]) -> set[int]:
    """Makes a folder that shows the files of another one.

    Args:
        root: the root folder.
        source: the folder to show.
        target: the empty folder to show it in.
        leave_out: paths of files, below `source`, not to show.

    Returns:
        The inode numbers of the linked files.

    Raises:
        OSError: the file system has no hard links, not between these places, or not for us.
    """
    linked = set()
    waiting = [source]
    while waiting:
        here = waiting.pop()
        there = target + here.removeprefix(source)
        with root.folder(here) as fd, root.folder(there, create=True) as other:
            found = os.fstat(fd)
            if found.st_dev != os.fstat(root.fd).st_dev:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), here)
            # Whatever its mode, we will have to empty it.
            with where_supported():
                os.fchmod(other, stat.S_IMODE(found.st_mode) | stat.S_IRWXU)
            for name, entry in root.entries(here):
                if stat.S_ISDIR(entry.st_mode):
                    waiting.append(posixpath.join(here, name))
                elif posixpath.join(here, name) not in leave_out:
                    os.link(name, name, src_dir_fd=fd, dst_dir_fd=other, follow_symlinks=False)
                    linked.add(os.lstat(name, dir_fd=other).st_ino)
    return linked


def retire(root: Root, unit: Unit, journal: Journal) -> list[str]:
    """Takes away the view of a folder that is not the visible one.

    Nobody should have written to it. If a user did nonetheless (a program may have had it
    open), nothing is lost: a new file goes to the visible folder, unless the file there is
    new as well; then it is kept in a folder `.secretgen-kept-N` of the root.

    Args:
        root: the root folder.
        unit: which folder; its staged half is taken away.
        journal: tells the files known from those that a user wrote.

    Returns:
        The paths of the files that were kept.
    """
    known = {o.path: {o.old, o.new} for o in journal.operations if unit.holds(o)}
    kept = []
    for folder in reversed(folders_within(root, unit.staged)):
        with root.folder(folder) as fd:
            with where_supported():
                os.fchmod(fd, stat.S_IRWXU)
            for name, found in root.entries(folder):
                path = posixpath.join(folder, name)
                visible = unit.path + path.removeprefix(unit.staged)
                if found.st_ino in journal.linked or (
                    visible in known and _digest(root, path, found) in known[visible]
                ):
                    os.unlink(name, dir_fd=fd)
                elif not stat.S_ISDIR(found.st_mode):
                    place = _place_for(root, visible, journal)
                    root.make_folder(posixpath.dirname(place))
                    root.rename(path, place)
                    if place != visible:
                        kept.append(place)
        root.remove_folder(folder)
    return kept


def folders_within(root: Root, folder: str) -> list[str]:
    """Lists a folder and all folders in it, each before those in it; links are not entered."""
    found = [folder]
    for outer in found:
        found += [
            posixpath.join(outer, name)
            for name, entry in root.entries(outer)
            if stat.S_ISDIR(entry.st_mode)
        ]
    return found


def _digest(root: Root, path: str, found: os.stat_result) -> str | None:
    if not stat.S_ISREG(found.st_mode):
        return None
    return digest(root.read(path) or b"")


def _place_for(root: Root, visible: str, journal: Journal) -> str:
    current = root.lstat(visible)
    if current is None or current.st_ino in journal.linked:
        return visible
    number = 1
    while root.lstat(f"{_KEPT}-{number}/{visible}") is not None:
        number += 1
    return f"{_KEPT}-{number}/{visible}"
