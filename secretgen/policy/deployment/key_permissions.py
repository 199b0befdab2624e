"""What roles that run Terraform need of KMS."""

from __future__ import annotations

from collections.abc import Sequence

from secretgen.model.applications import application_id
from secretgen.model.environment import Environment
from secretgen.model.names import DEPLOYED_STACK, rotation_function_roles
from secretgen.model.secret import AWS_MANAGED
from secretgen.policy.deployment.alarm_permissions import pass_role_statement
from secretgen.policy.deployment.scope import Scope, key_pattern, regions
from secretgen.policy.documents import Statement, secrets_manager_endpoint
from secretgen.policy.protection import PROTECTED, REQUEST_TAG, RESOURCE_TAG, UNPROTECTED
from secretgen.policy.statements import Conditions, allow

TAGGED_KEYS = {"StringEquals": {RESOURCE_TAG: [UNPROTECTED, PROTECTED]}}
"""Condition that a key is one of secretgen's."""

MAX_IMPORTED_KEYS = 40
"""Keys of `changes` for which a policy has room."""


def use_keys(scope: Scope, secrets: Sequence[str], actions: str) -> list[Statement]:
    """Lets Secrets Manager use the keys of these secrets for the caller, and nothing else.

    AWS's own key, `aws/secretsmanager`, needs no permission.
    """
    if all(secret.kms_key == AWS_MANAGED for secret in scope.environment.secrets):
        return []
    aws = scope.environment.aws
    via = [secrets_manager_endpoint(aws.partition, region) for region in regions(scope.environment)]
    condition = {
        "StringEquals": {"kms:ViaService": via},
        "StringLike": {"kms:EncryptionContext:SecretARN": scope.arns(secrets)},
    }
    return [allow("UseKeysOfSecrets", "kms", actions, scope.key_arns, condition)]


def key_statements(environment: Environment) -> list[Statement]:
    """Makes the statements about the keys that an environment makes; none where it makes none.

    A key that is being created has neither the tag that makes it the environment's nor an alias.
    So one with an alias is never made the environment's by tagging it.
    """
    if not _makes_keys(environment):
        return []
    aws = environment.aws
    names = f"{environment.name}-secrets*"
    keys = key_pattern(aws)
    aliases = aws.arn("kms", f"alias/{names}", "*")
    new = {
        "StringEquals": {
            REQUEST_TAG: [UNPROTECTED, PROTECTED],
            "aws:RequestedRegion": regions(environment),
        }
    }
    unnamed: Conditions = {**new, "Null": {"kms:ResourceAliases": "true"}}
    managing = """EnableKey PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource
        UpdateKeyDescription"""
    return [
        allow("CreateKeys", "kms", "CreateKey", "*", new),
        allow("TagNewKeys", "kms", "TagResource", keys, unnamed),
        allow("ManageKeys", "kms", managing, keys, TAGGED_KEYS),
        *_import_keys(environment),
        allow("RotateKeys", "kms", "EnableKeyRotation", keys),
        allow("ManageAliases", "kms", "CreateAlias DeleteAlias UpdateAlias", [aliases, keys]),
        allow(
            "ReadKeys",
            "kms",
            "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags",
            keys,
        ),
        allow("ListAliases", "kms", "ListAliases", "*"),
    ]


def _import_keys(environment: Environment) -> list[Statement]:
    """Lets Terraform take over the keys of `changes`, whose tag it has not set yet.

    A key in use has an alias and no tag, so neither `TagNewKeys` nor `ManageKeys` allows it.
    """
    aws = environment.aws
    imports = [entry for entry in environment.changes.imports if entry.to.is_key]
    arns = sorted({aws.arn("kms", f"key/{entry.id}", entry.region) for entry in imports})
    actions = "PutKeyPolicy TagResource UpdateKeyDescription"
    return [allow("ImportKeys", "kms", actions, arns[:MAX_IMPORTED_KEYS])] if arns else []


def _makes_keys(environment: Environment) -> bool:
    """Returns whether an environment makes any key: for secrets, its topic or its trail."""
    monitoring = environment.monitoring
    return bool(
        environment.keys or (monitoring and (monitoring.notify.email or monitoring.cloudtrail))
    )


def application_statements(environment: Environment) -> list[Statement]:
    """Makes the statements about applications; none where no application rotates a secret."""
    aws = environment.aws
    applications = {
        application_id(aws.partition, s.rotation.application)
        for s in environment.secrets
        if s.rotation and s.rotation.application
    }
    if not applications:
        return []
    names = f"{environment.name}-*"
    role = aws.arn("iam", f"role/{rotation_function_roles(environment.name)}", "")
    statements = [
        allow(
            "ReadApplications",
            "serverlessrepo",
            "CreateCloudFormationChangeSet GetApplication",
            sorted(applications),
        ),
        allow(
            "ManageStacks",
            "cloudformation",
            """CreateChangeSet DeleteStack DescribeChangeSet DescribeStackEvents DescribeStacks
            ExecuteChangeSet GetTemplate TagResource UntagResource""",
            aws.arn("cloudformation", f"stack/{DEPLOYED_STACK}{names}"),
        ),
        allow(
            "TransformTemplates",
            "cloudformation",
            "CreateChangeSet",
            f"arn:{aws.partition}:cloudformation:{aws.region}:aws:transform/Serverless-2016-10-31",
        ),
        allow(
            "ManageFunctions",
            "lambda",
            """AddPermission CreateFunction DeleteFunction GetFunction GetFunctionConfiguration
            RemovePermission TagResource UntagResource UpdateFunctionCode
            UpdateFunctionConfiguration""",
            aws.arn("lambda", f"function:{names}"),
        ),
        allow(
            "ManageRolesOfFunctions",
            "iam",
            """AttachRolePolicy CreateRole DeleteRole DeleteRolePolicy DetachRolePolicy GetRole
            GetRolePolicy PutRolePolicy TagRole UntagRole""",
            role,
        ),
        pass_role_statement("PassRolesToFunctions", role, "lambda.amazonaws.com"),
        # The code of the applications lies in buckets of AWS.
        allow("ReadCode", "s3", "GetObject", f"arn:{aws.partition}:s3:::awsserverlessrepo-*"),
    ]
    if any(s.rotation and s.rotation.vpc for s in environment.secrets):
        found = "DescribeSecurityGroups DescribeSubnets DescribeVpcs"
        statements.append(allow("FindNetworks", "ec2", found, "*"))
    return statements
