"""What the values of a secret in a plan say."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from msgspec.structs import replace

from secretgen.change.comparison import paired
from secretgen.change.effects import Change, Effect
from secretgen.model.changes import SECRET
from secretgen.model.names import PROTECTION_TAG
from secretgen.model.secret import AWS_MANAGED_ALIAS
from secretgen.plan.document import Json, PlanDocument, ResourceChange

_ALIKE = 0.6
"""Likeness of two names from which on a renaming is likely."""


class PlannedSecrets:
    """The secrets of a plan, by the address of their module.

    Args:
        plan: the plan.
    """

    def __init__(self, plan: PlanDocument) -> None:
        self.by_module: Mapping[str, ResourceChange] = {
            c.module: c
            for c in plan.changes
            if c.type == SECRET and c.mode == "managed" and not c.deposed
        }

    def users(self, key_arn: Any) -> list[str]:
        """Lists the secrets that a key encrypted and that stay."""
        changes = (c for c in self.by_module.values() if c.before and c.after is not None)
        return sorted(
            str(c.before["name"]) for c in changes if c.before and uses_key(c.before, key_arn)
        )

    def forgotten_users(self, key_arn: Any) -> list[str]:
        """Lists the secrets that a key encrypts and that leave the state and stay in AWS."""
        changes = (c.before for c in self.by_module.values() if c.before and c.forgotten)
        return sorted(str(before["name"]) for before in changes if uses_key(before, key_arn))

    def regions_after(self, name: str) -> set[str]:
        """Returns the Regions in which a secret has a replica from now on."""
        changes = (c.after for c in self.by_module.values() if c.after)
        return {r for after in changes if after.get("name") == name for r in replicas_of(after)}

    @property
    def likely_names(self) -> dict[str, str]:
        """The secrets that were most likely renamed: new names by names before."""
        changes = self.by_module.values()
        gone = {str(c.before.get("name")): c.before for c in changes if c.before and c.leaves}
        come = {str(c.after.get("name")): c.after for c in changes if c.after and c.created}
        return paired(gone, come, _likeness, _ALIKE)


def _likeness(old: Json, new: Json) -> float:
    names = SequenceMatcher(None, str(old.get("name")), str(new.get("name"))).ratio()
    description = old.get("description")
    same = bool(description) and description == new.get("description")
    return names + (1 if same else 0)


def replicas_of(values: Json) -> dict[str, Json]:
    """Returns the replicas of a secret by Region."""
    return {
        str(item.get("region")): item
        for item in values.get("replica") or []
        if isinstance(item, dict)
    }


def keys_of(values: Json) -> set[Any]:
    """Returns the keys that a secret and its replicas are encrypted with."""
    replicas = (r.get("kms_key_id") for r in replicas_of(values).values())
    return {values.get("kms_key_id"), *replicas}


def uses_key(values: Json, key_arn: Any) -> bool:
    """Returns whether a secret or a replica of it is encrypted with a key."""
    return key_arn is not None and key_arn in keys_of(values)


def is_protected(values: Json) -> bool:
    """Returns whether a secret carries the tag of what is protected."""
    return (values.get("tags") or {}).get(PROTECTION_TAG) == "true"


def same_key(old: Any, new: Any) -> bool:
    """Returns whether two ids or ARNs are of one key; nothing is the AWS-managed one."""
    if old == new:
        return True
    managed = [not key or str(key).endswith(AWS_MANAGED_ALIAS) for key in (old, new)]
    if any(managed):
        return all(managed)
    return str(new).rpartition("/")[2] == str(old)  # the id of the key and its ARN


def forgotten(found: Change, what: str) -> Change:
    """Describes that something leaves the state, and nothing manages it any more."""
    return replace(
        found,
        effect=Effect.FORGET,
        summary=f"{what} would leave the state",
        detail="It stays in AWS as it is, and Terraform no longer manages it.",
        options=tuple(option for option in found.options if option.entry.startswith("forget")),
    )
