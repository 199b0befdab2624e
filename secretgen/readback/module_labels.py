"""The labels of the module blocks that an environment's root module holds."""

from __future__ import annotations

import re

from msgspec import Struct

from secretgen.readback.read_values import Parts

SHARED_KEY, OWN_KEY = "shared_key", "key"

_LABEL = re.compile(
    r"(?P<kind>secret|rotation|shared_key|key)"
    r"(?:_(?P<alias>[a-z0-9]+(?:_[a-z0-9]+)*))?__(?P<name>.+)"
)


class ModuleLabel(Struct, frozen=True):
    """The label of a module block, taken apart.

    Args:
        kind: `secret`, `rotation`, `shared_key`, or `key` for the key of a secret's own.
        alias: provider alias of its replica Region; None for the primary Region.
        name: label of the name of the secret or shared key.
    """

    kind: str
    alias: str | None
    name: str

    def __str__(self) -> str:
        region = f"_{self.alias}" if self.alias else ""
        return f"{self.kind}{region}__{self.name}"

    @property
    def is_key(self) -> bool:
        """Whether the module makes a key."""
        return self.kind in (SHARED_KEY, OWN_KEY)


def module_label(address: Parts) -> ModuleLabel | None:
    """Takes the address of a module apart; None for one that is not an environment's own."""
    match address:
        case ("module", str(label)) if found := _LABEL.fullmatch(label):
            return ModuleLabel(*found.groups())
    return None
