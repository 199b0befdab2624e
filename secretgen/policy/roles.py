"""What a reader's or writer's role is made of: its trust, its policies within IAM's limits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from secretgen.model.environment import Account, Environment, Role
from secretgen.policy.documents import Document, Statement
from secretgen.policy.identity import compact_role_policy, role_policy

# IAM User Guide, "IAM and AWS STS quotas". White space does not count.
INLINE_LIMIT = 10_240
"""Characters of all inline policies of a role together."""
MANAGED_LIMIT = 6_144
"""Characters of a managed policy."""
MAX_MANAGED_POLICIES = 10
"""Managed policies that can be attached to a role, unless the account has a higher quota."""

_TELLS_ITS_ACCOUNT = frozenset(("codebuild", "ecs-tasks", "states"))
"""Services whose user guides condition the trust of their roles on `aws:SourceAccount`.

A service that does not send it, such as EC2, would be locked out by the condition.
"""
_TAGS_ITS_SESSIONS = frozenset(("pods.eks",))
"""Services that assume roles with session tags (EKS User Guide, "EKS Pod Identity role")."""


def service_name(principal: str) -> str:
    """Returns a service principal without its domain: `ec2` for `ec2.amazonaws.com`."""
    return principal.removesuffix(".cn").removesuffix(".amazonaws.com")


def trust_policy(account: Account) -> Document:
    """Makes the policy that says who may assume the roles of a reader's account."""
    service = service_name(account.trusted_service)
    tags = service in _TAGS_ITS_SESSIONS
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": account.trusted_service},
        "Action": ["sts:AssumeRole", "sts:TagSession"] if tags else "sts:AssumeRole",
    }
    if service in _TELLS_ITS_ACCOUNT:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account.id}}
    return {"Version": "2012-10-17", "Statement": [statement]}


@dataclass(frozen=True, slots=True)
class RolePolicies:
    """The policies that together allow a role what `role_policy` says.

    Args:
        inline: the whole policy; None when it is too long for an inline policy.
        managed: otherwise its parts, by a mark that stays the same while other secrets come
            and go.
    """

    inline: Document | None
    managed: Mapping[str, Document]


def role_policies(environment: Environment, role: Role) -> RolePolicies:
    """Makes the policies of a role.

    A role that reads or writes so much that it needs more than `MAX_MANAGED_POLICIES` gets them
    all the same; AWS refuses to attach them.
    """
    whole = role_policy(environment, role)
    if policy_size(whole) <= INLINE_LIMIT:
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
