"""What the user asked for."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Literal

from msgspec import Struct

Keys = Literal["keep", "adopt"]
"""What becomes of the KMS keys of the secrets."""
Policy = Literal["managed", "unmanaged"]
"""What becomes of resource policies that a spec cannot express."""
StateOf = Literal["same", "other"]
"""Which state the environment will have."""


class Options(Struct, frozen=True):
    """The choices.

    Args:
        include: patterns of names; empty for all.
        exclude: patterns of names that are left out.
        tags: tags that a secret must have: `key=value`, or `key` for any value.
        keys: what becomes of the keys.
        policy: what becomes of policies that a spec cannot express.
        retained: also import what carries the tags of CloudFormation: its stack retained it.
        existing: also import what the spec has already, into a state that has lost it.
        state: whether the environment has the state that the secrets are in; None to decide by
            what else is in that state.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    keys: Keys = "keep"
    policy: Policy = "managed"
    retained: bool = False
    existing: bool = False
    state: StateOf | None = None

    def wants(self, name: str, tags: Mapping[str, str]) -> bool:
        """Returns whether a secret of that name and these tags is meant."""
        return (
            (not self.include or any(fnmatchcase(name, pattern) for pattern in self.include))
            and not any(fnmatchcase(name, pattern) for pattern in self.exclude)
            and all(_has(tags, wanted) for wanted in self.tags)
        )


def _has(tags: Mapping[str, str], wanted: str) -> bool:
    key, equals, value = wanted.partition("=")
    return key in tags and (not equals or fnmatchcase(tags[key], value))
