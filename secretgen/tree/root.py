"""File access that cannot leave the root: no symbolic link is followed below it.

Every path is walked one component at a time through descriptors of open folders
(`O_NOFOLLOW`), so that a link that appears while we work is refused as well.
"""

from __future__ import annotations

import errno
import os
import posixpath
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from secretgen.errors import FileAccessError
from secretgen.tree.exchange import own, sharing, where_supported
from secretgen.tree.paths import RESERVED_PREFIX, is_within, parents, shown

FILE_MODE = 0o644
FOLDER_MODE = 0o755
MAX_FILE_BYTES = 64 * 1024 * 1024
"""More is never read of a file: 5,000 secrets render to about 8 MB of HCL."""

_HINTS = {
    errno.ENOSPC: "Free disk space and run the command again.",
    errno.EDQUOT: "Free space in your quota and run the command again.",
    errno.EFBIG: "Raise the limit on file sizes (`ulimit -f`) and run the command again.",
    errno.EACCES: "Grant yourself permission to read and write it.",
    errno.EPERM: "Grant yourself permission to change it (see also `lsattr`).",
    errno.EROFS: "It is on a read-only file system: make that writable, or name another --root.",
    errno.EXDEV: "The whole tree must be on one file system.",
}


class Root:
    """The open root folder. All paths are relative to it, POSIX, `""` being the root itself.

    Methods raise `OSError` for what the operating system refuses, so that callers can choose
    another way, and `FileAccessError` for what nobody should go around: a symbolic link, or a
    thing of another type than a path asks for.

    Args:
        path: where it is, for messages.
        fd: its descriptor; the caller closes it.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self.fd = fd

    @contextmanager
    def folder(self, path: str, *, create: bool = False) -> Iterator[int]:
        """Opens a folder.

        Args:
            path: which one.
            create: make it and its parents where they are missing, with `FOLDER_MODE`.
        """
        fd = self.fd
        names = path.split("/") if path else []
        try:
            for depth, name in enumerate(names, 1):
                place = "/".join(names[:depth])
                try:
                    child = _enter(fd, name, create=create)
                except NotADirectoryError:
                    raise _not_a(place, "folder", os.lstat(name, dir_fd=fd)) from None
                except OSError as error:
                    error.filename = place
                    raise
                self._close(fd)
                fd = child
            yield fd
        finally:
            self._close(fd)

    def _close(self, fd: int) -> None:
        if fd != self.fd:
            os.close(fd)

    @contextmanager
    def _place(self, path: str) -> Iterator[tuple[int, str]]:
        folder, name = posixpath.split(path)
        try:
            with self.folder(folder) as fd:
                yield fd, name
        except OSError as error:
            # Of the two places of a move, the error names the one that the user knows.
            if not path.startswith(RESERVED_PREFIX) or "/" not in str(error.filename):
                error.filename = path
            raise

    def lstat(self, path: str) -> os.stat_result | None:
        """Returns what is at a path itself, links not followed; None when nothing is."""
        with suppress(FileNotFoundError), self._place(path) as (fd, name):
            return os.lstat(name, dir_fd=fd)
        return None

    def entries(self, path: str) -> list[tuple[str, os.stat_result]]:
        """Lists what is in a folder, sorted by name, links not followed."""
        found = []
        with self.folder(path) as fd, os.scandir(fd) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    found.append((entry.name, entry.stat(follow_symlinks=False)))
        return sorted(found, key=lambda item: item[0])

    def read(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes | None:
        """Reads a regular file.

        Args:
            path: which one.
            limit: in bytes.

        Returns:
            Its bytes, or one more than `limit` of a file that is longer; None when there is
            no file.
        """
        with suppress(FileNotFoundError), self._place(path) as (fd, name):
            found = os.lstat(name, dir_fd=fd)
            if not stat.S_ISREG(found.st_mode):
                raise _not_a(path, "file", found)
            # Should a FIFO have taken its place by now, O_NONBLOCK keeps us from waiting for it.
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=fd)
            with os.fdopen(file, "rb") as stream:
                return stream.read(min(limit, found.st_size) + 1)
        return None

    def write(
        self, path: str, data: bytes, mode: int = FILE_MODE, group: int | None = None
    ) -> None:
        """Writes a file that does not exist yet, and waits until it is on the disk.

        Args:
            path: where; its folder exists.
            data: the bytes.
            mode: its permissions, whatever the umask.
            group: id of its group; None for the one that the system chooses.
        """
        with self._place(path) as (fd, name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            file = os.open(name, flags, 0o600, dir_fd=fd)
            with os.fdopen(file, "wb") as stream:
                stream.write(data)
                stream.flush()
                own(stream.fileno(), mode, group)
                with where_supported():
                    os.fsync(stream.fileno())

    def sharing(self, path: str) -> tuple[int, int | None]:
        """Returns how the folder of a new file is shared: bits of its mode, and its group.

        The bits are those of a folder that a group may write to and that gives its group to what
        is in it (setgid); the group is None for a folder that does not.
        """
        folder = next(f for f in (*parents(path), "") if self.is_folder(f))
        with self.folder(folder) as fd:
            return sharing(os.fstat(fd))

    def is_folder(self, path: str) -> bool:
        """Returns whether there is a folder."""
        found = self.lstat(path) if path else os.fstat(self.fd)
        return found is not None and stat.S_ISDIR(found.st_mode)

    def share(self, path: str, bits: int, group: int | None) -> None:
        """Shares a folder like another one, as `sharing` tells."""
        with self.folder(path) as fd:
            own(fd, FOLDER_MODE | bits, group)

    def rename(self, source: str, target: str) -> None:
        """Moves a file or folder; a file at the target is replaced in one step."""
        with self._place(source) as (fd, name), self._place(target) as (other_fd, other):
            os.rename(name, other, src_dir_fd=fd, dst_dir_fd=other_fd)

    def exchange(self, one: str, other: str) -> None:
        """Makes two files or folders change places in one step."""
        from secretgen.tree.exchange import exchange  # noqa: PLC0415 -- loads ctypes

        with self._place(one) as (fd, name), self._place(other) as (other_fd, other_name):
            exchange(fd, name, other_fd, other_name)

    def link(self, source: str, target: str) -> None:
        """Gives a file, or a symbolic link itself, a second name."""
        with self._place(source) as (fd, name), self._place(target) as (other_fd, other):
            os.link(name, other, src_dir_fd=fd, dst_dir_fd=other_fd, follow_symlinks=False)

    def unlink(self, path: str) -> None:
        """Removes a name that is not a folder."""
        with self._place(path) as (fd, name):
            os.unlink(name, dir_fd=fd)

    def make_folder(self, path: str) -> None:
        """Makes a folder and its parents where they are missing."""
        with self.folder(path, create=True):
            pass

    def remove_folder(self, path: str) -> None:
        """Removes an empty folder."""
        with self._place(path) as (fd, name):
            os.rmdir(name, dir_fd=fd)

    def remove_tree(self, path: str) -> None:
        """Removes a folder with everything in it; links in it are removed, not followed."""
        with self._place(path) as (fd, name):
            shutil.rmtree(name, dir_fd=fd)

    def remove_empty(self, paths: list[str], below: str = "") -> None:
        """Removes the folders in which files lie or lay, as far as they are empty.

        Args:
            paths: the files.
            below: the folder that stays, whatever happens.
        """
        folders = {folder for path in paths for folder in parents(path)}
        for folder in sorted(folders, key=lambda folder: (-folder.count("/"), folder)):
            if folder != below and is_within(folder, below):
                # What is not empty, cannot go or is gone already does no harm.
                with suppress(OSError, FileAccessError):
                    self.remove_folder(folder)

    def sync(self, path: str) -> None:
        """Waits until the names in a folder are on the disk."""
        with self.folder(path) as fd, where_supported():
            os.fsync(fd)


@contextmanager
def open_root(path: Path) -> Iterator[Root]:
    """Opens the root folder without a lock, for files that no render writes.

    Raises:
        FileAccessError: it cannot be opened.
    """
    with explained("read", str(path)):
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Root(path, fd)
    finally:
        os.close(fd)


@contextmanager
def explained(doing: str, path: str) -> Iterator[None]:
    """Turns what the operating system refuses into an error for the user.

    Args:
        doing: `read` or `write`.
        path: what it was about, if the error itself does not know better.

    Raises:
        FileAccessError: in place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        place = shown(str(error.filename or path))
        reason = os.strerror(error.errno) if error.errno else str(error)
        hint = _HINTS.get(error.errno or 0, "")
        raise FileAccessError(f"cannot {doing} {place}: {reason}", hint, place) from error


def _enter(fd: int, name: str, *, create: bool) -> int:
    created = False
    if create:
        with suppress(FileExistsError):
            os.mkdir(name, FOLDER_MODE, dir_fd=fd)
            created = True
    # Of a link, Linux says with these flags that it is not a directory, and BSD that it loops.
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        child = os.open(name, flags, dir_fd=fd)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise NotADirectoryError from None
        raise
    if created:
        bits, group = sharing(os.fstat(fd))
        own(child, FOLDER_MODE | bits, group)
    return child


def _not_a(path: str, wanted: str, found: os.stat_result) -> FileAccessError:
    types = (
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISREG, "a file"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
    )
    actual = next((name for test, name in types if test(found.st_mode)), "a device")
    return FileAccessError(
        f"{shown(path)} is {actual}, not a {wanted}",
        "Move it away: generated files are neither read nor written through it.",
    )
