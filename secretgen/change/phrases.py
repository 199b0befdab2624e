"""Small pieces of sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from secretgen.model.words import counted

_LISTED = 5


def all_of(items: Sequence[str]) -> str:
    """Lists items in a sentence, the first few of many: `a, b and c`."""
    more = len(items) - _LISTED
    shown = [*items[:_LISTED], f"{more} more"] if more > 0 else list(items)
    if len(shown) < 2:  # noqa: PLR2004 -- nothing to join
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def days(number: int) -> str:
    """Writes a number of days."""
    return counted(number, "day")


_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+=@-]*")


def yaml_text(text: str) -> str:
    """Writes a text as a YAML scalar, also within `{ }`."""
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"
