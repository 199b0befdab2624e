"""The identity policies of roles that read and write secrets, in their own accounts."""

from __future__ import annotations

from collections import defaultdict

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
    regions: dict[str, list[str]] = defaultdict(list)
    for read in role.reads:
        regions[read.secret].append(read.region)
    secrets: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, of_secret in regions.items():
        arn = secret_arn_pattern(aws, name, "*")
        secrets[tuple(sorted(of_secret))].append(arn)
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


def _written(environment: Environment, role: Role) -> list[str]:
    aws = environment.aws
    return [secret_arn_pattern(aws, name) for name in role.writes]


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
