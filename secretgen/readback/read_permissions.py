"""What lets Secrets Manager invoke the rotation functions that specs name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from secretgen.model.environment import Aws
from secretgen.model.names import name_prefix, rotation_permission, rotation_statement_id
from secretgen.model.secret import Rotation, Secret
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_providers import ACCOUNT_ID
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import Ref

_PERMISSION = "aws_lambda_permission"
_PARTS_OF_A_FUNCTION = 7
"""Of its ARN; an eighth is a version or an alias."""


def expect_permission(secret: Fields, name: str, rotation: Rotation | None) -> None:
    """Holds a secret to wait for the permission of its function, and for nothing else.

    Args:
        secret: its module block.
        name: its name.
        rotation: how it rotates.
    """
    function = _function(rotation)
    expected = function and [Ref(_PERMISSION, rotation_permission(function, name_prefix(name)))]
    secret.expect("depends_on", expected)


def check_permissions(root: Root, secrets: Iterable[Secret], environment: str, aws: Aws) -> None:
    """Takes the permissions of all functions, and holds them to what they must be.

    Args:
        root: the environment's root module.
        secrets: its secrets.
        environment: its name.
        aws: its account.
    """
    pairs = {(_function(s.rotation), name_prefix(str(s.name))) for s in secrets}
    for function, prefix in sorted((f, p) for f, p in pairs if f):
        address = ("resource", _PERMISSION, rotation_permission(function, prefix))
        permission = root.need(*address)
        if permission is None:
            continue
        parts = function.split(":")
        arn = f"arn:{aws.partition}:secretsmanager:{aws.region}:{aws.account_id}:secret"
        permission.expect("statement_id", rotation_statement_id(environment, prefix))
        permission.expect("action", "lambda:InvokeFunction")
        permission.expect("function_name", ":".join(parts[:_PARTS_OF_A_FUNCTION]))
        permission.expect("qualifier", next(iter(parts[_PARTS_OF_A_FUNCTION:]), None))
        permission.expect("principal", "secretsmanager.amazonaws.com")
        permission.expect("source_account", ACCOUNT_ID)
        permission.expect("source_arn", f"{arn}:{prefix}*")
        permission.finish()


def _function(rotation: Rotation | None) -> str | None:
    """Returns the ARN of the function of a spec; None when what is read is none."""
    function: Any = rotation and rotation.lambda_arn
    is_arn = isinstance(function, str) and function.count(":") >= _PARTS_OF_A_FUNCTION - 1
    return function if is_arn else None
