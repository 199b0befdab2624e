"""The policies of a reader's or writer's role, within IAM's limits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from secretgen.model.environment import Environment, Role
from secretgen.policy.documents import Document
from secretgen.policy.identity import compact_role_policy, role_policy

# IAM User Guide, "IAM and AWS STS quotas". White space does not count.
INLINE_LIMIT = 10_240
"""Characters of all inline policies of a role together."""
MANAGED_LIMIT = 6_144
"""Characters of a managed policy."""
MAX_MANAGED_POLICIES = 10
"""Managed policies that can be attached to a role, unless the account has a higher quota."""
PERMISSION_SET_LIMIT = 32_768
"""Characters of the inline policy of a permission set (API reference, InlinePolicy)."""


class RolePolicies(Struct, frozen=True):
    """The policies that together allow a role what `role_policy` says.

    Args:
        inline: the whole policy; None when it is too long for an inline policy, or the role is
            created elsewhere.
        managed: otherwise its parts, by a mark that stays the same while other secrets come
            and go; an empty mark for a policy that is whole.
    """

    inline: Document | None
    managed: Mapping[str, Document]

    @property
    def documents(self) -> tuple[Document, ...]:
        """All policies."""
        return (self.inline,) if self.inline else tuple(self.managed.values())


def role_policies(environment: Environment, role: Role) -> RolePolicies:
    """Makes the policies of a role.

    A role that reads or writes so much that it needs more than `MAX_MANAGED_POLICIES` gets them
    all the same; AWS refuses to attach them. Inline policies of a role share one limit, so a role
    that is created elsewhere gets managed ones. The policy of a permission set is always one.
    """
    whole = role_policy(environment, role)
    if role.permission_set:
        fits = policy_size(whole) <= INLINE_LIMIT
        return RolePolicies(whole if fits else compact_role_policy(environment, role), {})
    if role.existing and policy_size(whole) <= MANAGED_LIMIT:
        return RolePolicies(None, {"": whole})
    if not role.existing and policy_size(whole) <= INLINE_LIMIT:
        return RolePolicies(whole, {})
    return RolePolicies(None, _parts(environment, role))


def policy_size(document: Document) -> int:
    """Counts the characters of a policy as IAM does."""
    return len(json.dumps(document, separators=(",", ":")))


def _parts(environment: Environment, role: Role, mark: str = "") -> dict[str, Document]:
    """Halves what a role reads and writes until each part fits a managed policy.

    The digest of a name decides where it goes, so that a new secret changes one part and moves
    nothing from policy to policy, which would interrupt access for a moment.
    """
    document = compact_role_policy(environment, role)
    if policy_size(document) <= MANAGED_LIMIT:
        return {mark: document}
    parts: dict[str, Document] = {}
    for bit in "01":
        reads = tuple(read for read in role.reads if _bits(read.secret)[len(mark)] == bit)
        writes = tuple(name for name in role.writes if _bits(name)[len(mark)] == bit)
        if reads or writes:
            half = replace(role, reads=reads, writes=writes)
            parts |= _parts(environment, half, mark + bit)
    return parts


@cache
def _bits(secret: str) -> str:
    digest = hashlib.sha256(secret.encode()).digest()
    return f"{int.from_bytes(digest, 'big'):0256b}"
