"""The policy documents of an environment, as the data that JSON and HCL are made from.

They are the three legs of a cross-account read: the reader's identity policy, the secret's
resource policy and the key's policy. A read succeeds only where all three allow it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from secretgen.model.environment import Aws, Environment, KeyGrant, Partition, Role, grant_groups
from secretgen.model.names import reader_roles, role_arn, secret_arn_pattern
from secretgen.model.secret import Reader, Secret

Document = dict[str, Any]
Statement = dict[str, Any]

READ_ACTIONS = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]

_MANY_ACCOUNTS = 6
"""From so many accounts on, a statement that names their common role once is the shorter one."""

_DNS_SUFFIX = {Partition.CHINA: "amazonaws.com.cn"}


def account_root(partition: str, account_id: str) -> str:
    """ARN that stands for a whole account. Unlike a role's, it may be named before any role is."""
    return f"arn:{partition}:iam::{account_id}:root"


def secrets_manager_endpoint(partition: Partition, region: str) -> str:
    """Name by which KMS knows Secrets Manager in a Region (condition key `kms:ViaService`)."""
    return f"secretsmanager.{region}.{_DNS_SUFFIX.get(partition, 'amazonaws.com')}"


def policy_document(statements: Iterable[Statement]) -> Document:
    """Makes a policy of its statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def secret_policy(environment: Environment, secret: Secret) -> Document:
    """Resource policy of a secret: its readers, nobody without TLS, nobody from outside.

    `Resource` is `*`, which in such a policy means the secret it is attached to: AWS copies
    the policy to every replica, whose ARN names another Region.
    """
    aws = environment.aws
    statements = _reader_statements(aws.partition, secret.readers)
    statements.append({
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
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


def _reader_statements(partition: Partition, readers: Iterable[Reader]) -> list[Statement]:
    """Makes the statements that let readers read.

    A role name that many accounts share is named once, with all accounts as principals: the
    account in the ARN of a caller is the one that the principal names, so neither a role of
    another name nor the role of another account gets in.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    for reader in readers:
        for role in reader_roles(reader):
            by_name[role].append(role_arn(partition, reader.account_id, role))
    few = sorted(arn for arns in by_name.values() if len(arns) < _MANY_ACCOUNTS for arn in arns)
    allow = {"Effect": "Allow", "Action": READ_ACTIONS, "Resource": "*"}
    statements: list[Statement] = []
    if few:
        statements.append({
            "Sid": "AllowReaders",
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


def key_policy(aws: Aws, region: str, grants: Iterable[KeyGrant]) -> Document:
    """Policy of a key in a Region: its account's administrators, and decryption for readers.

    Roles that read the same secrets share a statement: the policy grows with the number of
    different rights. A role of one account gains nothing from the root of another beside it,
    as `aws:PrincipalArn` holds the account.

    Readers decrypt through Secrets Manager only, and only what belongs to their secrets. The
    ARN patterns need no secret to exist yet, which keeps key and secret from waiting for each
    other.
    """
    statements: list[Statement] = [{
        "Sid": "AllowAccountAdministration",
        "Effect": "Allow",
        "Principal": {"AWS": account_root(aws.partition, aws.account_id)},
        "Action": "kms:*",
        "Resource": "*",
    }]  # fmt: skip
    statements += [
        {
            "Effect": "Allow",
            "Principal": {"AWS": _accounts_of(aws.partition, group.roles)},
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {
                "ArnLike": {"aws:PrincipalArn": list(group.roles)},
                "StringEquals": {"kms:ViaService": secrets_manager_endpoint(aws.partition, region)},
                "StringLike": {
                    "kms:EncryptionContext:SecretARN": [
                        secret_arn_pattern(aws.partition, region, aws.account_id, name)
                        for name in group.secrets
                    ]
                },
            },
        }
        for group in grant_groups(grants)
    ]
    return policy_document(statements)


def _accounts_of(partition: str, roles: Iterable[str]) -> list[str]:
    """Lists the roots of the accounts of roles, each once, in the order of the roles."""
    accounts = dict.fromkeys(arn.split(":")[4] for arn in roles)
    return [account_root(partition, account) for account in accounts]


def reader_policy(environment: Environment, role: Role) -> Document:
    """Identity policy of a reader's role: its secrets, in each Region, and their decryption.

    Keys are named by condition only: their ids are not known before they exist, and a key
    decrypts nothing for this role but the secrets listed here.
    """
    aws = environment.aws
    by_region: dict[str, list[str]] = defaultdict(list)
    for read in role.reads:
        by_region[read.region].append(
            secret_arn_pattern(aws.partition, read.region, aws.account_id, read.secret)
        )
    everything = [arn for region in sorted(by_region) for arn in by_region[region]]
    statements: list[Statement] = [{
        "Sid": "ReadSecrets",
        "Effect": "Allow",
        "Action": READ_ACTIONS,
        "Resource": everything,
    }]  # fmt: skip
    statements += [
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": f"arn:{aws.partition}:kms:{region}:{aws.account_id}:key/*",
            "Condition": {
                "StringEquals": {"kms:ViaService": secrets_manager_endpoint(aws.partition, region)},
                "StringLike": {"kms:EncryptionContext:SecretARN": arns},
            },
        }
        for region, arns in sorted(by_region.items())
    ]
    return policy_document(statements)


def compact_reader_policy(environment: Environment, role: Role) -> Document:
    """Makes the identity policy of a role that reads too much for `reader_policy`.

    It names each secret once, and once the Regions of all secrets that have the same ones. The
    statement about keys names no secret: without the statement about a secret it is of no use,
    and the policies of the keys name the secrets anyway.
    """
    aws = environment.aws
    regions: dict[str, list[str]] = defaultdict(list)
    for read in role.reads:
        regions[read.secret].append(read.region)
    secrets: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, of_secret in regions.items():
        arn = secret_arn_pattern(aws.partition, "*", aws.account_id, name)
        secrets[tuple(sorted(of_secret))].append(arn)
    statements: list[Statement] = [
        {
            "Sid": f"ReadSecrets{number}",
            "Effect": "Allow",
            "Action": READ_ACTIONS,
            "Resource": arns,
            "Condition": {"StringEquals": {"aws:RequestedRegion": list(where)}},
        }
        for number, (where, arns) in enumerate(sorted(secrets.items()), start=1)
    ]
    everywhere = sorted({read.region for read in role.reads})
    via = [secrets_manager_endpoint(aws.partition, region) for region in everywhere]
    any_secret = f"arn:{aws.partition}:secretsmanager:*:{aws.account_id}:secret:*"
    statements.append({
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": f"arn:{aws.partition}:kms:*:{aws.account_id}:key/*",
        "Condition": {
            "StringEquals": {"kms:ViaService": via},
            "StringLike": {"kms:EncryptionContext:SecretARN": any_secret},
        },
    })  # fmt: skip
    return policy_document(statements)
