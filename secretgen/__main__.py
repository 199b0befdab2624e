"""Entry point of the command line."""

from __future__ import annotations

import gc
import importlib.util
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from secretgen.version import __version__

TYPE_CHECKING = False
"""The checker takes it for true. To import `typing` takes as long as all that `--version` needs."""

if TYPE_CHECKING:
    from typing import TextIO

_USAGE, _INTERRUPTED = 2, 130
"""Exit codes, which the module of exit codes also knows, but it is not loaded yet."""


def main() -> None:
    """Runs the command line; `--version` is answered before anything large is imported."""
    _open_closed_streams()
    sys.stdout = _RetryingStream.around(sys.stdout, errors="backslashreplace")
    sys.stderr = _RetryingStream.around(sys.stderr, errors="backslashreplace")
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"secretgen {__version__}\n")
        return
    if importlib.util.find_spec("fcntl") is None:
        sys.stderr.write("secretgen runs on Linux and macOS. On Windows, use it in WSL 2.\n")
        sys.exit(_USAGE)
    # A run ends soon, and makes much and no cycles to speak of: looking for them is a third of it.
    gc.disable()
    # Plugins of pydantic would see every spec; and looking for them reads what is installed.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    try:
        from secretgen.cli import run  # noqa: PLC0415 -- see above

        sys.exit(run())
    except KeyboardInterrupt:  # while modules are imported, or after the command
        sys.stderr.write("secretgen: interrupted\n")
        sys.exit(_INTERRUPTED)
    finally:
        gc.freeze()  # Python would look for cycles in what the system is about to take back.


class _RetryingStream(io.TextIOWrapper):
    """A stream whose reader may stop reading, as `head` does: that changes nothing else."""

    @classmethod
    def around(cls, stream: TextIO, errors: str) -> TextIO:
        """Returns a stream for the same file, which writes escapes for what it cannot hold."""
        if not isinstance(stream, io.TextIOWrapper):
            return stream
        encoding, is_terminal = stream.encoding, stream.isatty()
        return cls(stream.detach(), encoding, errors, line_buffering=is_terminal)

    def write(self, text: str, /) -> int:
        """Writes text, unless nobody reads it."""
        with self._ignoring_readers():
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Writes what is buffered, unless nobody reads it."""
        with self._ignoring_readers():
            super().flush()

    @contextmanager
    def _ignoring_readers(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())


def _open_closed_streams() -> None:
    """Gives a stream that the caller has closed a place where its text is lost."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


if __name__ == "__main__":
    main()
