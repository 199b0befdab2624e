"""Guesses which new thing is an old one under another name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from secretgen.model.documented import compared_fields
from secretgen.model.environment import Environment, Key
from secretgen.model.secret import Secret

_MAX_PAIRS = 10_000
"""More pairs than these are not compared: so many things were not renamed one by one."""
_ALIKE = 1.5
"""Likeness of attributes and of names, each at most 1, from which on a renaming is likely."""


Thing = TypeVar("Thing", Secret, Key)


def likely_secret_names(before: Environment, after: Environment) -> dict[str, str]:
    """Finds secrets that were most likely renamed.

    Returns:
        New names by names before; each new name once at most.
    """
    old, new = ({s.name: s for s in env.secrets} for env in (before, after))
    gone = [secret for name, secret in old.items() if name not in new]
    come = [secret for name, secret in new.items() if name not in old]
    return _paired(gone, come, _likeness_of_secrets)


def likely_key_names(before: Environment, after: Environment) -> dict[str, str]:
    """Finds shared keys that were most likely renamed.

    Returns:
        New names by names before; each new name once at most.
    """
    old, new = ({k.name: k for k in env.keys if not k.dedicated} for env in (before, after))

    def likeness(gone: Key, come: Key) -> float:
        users = {s.name for s in before.secrets if s.kms_key == gone.name}
        users_now = {s.name for s in after.secrets if s.kms_key == come.name}
        shared = len(users & users_now) / len(users | users_now) if users | users_now else 0.0
        return max(2 * shared, _equal_fields(gone, come) + _likeness_of_names(gone.name, come.name))

    return _paired(
        [key for name, key in old.items() if name not in new],
        [key for name, key in new.items() if name not in old],
        likeness,
    )


def _paired(
    gone: Sequence[Thing], come: Sequence[Thing], likeness: Callable[[Thing, Thing], float]
) -> dict[str, str]:
    """Pairs those that are alike, the most alike first."""
    if len(gone) * len(come) > _MAX_PAIRS:
        return {}
    scored = [(-likeness(old, new), old.name, new.name) for old in gone for new in come]
    found: dict[str, str] = {}
    taken: set[str] = set()
    for score, old_name, new_name in sorted(scored):
        if -score >= _ALIKE and old_name not in found and new_name not in taken:
            found[old_name] = new_name
            taken.add(new_name)
    return found


def _likeness_of_secrets(old: Secret, new: Secret) -> float:
    attributes = _equal_fields(old, new)
    names = _likeness_of_names(old.name, new.name)
    # Everything but the name is the same: the names need not be alike.
    return 1 + attributes + names if attributes == 1 else attributes + names


def _likeness_of_names(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new).ratio()


def _equal_fields(old: Secret | Key, new: Secret | Key) -> float:
    """Returns which part of the attributes is equal, without those that follow from the name."""
    names = [name for name in compared_fields(type(old)) if name not in _OF_THE_NAME]
    equal = [name for name in names if getattr(old, name) == getattr(new, name)]
    return len(equal) / len(names)


_OF_THE_NAME = {"alias", "name", "regions"}
