"""Reading the committed tree: what is at the rendered paths, and what else is ours."""

from __future__ import annotations

import posixpath
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from secretgen.errors import FileAccessError
from secretgen.tree.changeset import is_terraform_source
from secretgen.tree.conflicts import found_owner, merged_owner
from secretgen.tree.header import BARE_SUFFIX, MANIFEST, Owned, inspect
from secretgen.tree.manifest import Generated, with_manifests
from secretgen.tree.paths import check_path, check_paths
from secretgen.tree.root import Root, explained
from secretgen.user_files import is_leftover

_HEAD_BYTES = 8 * 1024
"""Holds the first line of any header: a path has at most 4,096 bytes on Linux."""

_MARKER = b"<<<<<<<"
"""How the first line begins when the first lines of the sides differ."""


def read_tree(
    root: Root, rendered: Mapping[str, Generated], folders: Collection[str]
) -> dict[str, bytes]:
    """Reads the files that `compare` needs to know.

    Args:
        root: the root folder.
        rendered: the files as rendered, by path.
        folders: where files of ours may lie that are no longer rendered, such as
            `environments` and `modules/aws-secrets`, or single files; they need not exist.

    Returns:
        By path: the files at the rendered paths, and from the folders every file that begins
        with an ownership header, every JSON file next to a manifest, and the sources of
        Terraform (of those that are not ours only the beginning). Links and folders whose
        name begins with a dot are not entered, and what editors and merge tools leave behind
        is not seen.

    Raises:
        FileAccessError: a path leads out of the root or through a symbolic link, holds
            something else than a file, or cannot be read.
    """
    check_paths(rendered)
    disk: dict[str, bytes] = {}
    for path in with_manifests(rendered):
        with explained("read", path):
            data = root.read(path)
        if data is not None:
            disk[path] = data
    for folder in folders:
        check_path(folder)
        with explained("read", folder):
            for path in _files_within(root, folder):
                if path not in disk:
                    disk.update(_read_if_relevant(root, path))
    return disk


def read_sources(root: Root, folders: Collection[str]) -> dict[str, bytes | None]:
    """Reads every file that Terraform loads as a part of one of some folders.

    Args:
        root: the root folder.
        folders: the folders; they need not exist.

    Returns:
        By path; None for a link and for what cannot be read.
    """
    found: dict[str, bytes | None] = {}
    for folder in folders:
        entries = []
        with suppress(OSError):
            entries = root.entries(folder)
        for name, _ in entries:
            path = posixpath.join(folder, name)
            if is_terraform_source(path) and not is_leftover(name):
                found[path] = None
                with suppress(OSError, FileAccessError):
                    found[path] = root.read(path)
    return found


def other_origins(
    root: Root, rendered: Mapping[str, Generated], disk: Mapping[str, bytes]
) -> set[str]:
    """Finds the specs that are not part of a run, and still have files in the tree.

    Args:
        root: the root folder.
        rendered: the files as rendered, by path.
        disk: the committed files, as `read_tree` found them.

    Returns:
        Those origins of files on disk that are files below the root themselves.
    """
    known = {file.origin for file in rendered.values()}
    owners = (owner_of(path, disk) for path in disk)
    origins = {found.origin for found in owners if found} - known
    return {origin for origin in origins if _exists(root, origin)}


def owner_of(path: str, disk: Mapping[str, bytes]) -> Owned | None:
    """Returns who generated a file, whatever markers a merge has left in it; None for others.

    Args:
        path: the file.
        disk: the committed files, as `read_tree` found them.
    """
    return merged_owner(path, disk, {}) or found_owner(path, disk, {})


def _exists(root: Root, origin: str) -> bool:
    """Returns whether a file of this name exists; the name, from a header, may be any text."""
    try:
        check_path(origin)
    except FileAccessError:
        return False
    try:
        found = root.lstat(origin)
    except FileAccessError:
        return True  # behind a link: what cannot be seen is not taken for gone
    return found is not None and not stat.S_ISDIR(found.st_mode)


def _files_within(root: Root, folder: str) -> Iterator[str]:
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        entries = []
        here = root.lstat(folder)
        if here is not None and stat.S_ISREG(here.st_mode):
            yield folder
            continue
        with suppress(FileNotFoundError, PermissionError):
            entries = root.entries(folder)
        for name, found in entries:
            path = posixpath.join(folder, name)
            if is_leftover(name):
                continue
            if stat.S_ISDIR(found.st_mode):
                waiting.append(path)
            else:
                yield path


def _read_if_relevant(root: Root, path: str) -> dict[str, bytes]:
    head = None
    found = root.lstat(path)
    if found is not None and stat.S_ISREG(found.st_mode):
        with suppress(PermissionError):
            head = root.read(path, _HEAD_BYTES)
    if head is not None and _may_be_ours(root, path, head):
        return {path: root.read(path) or b""}
    # Terraform loads a link or an unreadable file like any other, or fails on it.
    return {path: head or b""} if is_terraform_source(path) else {}


def _may_be_ours(root: Root, path: str, head: bytes) -> bool:
    if inspect(head) is not None or head.startswith(_MARKER):
        return True
    manifest = posixpath.join(posixpath.dirname(path), MANIFEST)
    return path.endswith(BARE_SUFFIX) and root.lstat(manifest) is not None
