"""The policies of a reader's or writer's role, within IAM's limits."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from secretgen.model.environment import Environment, Role
from secretgen.model.names import secret_arn_pattern
from secretgen.policy.documents import (
    DECRYPT,
    ENCRYPT,
    READ_ACTIONS,
    WRITE_ACTIONS,
    Document,
    Statement,
    policy_document,
    through_secrets_manager,
)


def role_policy(environment: Environment, role: Role) -> Document:
    """Identity policy of a role: its secrets, in each Region, and the use of their keys.

    Keys are named by condition only: their ids are not known before they exist, and a key
    does nothing for this role but what belongs to the secrets listed here.
    """
    aws = environment.aws
    by_region: dict[str, list[str]] = defaultdict(list)
    for read in role.reads:
        by_region[read.region].append(secret_arn_pattern(aws, read.secret, read.region))
    everything = [arn for region in sorted(by_region) for arn in by_region[region]]
    statements: list[Statement] = []
    if everything:
        statements.append(_allow("ReadSecrets", READ_ACTIONS, everything))
    statements += [
        _use_keys(environment, DECRYPT, region, arns) for region, arns in sorted(by_region.items())
    ]
    written = _written(environment, role)
    if written:
        statements += [
            _allow("WriteSecrets", WRITE_ACTIONS, written),
            _use_keys(environment, ENCRYPT, aws.region, written),
        ]
    return policy_document(statements)


def compact_role_policy(environment: Environment, role: Role) -> Document:
    """Makes the identity policy of a role that reads or writes too much for `role_policy`.

    It names each secret once, and once the Regions of all secrets that have the same ones. The
    statements about keys name no secret: without the statement about a secret they are of no use,
    and the policies of the keys name the secrets anyway.
    """
    aws = environment.aws
    secrets: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, regions in regions_by_secret(role).items():
        secrets[tuple(sorted(regions))].append(secret_arn_pattern(aws, name, "*"))
    statements: list[Statement] = [
        {
            **_allow(f"ReadSecrets{number}", READ_ACTIONS, arns),
            "Condition": {"StringEquals": {"aws:RequestedRegion": list(where)}},
        }
        for number, (where, arns) in enumerate(sorted(secrets.items()), start=1)
    ]
    everywhere = sorted({read.region for read in role.reads})
    if everywhere:
        any_secret = aws.arn("secretsmanager", "secret:*", "*")
        statements.append(_use_keys(environment, DECRYPT, everywhere, any_secret))
    written = _written(environment, role)
    if written:
        any_secret = aws.arn("secretsmanager", "secret:*")
        statements += [
            _allow("WriteSecrets1", WRITE_ACTIONS, written),
            _use_keys(environment, ENCRYPT, aws.region, any_secret),
        ]
    return policy_document(statements)


def regions_by_secret(role: Role) -> dict[str, list[str]]:
    """Returns the Regions in which a role reads each of its secrets, by the name of the secret."""
    regions: dict[str, list[str]] = defaultdict(list)
    for read in role.reads:
        regions[read.secret].append(read.region)
    return regions


def _written(environment: Environment, role: Role) -> list[str]:
    return [secret_arn_pattern(environment.aws, name) for name in role.writes]


def _allow(sid: str, actions: list[str], secrets: list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": secrets}


def _use_keys(
    environment: Environment,
    actions: str | list[str],
    regions: str | list[str],
    secrets: str | list[str],
) -> Statement:
    aws = environment.aws
    where = regions if isinstance(regions, str) else "*"
    return {
        "Effect": "Allow",
        "Action": actions,
        "Resource": aws.arn("kms", "key/*", where),
        "Condition": through_secrets_manager(aws.partition, regions, secrets),
    }


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
