"""Moving files and folders into place: all of them or none."""

from __future__ import annotations

import json
import os
import signal
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

from msgspec import Struct

from secretgen.errors import FileAccessError
from secretgen.tree.journal import Operation, Unit
from secretgen.tree.root import Root

_ENDINGS = {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}


class Move(Struct, frozen=True):
    """One step that a reader sees whole or not at all.

    Args:
        source: from where.
        target: to where; what is there is replaced, or with `exchange` goes to `source`.
        exchange: the two change places.
    """

    source: str
    target: str
    exchange: bool = False

    def run(self, root: Root) -> None:
        """Makes the move."""
        if self.exchange:
            root.exchange(self.source, self.target)
        else:
            root.rename(self.source, self.target)


Step = tuple[Move, Move]
"""A move, and the move that takes it back."""


def file_steps(operations: Iterable[Operation], place: Callable[[str], str]) -> list[Step]:
    """Returns how to change files one by one.

    Args:
        operations: which ones.
        place: where a path lies: the visible place, or the one in a staged folder.
    """
    steps = []
    for operation in operations:
        target = place(operation.path)
        if operation.new is None:
            back = Move(operation.removed, target)
            steps.append((Move(target, operation.removed), back))
        else:
            back = Move(target, operation.staged)
            if operation.old is not None:
                back = Move(operation.backup, target)
            steps.append((Move(operation.staged, target), back))
    return steps


def folder_steps(units: Iterable[Unit]) -> list[Step]:
    """Returns how to change whole folders."""
    return [
        (
            Move(unit.staged, unit.path, exchange=unit.existed),
            Move(unit.path, unit.staged, exchange=unit.existed),
        )
        for unit in units
    ]


def perform(root: Root, steps: Sequence[Step]) -> None:
    """Makes moves in their order; when one fails, takes those before it back.

    Raises:
        OSError: a move failed and nothing has changed.
        FileAccessError: a move failed and so did taking the others back; the journal is
            still there.
    """
    done: list[Move] = []
    try:
        for move, back in steps:
            move.run(root)
            done.append(back)
    except OSError as error:
        try:
            for back in reversed(done):
                back.run(root)
        except OSError:
            raise _half_done(error) from error
        raise


def perform_at_once(root: Root, steps: Sequence[Step]) -> None:
    """Makes moves such that killing this process cannot stop them half way.

    A single move is one step for the kernel. Several are made by a child process in a
    session of its own: it does nothing else, and once it exists it finishes even if this
    process, its group or its terminal is gone. It holds the lock until then.

    Raises:
        OSError: a move failed and nothing has changed.
        FileAccessError: a move failed or the child was killed, so that something may have
            changed; the journal is still there.
    """
    if len(steps) == 1:
        perform(root, steps)
        return
    reading, writing = os.pipe()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    try:
        with warnings.catch_warnings():
            # Python >= 3.12 warns of forks next to threads: this child needs no lock of theirs.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            _perform_and_exit(root, steps, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    _raise_failure(answer)


def _perform_and_exit(root: Root, steps: Sequence[Step], writing: int) -> NoReturn:
    try:
        os.setsid()
        try:
            perform(root, steps)
            answer: list[object] = []
        except OSError as error:
            answer = [error.errno, str(error.filename), True]
        except FileAccessError as error:
            answer = [None, error.summary, False]
        os.write(writing, json.dumps(answer).encode())
    finally:
        os._exit(0)


def _raise_failure(answer: bytes) -> None:
    if not answer:
        raise _half_done("its process was killed")
    if answer == b"[]":
        return
    code, text, undone = json.loads(answer)
    if undone:
        raise OSError(code, os.strerror(code), text)
    raise FileAccessError(text, "Run the command again: it completes the interrupted render.")


def _half_done(why: object) -> FileAccessError:
    return FileAccessError(
        f"publishing was interrupted: {why}",
        "Run the command again: it completes the interrupted render.",
    )
