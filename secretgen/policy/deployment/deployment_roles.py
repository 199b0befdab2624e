"""The policies of the roles that run Terraform on an environment: apply, plan and destroy.

Each document fits a managed policy of IAM, whatever the number of secrets: where their names take
too much room, `coverings` gives prefixes of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from secretgen.model.environment import Environment, Locking
from secretgen.policy.deployment.alarm_permissions import (
    alarm_statements,
    notification_statements,
    trail_statements,
)
from secretgen.policy.deployment.key_permissions import (
    TAGGED_KEYS,
    application_statements,
    key_statements,
    use_keys,
)
from secretgen.policy.deployment.scope import Scope, fitting, foreign_keys, key_pattern
from secretgen.policy.documents import Document, Statement, policy_document
from secretgen.policy.protection import (
    DESTROYS_KEYS,
    DESTROYS_SECRETS,
    guard_statements,
    service_control_policy,
)
from secretgen.policy.state_policies import state_policy
from secretgen.policy.statements import Conditions, allow


def deployment_policies(environment: Environment) -> dict[str, Document]:
    """Makes the policies of an environment.

    Returns:
        The documents by the name of their file without its end. `apply`, `destroy` and `plan`
        belong to a role each, `apply-…` to those that apply and destroy, `plan-…` to the one that
        plans; `guard` is a service control policy.
    """
    policies = {
        "apply": fitting(environment, lambda scope: [*_managing(scope), *guard_statements()]),
        "apply-state": state_policy(environment),
        "destroy": fitting(environment, _destroy),
        "plan": fitting(environment, _plan),
        "plan-audit": policy_document(_audit(environment)),
        "plan-state": policy_document(_state_reading(environment)),
        "guard": service_control_policy(environment.aws, environment.name),
    }
    parts = {
        "alarms": alarm_statements(environment),
        "keys": key_statements(environment),
        "notifications": notification_statements(environment),
        "functions": application_statements(environment),
        "services": _service_rotations(
            environment, "ManageRotations", "DescribeSecret RotateSecret"
        ),
        "trail": trail_statements(environment),
    }
    for name, statements in parts.items():
        if statements:
            policies[f"apply-{name}"] = policy_document(statements)
            policies[f"plan-{name}"] = policy_document(_reading(statements))
    return dict(sorted(policies.items()))


def _destroy(scope: Scope) -> list[Statement]:
    return [
        *_managing(scope),
        allow("DestroySecrets", "secretsmanager", DESTROYS_SECRETS, scope.arns(scope.secrets)),
        allow("DestroyKeys", "kms", DESTROYS_KEYS, key_pattern(scope.environment.aws), TAGGED_KEYS),
        *_service_rotations(scope.environment, "EndRotations", "CancelRotateSecret"),
    ]


def _managing(scope: Scope) -> list[Statement]:
    """Makes what a role that applies and one that destroys may do alike."""
    return [
        _manage_secrets(scope),
        *_write_values(scope),
        *use_keys(scope, scope.secrets, "Decrypt Encrypt GenerateDataKey"),
        *_call_functions(scope),
        *_generate_passwords(scope.environment),
    ]


_ROTATION = "CancelRotateSecret RotateSecret"
_REPLICATION = "RemoveRegionsFromReplication ReplicateSecretToRegions"
_LOOKING = "DescribeSecret GetResourcePolicy"


def _manage_secrets(scope: Scope) -> Statement:
    actions = f"""CreateSecret DeleteResourcePolicy DeleteSecret {_LOOKING} PutResourcePolicy
        TagResource UntagResource UpdateSecret"""
    compared: dict[str, list[str]] = {"secretsmanager:KmsKeyArn": scope.key_arns}
    if scope.environment.other_regions:
        actions += f" {_REPLICATION}"
    if scope.functions:
        actions += f" {_ROTATION}"
        compared["secretsmanager:RotationLambdaARN"] = list(scope.functions)
    condition: Conditions = {
        "ArnLikeIfExists": compared,
        "BoolIfExists": {"secretsmanager:BlockPublicPolicy": "true"},
    }
    arns = scope.arns(scope.secrets, scope.environment.aws.region)
    return allow("ManageSecrets", "secretsmanager", actions, [*scope.new_arns, *arns], condition)


def _write_values(scope: Scope) -> list[Statement]:
    """Lets Terraform write values; AWS provider 5 reads each version that it has written."""
    if not scope.written:
        return []
    arns = scope.arns(scope.written, scope.environment.aws.region)
    actions = "GetSecretValue PutSecretValue UpdateSecretVersionStage"
    return [allow("WriteValues", "secretsmanager", actions, arns)]


def _call_functions(scope: Scope) -> list[Statement]:
    """Lets Secrets Manager invoke the rotation functions, as RotateSecret does for the caller."""
    if not scope.functions:
        return []
    actions = "AddPermission GetPolicy InvokeFunction RemovePermission"
    return [allow("LetRotate", "lambda", actions, scope.functions)]


def _generate_passwords(environment: Environment) -> list[Statement]:
    values = [s.value for s in environment.secrets]
    if not any(v.password or any(f.password for f in v.fields) for v in values):
        return []
    return [allow("GeneratePasswords", "secretsmanager", "GetRandomPassword", "*")]


def _plan(scope: Scope) -> list[Statement]:
    environment = scope.environment
    region = environment.aws.region
    read = scope.arns(scope.secrets, region)
    statements = [allow("ReadSecrets", "secretsmanager", _LOOKING, read)]
    if scope.written:
        written = scope.arns(scope.written, region)
        statements += [
            allow("ReadWrittenValues", "secretsmanager", "GetSecretValue", written),
            *use_keys(scope, scope.written, "Decrypt"),
        ]
    if scope.functions:
        statements.append(allow("ReadPermissions", "lambda", "GetPolicy", scope.functions))
    return [*statements, *_generate_passwords(environment)]


def _service_rotations(environment: Environment, sid: str, actions: str) -> list[Statement]:
    """Allows something with the secrets that AWS services own; none where there are none."""
    arns = sorted(secret.arn for secret in environment.service_secrets)
    services = sorted({f"{arn.partition('!')[0]}!*" for arn in arns})
    named = arns if len(arns) <= _MAX_SERVICE_SECRETS else services
    return [allow(sid, "secretsmanager", actions, named)] if arns else []


_MAX_SERVICE_SECRETS = 10
"""Service secrets that are named one by one; of more, all of a service's are allowed."""

