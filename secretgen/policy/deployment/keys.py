"""What roles that run Terraform need of KMS."""

from __future__ import annotations

from secretgen.policy.deployment.scope import Scope
from secretgen.policy.documents import Statement, secrets_manager_endpoint
from secretgen.policy.protection import PROTECTED, REQUEST_TAG, RESOURCE_TAG, UNPROTECTED
from secretgen.policy.statements import Conditions, allow

TAGGED_KEYS = {"StringEquals": {RESOURCE_TAG: [UNPROTECTED, PROTECTED]}}
"""Condition that a key is one of secretgen's."""


def use_keys(scope: Scope, actions: str) -> list[Statement]:
    """Lets Secrets Manager use the keys of these secrets for the caller, and nobody else."""
    aws = scope.environment.aws
    via = [secrets_manager_endpoint(aws.partition, region) for region in scope.regions]
    arns = [arn for arn in scope.arns(scope.secrets) if arn.endswith(("-??????", "*"))]
    condition = {
        "StringEquals": {"kms:ViaService": via},
        "StringLike": {"kms:EncryptionContext:SecretARN": arns},
    }
    return [allow("UseKeysOfSecrets", "kms", actions, scope.key_arns, condition)]


def manage_keys(scope: Scope) -> list[Statement]:
    """Lets Terraform make and manage the keys of the environment.

    A key that is being created has neither the tag that makes it the environment's nor an alias.
    So one with an alias is never made the environment's by tagging it.
    """
    aws = scope.environment.aws
    names = f"{scope.environment.name}-secrets*"
    aliases = f"arn:{aws.partition}:kms:*:{aws.account_id}:alias/{names}"
    new = {
        "StringEquals": {
            REQUEST_TAG: [UNPROTECTED, PROTECTED],
            "aws:RequestedRegion": scope.regions,
        }
    }
    unnamed: Conditions = {**new, "Null": {"kms:ResourceAliases": "true"}}
    managing = """EnableKey PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource
        UpdateKeyDescription"""
    return [
        allow("CreateKeys", "kms", "CreateKey", "*", new),
        allow("TagNewKeys", "kms", "TagResource", scope.keys, unnamed),
        allow("ManageKeys", "kms", managing, scope.keys, TAGGED_KEYS),
        allow("RotateKeys", "kms", "EnableKeyRotation", scope.keys),
        allow("ManageAliases", "kms", "CreateAlias DeleteAlias UpdateAlias", [aliases, scope.keys]),
    ]


def find_keys(scope: Scope) -> list[Statement]:
    """Lets Terraform look at the keys of the account, which nothing tells apart before."""
    reading = "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags"
    return [
        allow("ReadKeys", "kms", reading, scope.keys),
        allow("ListAliases", "kms", "ListAliases", "*"),
    ]
