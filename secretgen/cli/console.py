"""The two streams: results go to standard output, everything else to standard error."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from secretgen.errors import FileAccessError


def print_text(text: str) -> None:
    """Writes a result.

    Raises:
        FileAccessError: it cannot be written.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Else Python would try once more when it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise FileAccessError(f"standard output cannot be written: {error.strerror}") from error


def note(text: str) -> None:
    """Writes what accompanies a result."""
    sys.stderr.write(text)


def write_file(file: Path, text: str) -> None:
    """Writes a result to a file that the user named.

    Raises:
        FileAccessError: it cannot be written, or it is a spec, a part or a generated file.
    """
    try:
        if file.is_file() and _is_source(file.read_bytes()):
            raise FileAccessError(
                f"{file} is part of the project, not a report", "Name another file."
            )
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileAccessError(f"{file} cannot be written: {error.strerror}") from error


def _is_source(data: bytes) -> bool:
    """Returns whether a file is a spec, a part, or generated from one."""
    from secretgen.tree.header import inspect

    return re.search(rb"^version:", data, re.MULTILINE) is not None or inspect(data) is not None


def use_color() -> bool:
    """Returns whether results go to a terminal that shows colours."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def width() -> int:
    """Returns the columns of the terminal; 100 where there is none."""
    return shutil.get_terminal_size((100, 24)).columns


def table_width() -> int | None:
    """Returns the columns that a table may take; None for files and pipes, which have no end."""
    return width() if sys.stdout.isatty() else None
