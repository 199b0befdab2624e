"""Clearing up after a publication, a finished one and a killed one alike.

What to do follows from what is visible, not from how far the render got: as soon as one file
has its new content, all others get theirs; otherwise nothing has happened. Either way the
staging folder goes. Each step can be killed as well and is repeated then.
"""

from __future__ import annotations

import posixpath
import stat
from contextlib import suppress
from enum import Enum

from msgspec import Struct

from secretgen.errors import FileAccessError
from secretgen.tree.header import digest
from secretgen.tree.journal import STAGE, Journal, Operation
from secretgen.tree.mirror import retire
from secretgen.tree.moves import file_steps, perform
from secretgen.tree.root import Root, explained


class Outcome(Enum):
    """What became of a publication that was found."""

    NONE = "there was none"
    DISCARDED = "no file was replaced: the render was discarded"
    FINISHED = "some files were replaced: the render was completed"


class Recovery(Struct, frozen=True):
    """What was cleared up.

    Args:
        outcome: what became of the publication.
        kept: paths of files that a user wrote to a folder while it was replaced, and for
            which there was no place but `.secretgen-kept-N`.
    """

    outcome: Outcome
    kept: tuple[str, ...] = ()


def recover(root: Root) -> Recovery:
    """Heals what a killed render has left behind.

    Args:
        root: the root folder, locked.

    Raises:
        FileAccessError: it cannot be done; nothing is lost, the next call tries again.
    """
    with explained("write", STAGE):
        found = root.lstat(STAGE)
        if found is None:
            return Recovery(Outcome.NONE)
        if not stat.S_ISDIR(found.st_mode):
            raise FileAccessError(
                f"{STAGE} is not a folder", "Remove it: secretgen reserves this name."
            )
        journal = Journal.load(root)
        if journal is None:
            root.remove_tree(STAGE)
            return Recovery(Outcome.DISCARDED)
        return _clear_up(root, journal)


def _clear_up(root: Root, journal: Journal) -> Recovery:
    outcome = Outcome.FINISHED if _finish(root, journal) else Outcome.DISCARDED
    kept: list[str] = []
    for unit in journal.units:
        if root.lstat(unit.staged) is not None:
            kept += retire(root, unit, journal)
    paths = [operation.path for operation in journal.operations]
    root.remove_empty(paths)
    for folder in {posixpath.dirname(path) for path in paths} | {""}:
        with suppress(FileNotFoundError):
            root.sync(folder)
    root.remove_tree(STAGE)
    return Recovery(outcome, tuple(kept))


def _finish(root: Root, journal: Journal) -> bool:
    """Puts the rest in place if something is; returns whether it did."""
    current = {o: _digest(root, o.path) for o in journal.operations}
    if not any(current[o] == o.new for o in journal.operations):
        return False
    # A file with a third content was changed by another process since: that is not ours to undo.
    rest = [o for o in journal.operations if current[o] == o.old and _is_ready(root, o)]
    for operation in rest:
        root.make_folder(posixpath.dirname(operation.path))
    perform(root, file_steps(rest, lambda path: path))
    return True


def _is_ready(root: Root, operation: Operation) -> bool:
    return operation.new is None or _digest(root, operation.staged) == operation.new


def _digest(root: Root, path: str) -> str | None:
    data = root.read(path)
    return None if data is None else digest(data)
