"""The policies of the roles that run Terraform on an environment: apply, plan and destroy.

Each document fits a managed policy of IAM, whatever the number of secrets: where their names take
too much room, `coverings` gives prefixes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from secretgen.model.environment import Environment, Locking
from secretgen.model.names import secret_arn_pattern
from secretgen.model.secret import Source
from secretgen.policy.deployment_alarms import alarm_statements, trail_statements
from secretgen.policy.deployment_functions import application_statements
from secretgen.policy.documents import Document, Statement, secrets_manager_endpoint
from secretgen.policy.events import coverings
from secretgen.policy.protection import (
    DESTROYS_KEYS,
    PROTECTED,
    REQUEST_TAG,
    RESOURCE_TAG,
    DESTROYS_SECRETS,
    UNPROTECTED,
    guard_statements,
    service_control_policy,
)
from secretgen.policy.roles import MANAGED_LIMIT, policy_size
from secretgen.policy.state import state_policy
from secretgen.policy.statements import Conditions, allow

_OURS = {"StringEquals": {RESOURCE_TAG: [UNPROTECTED, PROTECTED]}}
"""Condition that a key is one of secretgen's."""


def deployment_policies(environment: Environment) -> dict[str, Document]:
    """Makes the policies of an environment.

    Returns:
        The documents by the name of their file without its end. `apply`, `destroy` and `plan`
        belong to a role each, `apply-…` to those that apply and destroy, `plan-…` to the one that
        plans; `guard` is a service control policy.
    """
    policies = {
        "apply": _fitting(environment, _apply),
        "destroy": _fitting(environment, _destroy),
        "plan": _fitting(environment, _plan),
        "guard": service_control_policy(environment.aws, environment.name),
    }
    parts = {
        "alarms": alarm_statements(environment),
        "functions": application_statements(environment),
        "trail": trail_statements(environment),
    }
    for name, statements in parts.items():
        if statements:
            policies[f"apply-{name}"] = _document(statements)
            policies[f"plan-{name}"] = _document(_reading(statements))
    return dict(sorted(policies.items()))


def _document(statements: Iterable[Statement]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a policy is about.

    Args:
        environment: the environment.
        secrets: names of its secrets, or prefixes of names.
        written: the same of those whose value Terraform writes.
        functions: ARNs of its rotation functions, or one pattern for all.
    """

    environment: Environment
    secrets: tuple[str, ...]
    written: tuple[str, ...]
    functions: tuple[str, ...]

    @property
    def regions(self) -> list[str]:
        """Every Region of the environment."""
        return [self.environment.aws.region, *self.environment.replica_regions]

    def arns(self, names: Sequence[str], region: str | None = None) -> list[str]:
        """ARN patterns of secrets in a Region, or in any.

        A secret that is about to be created has no random characters at the end of its ARN yet.
        """
        exact = {s.name for s in self.environment.secrets}
        aws = self.environment.aws
        arns = []
        for name in names:
            arn = secret_arn_pattern(aws.partition, region or "*", aws.account_id, name)
            stem = arn.removesuffix("-??????")
            arns += [stem, arn] if name in exact else [f"{stem}*"]
        return arns

    @property
    def keys(self) -> str:
        """ARN pattern of the keys of the account."""
        aws = self.environment.aws
        return f"arn:{aws.partition}:kms:*:{aws.account_id}:key/*"

    @property
    def key_arns(self) -> list[str]:
        """ARN patterns of the keys that secrets and replicas use."""
        secrets = self.environment.secrets
        used = {s.kms_key for s in secrets} | {r.kms_key for s in secrets for r in s.replicas}
        elsewhere = {
            arn
            for arn in used
            if arn
            and arn.startswith("arn:")
            and arn.split(":")[4] != self.environment.aws.account_id
        }
        return [self.keys, *sorted(elsewhere)]


def _fitting(environment: Environment, build: Callable[[_Scope], list[Statement]]) -> Document:
    """Makes a document: with the most exact names of secrets for which there is room."""
    everything = list(coverings(s.name for s in environment.secrets))
    written = [s.name for s in environment.secrets if s.value.source is not Source.EXTERNAL]
    for secrets in everything:
        for functions in (_functions(environment), _any_function(environment)):
            scope = _Scope(environment, secrets, _of(written, secrets), functions)
            document = _document(build(scope))
            if policy_size(document) <= MANAGED_LIMIT:
                return document
    raise AssertionError("a policy that names nothing fits")


def _of(names: Iterable[str], prefixes: Iterable[str]) -> tuple[str, ...]:
    return tuple(p for p in prefixes if any(name.startswith(p) for name in names))


def _functions(environment: Environment) -> tuple[str, ...]:
    rotations = [s.rotation for s in environment.secrets if s.rotation]
    named = {r.lambda_arn for r in rotations if r.lambda_arn}
    if any(r.application for r in rotations):
        named.add(f"{_function_prefix(environment)}{environment.name}-*")
    return tuple(sorted(named))


def _any_function(environment: Environment) -> tuple[str, ...]:
    return (f"{_function_prefix(environment)}*",) if _functions(environment) else ()


def _function_prefix(environment: Environment) -> str:
    aws = environment.aws
    return f"arn:{aws.partition}:lambda:{aws.region}:{aws.account_id}:function:"


def _apply(scope: _Scope) -> list[Statement]:
    return [*_managing(scope), *guard_statements()]


def _destroy(scope: _Scope) -> list[Statement]:
    return [
        *_managing(scope),
        allow("DestroySecrets", "secretsmanager", DESTROYS_SECRETS, scope.arns(scope.secrets)),
        allow("DestroyKeys", "kms", DESTROYS_KEYS, scope.keys, _OURS),
    ]


def _managing(scope: _Scope) -> list[Statement]:
    """Makes what a role that applies and one that destroys may do alike."""
    return [
        _manage_secrets(scope),
        *_write_values(scope),
        *_use_keys(scope, "Decrypt Encrypt GenerateDataKey"),
        *_manage_keys(scope),
        *_find_keys(scope),
        *_call_functions(scope),
        *_generate_passwords(scope.environment),
        *state_statements(scope.environment, may_write=True),
    ]


_ROTATION = "CancelRotateSecret RotateSecret"
_REPLICATION = "RemoveRegionsFromReplication ReplicateSecretToRegions"
_LOOKING = "DescribeSecret GetResourcePolicy"


def _manage_secrets(scope: _Scope) -> Statement:
    actions = f"""CreateSecret DeleteResourcePolicy DeleteSecret {_LOOKING} PutResourcePolicy
        TagResource UntagResource UpdateSecret"""
    arns: dict[str, list[str]] = {"secretsmanager:KmsKeyArn": scope.key_arns}
    if scope.environment.replica_regions:
        actions += f" {_REPLICATION}"
    if scope.functions:
        actions += f" {_ROTATION}"
        arns["secretsmanager:RotationLambdaARN"] = list(scope.functions)
    condition: Conditions = {
        "ArnLikeIfExists": arns,
        "BoolIfExists": {"secretsmanager:BlockPublicPolicy": "true"},
    }
    here = scope.environment.aws.region
    return allow(
        "ManageSecrets", "secretsmanager", actions, scope.arns(scope.secrets, here), condition
    )


def _write_values(scope: _Scope) -> list[Statement]:
    """Lets Terraform write values; AWS provider 5 reads each version that it has written."""
    if not scope.written:
        return []
    arns = scope.arns(scope.written, scope.environment.aws.region)
    return [
        allow("WriteValues", "secretsmanager", "PutSecretValue UpdateSecretVersionStage", arns),
        allow("ReadWrittenValues", "secretsmanager", "GetSecretValue", arns),
    ]


def _use_keys(scope: _Scope, actions: str) -> list[Statement]:
    """Lets Secrets Manager use the keys of these secrets for the caller, and nobody else."""
    aws = scope.environment.aws
    via = [secrets_manager_endpoint(aws.partition, region) for region in scope.regions]
    arns = [arn for arn in scope.arns(scope.secrets) if arn.endswith(("-??????", "*"))]
    condition = {
        "StringEquals": {"kms:ViaService": via},
        "StringLike": {"kms:EncryptionContext:SecretARN": arns},
    }
    return [allow("UseKeysOfSecrets", "kms", actions, scope.key_arns, condition)]


def _manage_keys(scope: _Scope) -> list[Statement]:
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
        allow("ManageKeys", "kms", managing, scope.keys, _OURS),
        allow("RotateKeys", "kms", "EnableKeyRotation", scope.keys),
        allow("ManageAliases", "kms", "CreateAlias DeleteAlias UpdateAlias", [aliases, scope.keys]),
    ]


def _find_keys(scope: _Scope) -> list[Statement]:
    reading = "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags"
    return [
        allow("ReadKeys", "kms", reading, scope.keys),
        allow("ListAliases", "kms", "ListAliases", "*"),
    ]


def _call_functions(scope: _Scope) -> list[Statement]:
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


def _plan(scope: _Scope) -> list[Statement]:
    environment = scope.environment
    region = environment.aws.region
    read = scope.arns(scope.secrets, region)
    statements = [allow("ReadSecrets", "secretsmanager", _LOOKING, read)]
    if scope.written:
        written = scope.arns(scope.written, region)
        statements += [
            allow("ReadWrittenValues", "secretsmanager", "GetSecretValue", written),
            *_use_keys(replace(scope, secrets=scope.written), "Decrypt"),
        ]
    if scope.functions:
        statements.append(allow("ReadPermissions", "lambda", "GetPolicy", scope.functions))
    return [
        *statements,
        *_find_keys(scope),
        *_generate_passwords(environment),
        *state_statements(environment, may_write=False),
    ]


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


def state_statements(environment: Environment, *, may_write: bool) -> list[Statement]:
    """Makes what Terraform needs of its state.

    Args:
        environment: the environment.
        may_write: False for a plan, which reads the state and locks it, but never writes it.
    """
    statements: list[Statement] = state_policy(environment)["Statement"]
    if may_write:
        return statements
    reading = {"ReadAndWriteState": {"Sid": "ReadState", "Action": ["s3:GetObject"]}}
    if environment.backend.locking is Locking.DYNAMODB:
        reading["UseKeyOfState"] = {"Action": ["kms:Decrypt"]}
    return [{**statement, **reading.get(statement["Sid"], {})} for statement in statements]