_READS = ("Describe", "Get", "List")


def _reading(statements: Iterable[Statement]) -> list[Statement]:
    """Keeps of statements what a plan calls: what only reads."""
    reading = []
    for statement in statements:
        actions = [a for a in statement["Action"] if a.split(":")[1].startswith(_READS)]
        if actions:
            sid = statement["Sid"].replace("Manage", "Read")
            reading.append({**statement, "Sid": sid, "Action": actions})
    return reading


def _state_reading(environment: Environment) -> list[Statement]:
    """Keeps of the state's policy what a plan needs: it locks the state, but never writes it."""
    reading = {"ReadAndWriteState": {"Sid": "ReadState", "Action": ["s3:GetObject"]}}
    if environment.backend.locking is Locking.DYNAMODB:
        reading["UseKeyOfState"] = {"Action": ["kms:Decrypt"]}
    statements: list[Statement] = state_policy(environment)["Statement"]
    return [{**statement, **reading.get(statement["Sid"], {})} for statement in statements]


_MAX_NAMED = 10
"""Keys and secrets that are named one by one; of more, a pattern allows all of their account."""


def _audit(environment: Environment) -> list[Statement]:
    """Allows what an audit in a scheduled workflow asks beyond what a plan does, and no value.

    Secrets of the spec are described by the policy `plan` already.
    """
    own = key_pattern(environment.aws)
    reading = "DescribeKey GetKeyPolicy GetKeyRotationStatus ListGrants ListResourceTags"
    statements = [
        allow("ListSecrets", "secretsmanager", "ListSecrets", "*"),
        allow("ListAliases", "kms", "ListAliases", "*"),
        allow("AuditKeys", "kms", reading, own),
    ]
    if keys := foreign_keys(environment):
        patterns = sorted({f"{key.partition(':key/')[0]}:key/*" for key in keys})
        named = keys if len(keys) <= _MAX_NAMED else patterns
        statements.append(allow("DescribeKeysOfOtherAccounts", "kms", "DescribeKey", named))
    return [*statements, *_service_rotations(environment, "AuditServiceSecrets", _LOOKING)]
