"""The IAM policy of a reader an account: exactly the calls of `aws`, and none with a value."""

from __future__ import annotations

from typing import Any

READ_SECRETS = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
)
LIST = ("kms:ListAliases", "secretsmanager:ListSecrets")
"""Calls that AWS allows or denies for all resources at once."""
READ_KEYS = (
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListResourceTags",
)
VALUES = (
    "kms:Decrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RestoreSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:StopReplicationToReplica",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
)
"""Calls that return, decrypt, write, copy or delete values, or say which of them is current."""


def read_policy(partition: str = "aws", account_id: str = "*", region: str = "*") -> dict[str, Any]:
    """Makes the policy.

    Args:
        partition: the partition of the account.
        account_id: the account that is read; `*` for any.
        region: the Region of its secrets; keys of replicas are in others.
    """
    secrets = f"arn:{partition}:secretsmanager:{region}:{account_id}:secret:*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            _statement("Allow", "ListSecretsAndAliases", LIST, "*"),
            _statement("Allow", "DescribeSecrets", READ_SECRETS, secrets),
            _statement("Allow", "DescribeKeys", READ_KEYS, f"arn:{partition}:kms:*:*:key/*"),
            _statement("Deny", "NeverTouchValues", VALUES, "*"),
        ],
    }


def _statement(effect: str, sid: str, actions: tuple[str, ...], resource: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": effect, "Action": list(actions), "Resource": resource}
