"""The user's cache folder, for what takes long to compile: never for anything of a project."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def cache_folder(*names: str) -> Path | None:
    """Makes a folder that is the user's own.

    What is found there is run, so nobody else may be able to write to it.

    Args:
        names: the way to it from secretgen's folder.

    Returns:
        The folder; None where there is no place for one, or it is open to others.
    """
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(base) / "secretgen"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        is_private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o022
        if not (is_private and found.st_uid == os.geteuid()):
            return None
        folder = folder.joinpath(*names)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder
