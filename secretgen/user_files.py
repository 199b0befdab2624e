"""Files of a user's own next to specs: plans, states, dumps, prices, leftovers of editors."""

from __future__ import annotations

import json
from pathlib import Path

from secretgen.errors import FileAccessError

MAX_BYTES = 1024**3
"""10,000 secrets with their policies take about 20 MB in a state, and more in a plan."""


def read_bytes(path: Path) -> bytes:
    """Reads a file.

    Raises:
        FileAccessError: it cannot be read, or is larger than `MAX_BYTES`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        summary = f"{path} cannot be read: {error.strerror}"
        raise FileAccessError(summary, "Check the name.", str(path)) from None
    if len(data) > MAX_BYTES:
        raise FileAccessError(f"{path} is larger than 1 GiB", "Check the name.", str(path))
    return data


def read_json_text(path: Path) -> str:
    """Reads a file that has to be JSON; bytes that are no text are for its parser to refuse.

    Raises:
        FileAccessError: it cannot be read, or is larger than `MAX_BYTES`.
    """
    data = read_bytes(path)
    # Windows PowerShell redirects as UTF-16, and json.detect_encoding knows that.
    return data.decode(json.detect_encoding(data), errors="replace").removeprefix("\ufeff")


def is_leftover(name: str) -> bool:
    """Returns whether an editor or a merge tool leaves files of such a name behind."""
    return name.startswith(".") or name.endswith((".orig", ".rej", "~"))


def with_name(given: str, default: str = "") -> tuple[str, str]:
    """Takes `NAME=FILE` apart; the name is the default where only a file is given."""
    name, separator, file = given.partition("=")
    return (default, given) if not separator or Path(given).is_file() else (name, file)
