"""A folder that tests change in turn: it is put back, which takes less than a copy for each."""

import os
import stat
from contextlib import suppress
from pathlib import Path


class Restored:
    """A folder and what is in it.

    Args:
        folder: the folder, as it is put back.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._before = _entries(folder)

    def restore(self) -> None:
        """Puts it back: content, modes and links; removes what was added."""
        for path, entry in self._before.items():  # or some could not be read
            with suppress(FileNotFoundError, NotADirectoryError):
                entry.allow(os.path.join(self.folder, path))  # noqa: PTH118 -- see `_Entry`
        now = _entries(self.folder)
        changed = {path for path, entry in now.items() if self._before.get(path) != entry}
        for path in sorted(changed, reverse=True):  # what is in a folder goes before the folder
            file = self.folder / path
            if not now[path].is_folder:
                file.unlink()
            elif path not in self._before or not self._before[path].is_folder:
                file.rmdir()
        for path in sorted(changed | (self._before.keys() - now.keys())):
            if path in self._before:
                self._before[path].write(self.folder / path)


class _Entry:
    """What stands at a path, without a look into a folder.

    Of thousands of files: `Path` would take twice as long as all that the system does.
    """

    def __init__(self, path: str) -> None:
        self.mode = os.lstat(path).st_mode
        self.is_folder = stat.S_ISDIR(self.mode)
        self._target = os.readlink(path) if stat.S_ISLNK(self.mode) else ""  # noqa: PTH115
        self._data = b""
        if stat.S_ISREG(self.mode):
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123
                self._data = file.read()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Entry) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def allow(self, path: str) -> None:
        """Gives what stands there the mode, if it is of the same kind."""
        mode = os.lstat(path).st_mode
        if mode != self.mode and stat.S_IFMT(mode) == stat.S_IFMT(self.mode):
            Path(path).chmod(stat.S_IMODE(self.mode))

    def write(self, path: Path) -> None:
        """Writes the same there."""
        if self._target:
            path.symlink_to(self._target)
            return
        if self.is_folder:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(self._data)
        path.chmod(stat.S_IMODE(self.mode))


def _entries(folder: Path) -> dict[str, _Entry]:
    top = str(folder)
    found = {}
    for place, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = os.path.join(place, name)  # noqa: PTH118
            found[path[len(top) + 1 :]] = _Entry(path)
    return found
