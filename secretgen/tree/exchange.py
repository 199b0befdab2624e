"""Exchanging two names in one step, which POSIX has no call for but its kernels do."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_EXCHANGE = 2
"""`RENAME_EXCHANGE` of Linux' renameat2(2) and `RENAME_SWAP` of macOS' renameatx_np(2)."""


def exchange(fd: int, name: str, other_fd: int, other: str) -> None:
    """Makes two existing names change places, so that no reader finds either one missing.

    Args:
        fd: the open folder of `name`.
        name: a file or folder in it.
        other_fd: the open folder of `other`, on the same file system.
        other: a file or folder in it.

    Raises:
        OSError: the C library, the kernel or the file system cannot do it (`ENOSYS`,
            `EINVAL`, `EXDEV`), or not with these two.
    """
    call = _system_call()
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), name)
    if call(fd, os.fsencode(name), other_fd, os.fsencode(other), _EXCHANGE):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)


@cache
def _system_call() -> Any:
    library = ctypes.CDLL(None, use_errno=True)
    name = "renameatx_np" if sys.platform == "darwin" else "renameat2"
    call = getattr(library, name, None)
    if call is not None:
        call.argtypes = (
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_uint,
        )
        call.restype = ctypes.c_int
    return call


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
