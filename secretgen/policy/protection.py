"""What AWS refuses for protected secrets and keys, whoever runs Terraform.

The tag `PROTECTION_TAG` says what is protected. The guard is made of Deny statements, which no
Allow overrides. Condition keys are those of the Service Authorization Reference, "Actions,
resources, and condition keys for AWS Secrets Manager" and "… for AWS Key Management Service".
"""

from __future__ import annotations

from secretgen.model.environment import Aws
from secretgen.model.names import PROTECTION_TAG, role_arn
from secretgen.policy.documents import Document, Statement, policy_document

PROTECTED, UNPROTECTED = "true", "false"
"""Values of the tag. Only keys carry it when they are not protected: nothing else tells the keys
of an environment from the others of the account."""

RESOURCE_TAG = f"aws:ResourceTag/{PROTECTION_TAG}"
REQUEST_TAG = f"aws:RequestTag/{PROTECTION_TAG}"

DESTROYS_SECRETS = """DeleteResourcePolicy DeleteSecret RemoveRegionsFromReplication
    StopReplicationToReplica"""
"""Actions on a secret that destroy it or a replica, or open it to its whole account."""

DESTROYS_KEYS = """DeleteImportedKeyMaterial DisableKey DisableKeyRotation ScheduleKeyDeletion
    UpdatePrimaryRegion"""
"""Actions on a key that destroy it, or everything that is encrypted with it."""

_TAGGING = ["kms:TagResource", "secretsmanager:TagResource"]
_UNTAGGING = ["kms:UntagResource", "secretsmanager:UntagResource"]
_OVERWRITING = ["secretsmanager:CreateSecret", "secretsmanager:ReplicateSecretToRegions"]


def destroyer_name(environment: str) -> str:
    """Name of the role that may destroy what is protected."""
    return f"{environment}-secrets-destroy"


def guard_statements() -> list[Statement]:
    """Makes the Deny statements, which keep what is protected and its tag."""
    protected = {RESOURCE_TAG: PROTECTED}
    return [
        _deny(
            "DenyDestruction",
            [
                *(f"kms:{action}" for action in DESTROYS_KEYS.split()),
                *(f"secretsmanager:{action}" for action in DESTROYS_SECRETS.split()),
            ],
            {"StringEquals": protected},
        ),
        _deny(
            "DenyUntagging",
            _UNTAGGING,
            {
                "StringEquals": protected,
                "ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": PROTECTION_TAG},
            },
        ),
        _deny(
            "DenyRetagging",
            _TAGGING,
            {
                "StringEquals": protected,
                "Null": {REQUEST_TAG: "false"},
                "StringNotEquals": {REQUEST_TAG: PROTECTED},
            },
        ),
        # The secret that is overwritten is another one than that of the request.
        _deny(
            "DenyOverwriting",
            _OVERWRITING,
            {"Bool": {"secretsmanager:ForceOverwriteReplicaSecret": "true"}},
        ),
        _deny(
            "DenyPublicPolicies",
            ["secretsmanager:PutResourcePolicy"],
            {"StringEquals": protected, "BoolIfExists": _NOT_BLOCKED},
        ),
        _deny(
            "DenyLockout",
            ["kms:CreateKey", "kms:PutKeyPolicy"],
            {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}},
        ),
    ]


_NOT_BLOCKED = {"secretsmanager:BlockPublicPolicy": "false"}


def service_control_policy(aws: Aws, environment: str) -> Document:
    """Makes the guard as a service control policy: for everyone but roles that may destroy.

    The guards of all environments of an account apply together, so each exempts the roles of all.
    Their policies name their own secrets, but no keys; hence the last statement.
    """
    role, others = (
        {"aws:PrincipalArn": role_arn(aws.partition, aws.account_id, destroyer_name(name))}
        for name in (environment, "*")
    )
    foreign = _deny(
        "DenyOtherEnvironments",
        [f"kms:{a}" for a in f"{DESTROYS_KEYS} PutKeyPolicy TagResource UntagResource".split()],
        {
            "ArnLike": others,
            "ArnNotEquals": role,
            "ForAnyValue:StringLike": {"kms:ResourceAliases": f"alias/{environment}-secrets/*"},
        },
    )
    guard = guard_statements()
    for statement in guard:
        statement["Condition"]["ArnNotLike"] = others
    return policy_document([*guard, foreign])


def _deny(sid: str, actions: list[str], condition: dict[str, object]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": actions,
        "Resource": "*",
        "Condition": condition,
    }
