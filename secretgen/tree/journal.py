"""The staging folder, and the journal in it: what a publication is about to do.

    .secretgen-publish/
      .gitignore      keeps what a killed run leaves out of version control
      journal.json    once it is there, the publication is decided
      new/0, 1, …     files to put in place
      old/0, 1, …     second names of the files they replace
      gone/0, 1, …    files that were deleted, until all is done
      swap/0, 1, …    whole folders to exchange with visible ones

Without a journal, nothing in the staging folder is the only copy of anything.
"""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct, to_builtins

from secretgen.errors import FileAccessError
from secretgen.tree.paths import RESERVED_PREFIX, check_path, is_within
from secretgen.tree.root import Root

STAGE = RESERVED_PREFIX + "publish"
_JOURNAL = f"{STAGE}/journal.json"
_UNFINISHED = f"{STAGE}/journal.tmp"


class Operation(Struct, frozen=True):
    """One file to create, update or delete.

    Args:
        number: names its files in the staging folder.
        path: where it is or will be.
        old: SHA-256 of the bytes that were there; None where nothing was.
        new: SHA-256 of the bytes to put there; None to delete the file.
    """

    number: int
    path: str
    old: str | None
    new: str | None

    @property
    def staged(self) -> str:
        """Where the new file waits."""
        return f"{STAGE}/new/{self.number}"

    @property
    def backup(self) -> str:
        """The second name of the old file."""
        return f"{STAGE}/old/{self.number}"

    @property
    def removed(self) -> str:
        """Where the file goes when it is deleted."""
        return f"{STAGE}/gone/{self.number}"


class Unit(Struct, frozen=True):
    """A folder that is replaced as a whole, to change many files in one step.

    Args:
        number: names its replacement in the staging folder.
        path: where it is or will be.
        existed: there is one to exchange with.
    """

    number: int
    path: str
    existed: bool

    @property
    def staged(self) -> str:
        """Where the replacement waits, and after the exchange the folder it replaced."""
        return f"{STAGE}/swap/{self.number}"

    def inside(self, path: str) -> str:
        """Translates a path in the visible folder into one in the staged folder."""
        return self.staged + path.removeprefix(self.path)

    def holds(self, operation: Operation) -> bool:
        """Returns whether a file lies in this folder."""
        return is_within(operation.path, self.path)


class Journal(Struct, frozen=True):
    """All that recovery needs to know.

    Args:
        operations: the files to change.
        units: the folders to exchange.
        linked: inode numbers of the files that visible and staged folders share.
    """

    operations: tuple[Operation, ...]
    units: tuple[Unit, ...]
    linked: frozenset[int]

    def save(self, root: Root) -> None:
        """Writes the journal; from here on, the publication will be finished."""
        content = to_builtins(self) | {"linked": sorted(self.linked)}
        root.write(_UNFINISHED, json.dumps(content).encode())
        root.rename(_UNFINISHED, _JOURNAL)
        root.sync(STAGE)

    @classmethod
    def load(cls, root: Root) -> Journal | None:
        """Reads the journal; None when there is none.

        Raises:
            FileAccessError: it is none of ours.
        """
        data = root.read(_JOURNAL)
        if data is None:
            return None
        try:
            return cls._decoded(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FileAccessError(
                f"cannot read {_JOURNAL}",
                f"Compare the generated files with your version control and remove {STAGE}.",
            ) from error

    @classmethod
    def _decoded(cls, content: Any) -> Journal:
        journal = cls(
            operations=tuple(Operation(**item) for item in content["operations"]),
            units=tuple(Unit(**item) for item in content["units"]),
            linked=frozenset(content["linked"]),
        )
        for path in (*(o.path for o in journal.operations), *(u.path for u in journal.units)):
            check_path(path)
        for number in (*(o.number for o in journal.operations), *(u.number for u in journal.units)):
            if not isinstance(number, int):
                raise TypeError
        return journal
