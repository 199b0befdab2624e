"""Permissions to invoke the rotation functions that a spec names."""

from __future__ import annotations

from msgspec import Struct

from secretgen.model.environment import Environment
from secretgen.model.names import name_prefix, rotation_permission, rotation_statement_id
from secretgen.policy.documents import Document

MAX_FUNCTION_POLICY = 20_480
"""Characters. Lambda Developer Guide, "Lambda quotas", "Resource-based policy"."""

_PARTS_OF_A_FUNCTION = 7
"""Of its ARN; an eighth is a version or an alias."""


class Permission(Struct, frozen=True):
    """A permission to invoke a function for all secrets whose names begin alike.

    Args:
        label: of its block.
        statement_id: in the policy of the function.
        function_arn: the function, without a version or an alias.
        qualifier: version or alias; None for the function itself.
        source_account: account of the secrets.
        source_arn: pattern of their ARNs.
    """

    label: str
    statement_id: str
    function_arn: str
    qualifier: str | None
    source_account: str
    source_arn: str


def permissions(environment: Environment) -> list[Permission]:
    """Lists the permissions of all functions, one for each function and prefix of its secrets.

    A function's policy has room for about 48 statements. Which secrets a permission covers follows
    from each name alone, so another secret changes none that is there.
    """
    pairs = {
        (secret.rotation.lambda_arn, name_prefix(secret.name))
        for secret in environment.secrets
        if secret.rotation and secret.rotation.lambda_arn
    }
    return [_permission(environment, function, prefix) for function, prefix in sorted(pairs)]


def _permission(environment: Environment, function: str, prefix: str) -> Permission:
    aws, parts = environment.aws, function.split(":")
    secrets = aws.arn("secretsmanager", "secret")
    return Permission(
        label=rotation_permission(function, prefix),
        statement_id=rotation_statement_id(environment.name, prefix),
        function_arn=":".join(parts[:_PARTS_OF_A_FUNCTION]),
        qualifier=next(iter(parts[_PARTS_OF_A_FUNCTION:]), None),
        source_account=aws.account_id,
        source_arn=f"{secrets}:{prefix}*",
    )


def function_policies(environment: Environment) -> dict[str, Document]:
    """Makes the policies that Lambda composes of the permissions, by the ARN that is invoked."""
    policies: dict[str, Document] = {}
    for permission in permissions(environment):
        qualifier = f":{permission.qualifier}" if permission.qualifier else ""
        arn = permission.function_arn + qualifier
        policy = policies.setdefault(
            arn, {"Version": "2012-10-17", "Id": "default", "Statement": []}
        )
        policy["Statement"].append({
            "Sid": permission.statement_id,
            "Effect": "Allow",
            "Principal": {"Service": "secretsmanager.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": arn,
            "Condition": {
                "StringEquals": {"AWS:SourceAccount": permission.source_account},
                "ArnLike": {"AWS:SourceArn": permission.source_arn},
            },
        })  # fmt: skip
    return policies
