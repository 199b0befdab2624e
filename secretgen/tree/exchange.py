"""Exchanging two names in one step, which POSIX has no call for but its kernels do."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
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
