"""Paths of generated files: relative to the root, POSIX, and always below it."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable

from secretgen.errors import FileAccessError

RESERVED_PREFIX = ".secretgen-"
"""First component of what publishing keeps in the root for itself; version control ignores it."""


def check_path(path: str) -> None:
    """Refuses a path that could lead out of the root or into what is not ours.

    Args:
        path: relative to the root, components separated by `/`.

    Raises:
        FileAccessError: it is empty or absolute, has an empty component, `.` or `..`, a
            control character or text that UTF-8 cannot hold, or leads into `.git` or
            into a folder that publishing reserves for itself.
    """
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise _refused(path, "it must be below the root")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in path):
        raise _refused(path, "it holds a control character or is not Unicode text")
    if any(part.casefold() == ".git" for part in parts):
        raise _refused(path, "generated files cannot be inside .git")
    if parts[0].casefold().startswith(RESERVED_PREFIX):
        raise _refused(path, f"names that begin with {RESERVED_PREFIX} are reserved")


def check_paths(paths: Iterable[str]) -> None:
    """Refuses a set of paths that no file system, or not every one, can hold together.

    Args:
        paths: the paths of one tree.

    Raises:
        FileAccessError: `check_path` refuses one of them, two differ in letter case or
            Unicode form alone, or one is a file and a folder at once.
    """
    seen: dict[str, str] = {}
    for path in sorted(paths):
        check_path(path)
        other = seen.setdefault(_folded(path), path)
        if other != path:
            raise _refused(path, f"some file systems cannot distinguish it from {other!r}")
    for path in seen.values():
        for folder in parents(path):
            if _folded(folder) in seen:
                raise _refused(path, f"{seen[_folded(folder)]!r} is a file, not a folder")


def parents(path: str) -> list[str]:
    """Lists the folders a path lies in, the deepest first, without the root itself."""
    found = []
    folder = posixpath.dirname(path)
    while folder:
        found.append(folder)
        folder = posixpath.dirname(folder)
    return found


def is_within(path: str, folder: str) -> bool:
    """Returns whether a path is `folder` or lies in it; `.` and the empty text are the root."""
    return folder in (".", "", path) or path.startswith(folder.rstrip("/") + "/")


def shown(path: str) -> str:
    """Writes a path for a message: as it is, or quoted where it could not be printed."""
    return path if path.isprintable() else ascii(path)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _refused(path: str, why: str) -> FileAccessError:
    return FileAccessError(f"cannot use {path!a} as the path of a generated file", why)
