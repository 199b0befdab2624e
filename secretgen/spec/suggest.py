"""Words for messages: how names are shown, which one was meant, and which one there is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache

from secretgen.errors import UsageError
from secretgen.model.environment import Environment
from secretgen.model.secret import Secret

_SEPARATORS = re.compile(r"[^0-9a-z]+")
_CUTOFF = 0.6  # the ratio that difflib recommends
_MIN_PART = 3
_MAX_SHOWN = 64
_MAX_WORK = 2_000_000  # pairs of letters that are compared, in some two seconds


def shown(name: str) -> str:
    """Quotes a name for a message, or describes it if it may be something else."""
    return repr(name) if name.isprintable() and len(name) <= _MAX_SHOWN else "this name"


class Guesser:
    """Guesses what was meant, for as long as that takes no time worth mentioning.

    A file with more unknown words than that is hostile, or no spec.
    """

    def __init__(self) -> None:
        self._left = _MAX_WORK

    def closest(self, word: str, candidates: Iterable[str]) -> str:
        """Returns the candidate that was most likely meant, or an empty string.

        Args:
            word: what was written.
            candidates: what is known; of equally close ones the first wins.
        """
        known = tuple(candidates)
        self._left -= len(word) * sum(map(len, known))
        return closest(word, known) if self._left > 0 else ""


def closest(word: str, candidates: Iterable[str]) -> str:
    """Returns the candidate that was most likely meant, or an empty string.

    Args:
        word: what was written.
        candidates: what is known; of equally close ones the first wins.
    """
    return _closest(word, tuple(candidates)) if len(word) <= _MAX_SHOWN else ""


def is_slip(word: str, meant: str) -> bool:
    """Returns whether a word differs from another by one slip of the keyboard at most."""
    return bool(meant) and len(word) <= _MAX_SHOWN and _distance(_plain(word), _plain(meant)) <= 1


@lru_cache(maxsize=1024)
def _closest(word: str, candidates: tuple[str, ...]) -> str:
    written = _plain(word)
    if not written:
        return ""
    plain = {candidate: _plain(candidate) for candidate in reversed(candidates)}
    by_plain = {text: candidate for candidate, text in plain.items()}
    if written in by_plain:
        return by_plain[written]
    distances = {c: _distance(written, text) for c, text in reversed(plain.items())}
    nearest = min(distances, key=lambda c: distances[c], default="")
    if nearest and distances[nearest] <= max(1, len(written) // 4):
        return nearest
    matches = difflib.get_close_matches(written, by_plain, n=1, cutoff=_CUTOFF)
    if matches:
        return by_plain[matches[0]]
    return _by_part(written, candidates)


def _plain(word: str) -> str:
    """Drops case and separators: `kmsKey`, `kms-key` and `kms_key` are one word."""
    return _SEPARATORS.sub("", word.casefold())


def _by_part(written: str, candidates: Iterable[str]) -> str:
    """Finds the one candidate of which the word is a part or the beginning.

    So `table` is meant to be `dynamodb_table`, and `desc` to be `description`.
    """
    if len(written) < _MIN_PART:
        return ""
    found = [
        c
        for c in candidates
        if written in _SEPARATORS.split(c.casefold()) or _plain(c).startswith(written)
    ]
    return found[0] if len(found) == 1 else ""


def _distance(first: str, second: str) -> int:
    """Counts the letters to insert, delete, replace or swap with their neighbour."""
    before: list[int] = []
    above = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        row = [i]
        for j, b in enumerate(second, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and (a, first[i - 2]) == (second[j - 2], b):
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]


def find_secret(environment: Environment, name: str) -> Secret:
    """Finds a secret by its name.

    Raises:
        UsageError: there is none; the hint names the one that most likely was meant.
    """
    secrets = {secret.name: secret for secret in environment.secrets}
    if name in secrets:
        return secrets[name]
    similar = closest(name, secrets)
    raise UsageError(
        f"{shown(name)} is not a secret of {environment.name}",
        f"Did you mean {similar}?" if similar else "`secretgen show` lists them.",
    )
