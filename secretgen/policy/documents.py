"""The policy documents of an environment, as the data that JSON and HCL are made from.

They are the three legs of a cross-account read or write: the role's identity policy, the secret's
resource policy and the key's policy. A call succeeds only where all three allow it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from secretgen.model.environment import (
    Aws,
    Environment,
    KeyGrant,
    Partition,
    RegionalKey,
    grant_groups,
)
from secretgen.model.names import (
    reader_arns,
    reader_roles,
    role_arn,
    rotation_function_roles,
    secret_arn_pattern,
)
from secretgen.model.secret import Reader, Secret

Document = dict[str, Any]
Statement = dict[str, Any]

READ_ACTIONS = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
WRITE_ACTIONS = [
    "secretsmanager:DescribeSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
]
VALUE_ACTIONS = [
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
]
"""What reads, writes or re-encrypts a value. Nobody could undo a denial of `PutResourcePolicy`."""
DECRYPT = "kms:Decrypt"
ENCRYPT = ["kms:Decrypt", "kms:GenerateDataKey"]
"""What a writer needs of a key: Secrets Manager decrypts where a call is repeated, to compare."""

_MANY_ACCOUNTS = 6
"""From so many accounts on, a statement that names their common role once is the shorter one."""

_DNS_SUFFIX = {Partition.CHINA: "amazonaws.com.cn"}


def account_root(partition: str, account_id: str) -> str:
    """ARN that stands for a whole account. Unlike a role's, it may be named before any role is."""
    return f"arn:{partition}:iam::{account_id}:root"


def secrets_manager_endpoint(partition: Partition, region: str) -> str:
    """Name by which KMS knows Secrets Manager in a Region (condition key `kms:ViaService`)."""
    return service_endpoint("secretsmanager", partition, region)


def service_endpoint(service: str, partition: Partition, region: str) -> str:
    """Name by which KMS knows a service in a Region."""
    return f"{service}.{region}.{_DNS_SUFFIX.get(partition, 'amazonaws.com')}"


def policy_document(statements: Iterable[Statement]) -> Document:
    """Makes a policy of its statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def secret_policy(environment: Environment, secret: Secret) -> Document:
    """Resource policy of a secret: its readers and writers; nobody without TLS or from outside.

    `Resource` is `*`, which in such a policy means the secret it is attached to: AWS copies
    the policy to every replica, whose ARN names another Region.
    """
    aws = environment.aws
    statements = [
        *_grants(aws.partition, "AllowReaders", READ_ACTIONS, secret.readers),
        *_grants(aws.partition, "AllowWriters", WRITE_ACTIONS, secret.writers),
    ]
    statements.append({
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })  # fmt: skip
    if secret.exclusive:
        statements.append({
            "Sid": "DenyEverybodyElse",
            "Effect": "Deny",
            "Principal": "*",
            "Action": VALUE_ACTIONS,
            "Resource": "*",
            "Condition": {
                "ArnNotLike": {"aws:PrincipalArn": _exclusive_to(environment, secret)},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        })  # fmt: skip
    if aws.organization_id:
        statements.append({
            "Sid": "DenyOutsideOrganization",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "secretsmanager:*",
            "Resource": "*",
            "Condition": {
                "StringNotEquals": {
                    "aws:PrincipalAccount": organization_exemptions(environment),
                    "aws:PrincipalOrgID": aws.organization_id,
                },
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        })  # fmt: skip
    return policy_document(statements)


def _exclusive_to(environment: Environment, secret: Secret) -> list[str]:
    """Lists who may use the value of a secret that is kept from everyone else."""
    partition = environment.aws.partition
    named = [
        arn
        for roles in (secret.readers, secret.writers)
        for arn in sorted(arn for role in roles for arn in reader_arns(partition, role))
    ]
    return list(dict.fromkeys([*named, *exempt_roles(environment, secret)]))


def exempt_roles(environment: Environment, secret: Secret) -> tuple[str, ...]:
    """Lists the roles, beyond those named as readers and writers, that a secret is not kept from.

    A deployed rotation function has a role that its application makes and does not tell.

    Returns:
        ARN patterns; nothing for a secret that is not exclusive.
    """
    if secret.exclusive is None:
        return ()
    is_deployed = secret.rotation and secret.rotation.application
    deployed = [rotation_function_roles(environment.name)] if is_deployed else []
    aws = environment.aws
    names = (*secret.exclusive.exempt, *deployed)
    return tuple(role_arn(aws.partition, aws.account_id, name) for name in names)


def _grants(
    partition: Partition, sid: str, actions: list[str], roles: Iterable[Reader]
) -> list[Statement]:
    """Makes the statements that let roles do something with a secret.

    A role name that many accounts share is named once, with all accounts as principals: the
    account in the ARN of a caller is the one that the principal names, so neither a role of
    another name nor the role of another account gets in.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    for role in roles:
        for name in reader_roles(role):
            by_name[name].append(role_arn(partition, role.account_id, name))
    few = sorted(arn for arns in by_name.values() if len(arns) < _MANY_ACCOUNTS for arn in arns)
    allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    statements: list[Statement] = []
    if few:
        statements.append({
            "Sid": sid,
            **allow,
            "Principal": {"AWS": _accounts_of(partition, few)},
            "Condition": {"ArnLike": {"aws:PrincipalArn": few}},
        })  # fmt: skip
    statements += [
        {
            **allow,
            "Principal": {"AWS": _accounts_of(partition, arns)},
            "Condition": {"ArnLike": {"aws:PrincipalArn": role_arn(partition, "*", name)}},
        }
        for name, arns in sorted(by_name.items())
        if len(arns) >= _MANY_ACCOUNTS
    ]
    return statements


