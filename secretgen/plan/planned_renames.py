"""Guesses which new secret of a plan is an old one under another name."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from secretgen.plan.document import Json, ResourceChange

_ALIKE = 0.6
"""Likeness of two names from which on a renaming is likely."""

_FEW = 100
"""More secrets than these were not renamed one by one."""


def likely_names(secrets: Sequence[ResourceChange]) -> dict[str, str]:
    """Finds secrets that were most likely renamed.

    Args:
        secrets: the changes of secrets.

    Returns:
        New names by names before; each new name once at most.
    """
    gone = [c.before for c in secrets if c.before and c.leaves]
    come = [c.after for c in secrets if c.after and c.created]
    found: dict[str, str] = {}
    if len(gone) > _FEW or len(come) > _FEW:
        return found
    pairs = sorted(
        (
            (_likeness(old, new), str(old.get("name")), str(new.get("name")))
            for old in gone
            for new in come
        ),
        reverse=True,
    )
    for likeness, old_name, new_name in pairs:
        if likeness >= _ALIKE and old_name not in found and new_name not in found.values():
            found[old_name] = new_name
    return found


def _likeness(old: Json, new: Json) -> float:
    names = SequenceMatcher(None, str(old.get("name")), str(new.get("name"))).ratio()
    description = old.get("description")
    same = bool(description) and description == new.get("description")
    return names + (1 if same else 0)
