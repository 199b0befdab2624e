"""Modes and groups of new files and folders, as far as the file system has them."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

_UNSUPPORTED = frozenset({errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


def sharing(folder: os.stat_result) -> tuple[int, int | None]:
    """Returns how a folder is shared: bits of its mode, and its group.

    The bits are those of a folder that a group may write to and that gives its group to what
    is in it (setgid); the group is None for a folder that does not.
    """
    has_group = bool(folder.st_mode & stat.S_ISGID)
    return folder.st_mode & (stat.S_ISGID | stat.S_IWGRP), folder.st_gid if has_group else None


def own(fd: int, mode: int, group: int | None) -> None:
    """Sets group and mode, in this order: to change the group takes setgid away."""
    with where_supported():
        if group is not None and group != os.fstat(fd).st_gid:
            os.fchown(fd, -1, group)
    with where_supported():
        os.fchmod(fd, mode)


@contextmanager
def where_supported() -> Iterator[None]:
    """Does without what a mounted file system refuses, such as modes on SMB or fsync on FUSE."""
    try:
        yield
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
