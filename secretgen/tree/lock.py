"""One render at a time: a lock on the root folder itself.

The lock (flock(2)) is on the open folder, not on a file in it: nothing has to be created,
nothing is left behind, and the kernel drops it when its owner ends, however that happens.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from secretgen.errors import FileAccessError
from secretgen.tree.paths import shown
from secretgen.tree.root import Root, open_root

WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.02


@contextmanager
def locked_root(
    path: Path, *, shared: bool = False, wait_seconds: float = WAIT_SECONDS
) -> Iterator[Root]:
    """Opens the root folder and keeps renders of other processes out of it.

    Args:
        path: the root folder.
        shared: for commands that only read: keeps renders out, but not other readers, and
            does without where the file system has no locks.
        wait_seconds: how long to wait for a render that is at work.

    Raises:
        FileAccessError: the folder cannot be opened or locked, or another render held it
            for longer than `wait_seconds`.
    """
    with open_root(path) as root:
        try:
            _lock(root.fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait_seconds)
        except BlockingIOError:
            raise FileAccessError(
                f"another render is running in {shown(str(path))}",
                "Wait for it to end and run the command again.",
            ) from None
        except OSError as error:
            if not shared:
                raise FileAccessError(
                    f"cannot lock {shown(str(path))}: {error.strerror}",
                    "Render on a file system that can lock folders, such as a local disk.",
                ) from error
        yield root


def _lock(fd: int, mode: int, wait_seconds: float) -> None:
    end = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(fd, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise
        else:
            return
        time.sleep(_POLL_SECONDS)
