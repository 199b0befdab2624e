"""Two environments next to each other, as those who look for effects need them.

Which new thing is an old one under another name is guessed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from functools import cached_property
from typing import TypeVar

from msgspec import Struct

from secretgen.model.changes import Changes, Subject, key_of
from secretgen.model.documented import compared_fields
from secretgen.model.environment import Environment, Key
from secretgen.model.secret import Secret

_MAX_PAIRS = 10_000
"""More pairs than these are not compared: so many things were not renamed one by one."""
_ALIKE = 1.5
"""Likeness of attributes and of names, each at most 1, from which on a renaming is likely."""


Thing = TypeVar("Thing")


def _missing_in(others: Mapping[str, Thing], things: Mapping[str, Thing]) -> dict[str, Thing]:
    return {name: thing for name, thing in things.items() if name not in others}


def paired(
    gone: Mapping[str, Thing],
    come: Mapping[str, Thing],
    likeness: Callable[[Thing, Thing], float],
    least: float,
) -> dict[str, str]:
    """Pairs the names of things that are alike, the most alike first.

    Args:
        gone: the things before, by name.
        come: the things now, by name.
        likeness: how alike two of them are.
        least: the likeness from which on two are paired.

    Returns:
        Names now by names before; each name once at most.
    """
    if len(gone) * len(come) > _MAX_PAIRS:
        return {}
    scored = [(-likeness(old, new), o, n) for o, old in gone.items() for n, new in come.items()]
    found: dict[str, str] = {}
    taken: set[str] = set()
    for score, old_name, new_name in sorted(scored):
        if -score >= least and old_name not in found and new_name not in taken:
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


class Comparison(Struct, frozen=True, dict=True):
    """Two environments.

    Args:
        before: what is deployed.
        after: what is wanted.
        changes: the entries of `changes` in the spec.
        forgotten_key_parts: parts of shared keys that stay in AWS for forgotten secrets.
    """

    before: Environment
    after: Environment
    changes: Changes
    forgotten_key_parts: tuple[Subject, ...] = ()

    @cached_property
    def secrets_before(self) -> dict[str, Secret]:
        """The secrets that there were, by name."""
        return {secret.name: secret for secret in self.before.secrets}

    @cached_property
    def secrets_after(self) -> dict[str, Secret]:
        """The secrets that there are to be, by name."""
        return {secret.name: secret for secret in self.after.secrets}

    @cached_property
    def kept(self) -> list[tuple[Secret, Secret]]:
        """The secrets of both environments that differ, as they were and as they are to be."""
        after = self.secrets_after
        pairs = ((secret, after.get(secret.name)) for secret in self.before.secrets)
        return [(old, new) for old, new in pairs if new is not None and old != new]

    @cached_property
    def keys_before(self) -> dict[Subject, Key]:
        """The keys that there were, by what `changes` calls them."""
        return {key_of(key.name, dedicated=key.dedicated): key for key in self.before.keys}

    @cached_property
    def keys_after(self) -> dict[Subject, Key]:
        """The keys that there are to be, by what `changes` calls them."""
        return {key_of(key.name, dedicated=key.dedicated): key for key in self.after.keys}

    @cached_property
    def imported(self) -> frozenset[Subject]:
        """The secrets and keys that come into the state as they are in AWS."""
        return frozenset(entry.to for entry in self.changes.imports if not entry.region)

    def moved_to(self, subject: Subject) -> Subject | None:
        """Returns what a key is called from now on; None when it is not moved.

        Terraform moves nothing to an address that the state already has: it destroys it.
        """
        names = self.changes.names_of(subject)
        is_taken = any(name in self.keys_before for name in names)
        return names[-1] if names and not is_taken else None

    @cached_property
    def likely_secrets(self) -> dict[str, str]:
        """New names that secrets most likely have, by their names before."""
        old, new = ({s.name: s for s in env.secrets} for env in (self.before, self.after))
        return paired(_missing_in(new, old), _missing_in(old, new), _likeness_of_secrets, _ALIKE)

    @cached_property
    def likely_keys(self) -> dict[str, str]:
        """New names that shared keys most likely have, by their names before."""
        both = (self.before, self.after)
        old, new = ({k.name: k for k in env.keys if not k.dedicated} for env in both)

        def likeness(gone: Key, come: Key) -> float:
            users = {s.name for s in self.before.secrets if s.kms_key == gone.name}
            users_now = {s.name for s in self.after.secrets if s.kms_key == come.name}
            shared = len(users & users_now) / len(users | users_now) if users | users_now else 0.0
            alike = _equal_fields(gone, come) + _likeness_of_names(gone.name, come.name)
            return max(2 * shared, alike)

        return paired(_missing_in(new, old), _missing_in(old, new), likeness, _ALIKE)
