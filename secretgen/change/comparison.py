"""Two environments next to each other, as those who look for effects need them."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from secretgen.change.renames import likely_key_names, likely_secret_names
from secretgen.model.changes import Changes, Subject
from secretgen.model.environment import Environment, Key
from secretgen.model.secret import Secret


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
    def keys_before(self) -> dict[tuple[str, bool], Key]:
        """The keys that there were, by name and whether they are one secret's own."""
        return {(key.name, key.dedicated): key for key in self.before.keys}

    @cached_property
    def keys_after(self) -> dict[tuple[str, bool], Key]:
        """The keys that there are to be, by name and whether they are one secret's own."""
        return {(key.name, key.dedicated): key for key in self.after.keys}

    @cached_property
    def likely_secrets(self) -> dict[str, str]:
        """New names that secrets most likely have, by their names before."""
        return likely_secret_names(self.before, self.after)

    @cached_property
    def likely_keys(self) -> dict[str, str]:
        """New names that shared keys most likely have, by their names before."""
        return likely_key_names(self.before, self.after)