def organization_exemptions(environment: Environment) -> list[str]:
    """Accounts that the organization deny never hits.

    The environment's own account is among them, so that a mistyped organization id locks
    nobody out for good; so is every account that the spec puts outside the organization.
    """
    outside = {a.id for a in environment.accounts if not a.in_organization}
    return sorted({environment.aws.account_id, *outside})


def key_policy(aws: Aws, key: RegionalKey) -> Document:
    """Policy of a key: its account's administrators, decryption for readers, use for writers.

    Roles that read the same secrets share a statement: the policy grows with the number of
    different rights. A role of one account gains nothing from the root of another next to it,
    as `aws:PrincipalArn` holds the account.

    Roles use it through Secrets Manager only, and only for what belongs to their secrets. The
    ARN patterns need no secret to exist yet, which keeps key and secret from waiting for each
    other.
    """
    return policy_document([
        account_administration(aws),
        *_key_use(aws, key, DECRYPT, key.grants),
        *_key_use(aws, key, ENCRYPT, key.write_grants),
    ])  # fmt: skip


def account_administration(aws: Aws) -> Statement:
    """Lets IAM policies of the account decide over a key; without it nobody could change it."""
    return {
        "Sid": "AllowAccountAdministration",
        "Effect": "Allow",
        "Principal": {"AWS": account_root(aws.partition, aws.account_id)},
        "Action": "kms:*",
        "Resource": "*",
    }


def _key_use(
    aws: Aws, key: RegionalKey, actions: str | list[str], grants: Iterable[KeyGrant]
) -> Iterator[Statement]:
    for group in grant_groups(grants):
        arns = [secret_arn_pattern(aws, name, key.region) for name in group.secrets]
        yield {
            "Effect": "Allow",
            "Principal": {"AWS": _accounts_of(aws.partition, group.roles)},
            "Action": actions,
            "Resource": "*",
            "Condition": {
                "ArnLike": {"aws:PrincipalArn": list(group.roles)},
                **through_secrets_manager(aws.partition, key.region, arns),
            },
        }


def through_secrets_manager(
    partition: Partition, regions: str | list[str], secrets: str | list[str]
) -> dict[str, Any]:
    """Makes the conditions that limit the use of a key to some secrets, as their service uses it.

    Args:
        partition: the partition.
        regions: the Region of the secrets, or several.
        secrets: ARN patterns of the secrets.
    """
    via: str | list[str] = (
        secrets_manager_endpoint(partition, regions)
        if isinstance(regions, str)
        else [secrets_manager_endpoint(partition, region) for region in regions]
    )
    return {
        "StringEquals": {"kms:ViaService": via},
        "StringLike": {"kms:EncryptionContext:SecretARN": secrets},
    }


def _accounts_of(partition: str, roles: Iterable[str]) -> list[str]:
    """Lists the roots of the accounts of roles, each once, in the order of the roles."""
    accounts = dict.fromkeys(arn.split(":")[4] for arn in roles)
    return [account_root(partition, account) for account in accounts]


_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")


def canonical(value: Any) -> Any:
    """Makes documents equal that mean the same.

    The order of lists, a list of one item, and ids of statements mean nothing; an account is
    named by its id or by its root.
    """
    if isinstance(value, Mapping):
        is_statement = "Effect" in value
        return {k: canonical(v) for k, v in value.items() if not (is_statement and k == "Sid")}
    if isinstance(value, list):
        items = sorted((canonical(v) for v in value), key=repr)
        return items[0] if len(items) == 1 else items
    if isinstance(value, str) and (root := _ROOT.fullmatch(value)):
        return root[1]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
