"""How secrets rotate, from their module blocks and those of the rotation functions.

For secrets that AWS services own, from the resources that set their rotation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from secretgen.model.applications import (
    APPLICATIONS,
    SUPERUSER_FIELD,
    application_id,
    application_version,
)
from secretgen.model.changes import ROTATION
from secretgen.model.environment import Aws, Partition
from secretgen.model.names import (
    label,
    name_of,
    name_prefix,
    rotation_permission,
    rotation_statement_id,
    secret_arn_pattern,
    secret_module,
)
from secretgen.model.secret import Rotation, RotationSchedule, Secret, ServiceSecret, Vpc
from secretgen.model.secret import Value as Content
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_context import ReadContext
from secretgen.readback.read_providers import ACCOUNT_ID, PARTITION, REGION
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import (
    Ref,
    boolean,
    code,
    reference,
    text,
    texts,
    to_plain,
    whole,
)


def read_service_secrets(root: Root) -> tuple[ServiceSecret, ...]:
    """Reads all of them, by name."""
    found = [_read(root, address[-1]) for address in root.addresses("resource", ROTATION)]
    return tuple(sorted(found, key=lambda secret: secret.name))


def _read(root: Root, label: str) -> ServiceSecret:
    name = name_of(label) or label
    path = ("service_secrets", name)
    fields = root.take("resource", ROTATION, label, path=path) or Fields.none(root.notes)
    secret = ServiceSecret(name, fields.get("secret_id", text, "arn"), _schedule(fields))
    lifecycle = fields.block("lifecycle") or Fields.none(root.notes)
    lifecycle.expect("prevent_destroy", expected=True)
    lifecycle.finish()
    fields.finish()
    return secret


def _schedule(fields: Fields) -> RotationSchedule:
    immediately = fields.take("rotate_immediately", "rotation", "immediately")
    path = (*fields.path, "rotation")
    rules = fields.block("rotation_rules", path=path) or Fields.none(fields.notes)
    schedule = RotationSchedule(
        **read_rules(rules),
        # As the provider has it where nothing is said.
        immediately=True if immediately is None else boolean(immediately),
    )
    rules.finish()
    return schedule


def read_rotation(
    secret: Fields, name: str, content: Content, around: ReadContext
) -> Rotation | None:
    """Reads how a secret rotates; None when it does not.

    Args:
        secret: its module block.
        name: its name.
        content: where its value comes from.
        around: what its blocks refer to.
    """
    fields = secret.object("rotation", "rotation")
    if fields is None:
        return None
    module = f"rotation__{label(name)}"
    function = fields.take("lambda_arn", "lambda_arn")
    lambda_arn, deployed = None, {}
    if reference(function) == ("module", module, "arn"):
        deployed = _read_function(module, fields, name, content, around)
    elif function is not None:
        lambda_arn = text(function)
    rotation = Rotation(
        **read_rules(fields),
        immediately=fields.get("rotate_immediately", boolean, "immediately", absent=False),
        lambda_arn=lambda_arn,
        **deployed,
    )
    fields.finish()
    return rotation


def read_rules(fields: Fields) -> dict[str, Any]:
    """Reads how often a secret rotates, and for how long."""
    return {
        "every_days": fields.get("automatically_after_days", whole, "every_days"),
        "schedule": fields.get("schedule_expression", text, "schedule"),
        "duration": fields.get("duration"),
    }


def _read_function(
    module: str, rotation: Fields, name: str, content: Content, around: ReadContext
) -> dict[str, Any]:
    """Reads what a rotation function that the environment deploys is made of."""
    function = around.root.need("module", module, path=rotation.path)
    if function is None:
        return {}
    application = _application(to_plain(function.take("application_id", "application")), around.aws)
    version = _version(application, around.aws)
    function.expect("semantic_version", version)
    excluded = function.get("exclude_characters", absent="")
    network = function.object("vpc", "vpc")
    vpc = None
    if network:
        subnets = network.get("subnet_ids", texts)
        vpc = Vpc(subnets, network.get("security_group_ids", texts))
        network.finish()
    function.expect("source", f"{around.module}/rotation-function")
    function.expect("partition", PARTITION)
    function.expect("region", REGION)
    _expect_code(function, "kms_key_arn", around.key_ids[name])
    superuser, superuser_key = _superuser(str(application), content, around)
    _expect_code(function, "superuser_secret_arn", superuser)
    _expect_code(function, "superuser_kms_key_arn", superuser_key)
    # The name has a part of a digest in it, and nothing refers to it.
    function.skip("name")
    function.finish()
    return {"application": application, "vpc": vpc, "exclude_characters": excluded}


def _application(found: Any, aws: Aws) -> Any:
    """Returns the name of an application; what is found when it is none of AWS's."""
    partition = aws.partition if isinstance(aws.partition, Partition) else Partition.AWS
    names = {application_id(partition, name): name for name in APPLICATIONS}
    return names.get(found, found) if isinstance(found, str) else found


def _version(application: Any, aws: Aws) -> str | None:
    """Returns the version that an application has to be; None when it is none of AWS's."""
    is_known = application in APPLICATIONS and isinstance(aws.partition, Partition)
    return application_version(aws.partition, application) if is_known else None


def _superuser(application: str, content: Content, around: ReadContext) -> tuple[str, str]:
    """Tells by which code the superuser's secret and its key have to be named; empty for none."""
    literals = {field.name: field.literal for field in content.fields}
    named = literals.get(SUPERUSER_FIELD)
    if not isinstance(named, str) or not application.endswith("-multi-user"):
        return "", ""
    aws = around.aws
    for other, key_id in sorted(around.key_ids.items()):
        arn = re.escape(secret_arn_pattern(aws, other))
        if re.fullmatch(arn.replace(r"\?", "."), named):
            return f"module.{secret_module(other)}.arn", key_id
    return (json.dumps(named, ensure_ascii=False) if named else ""), ""


def _expect_code(function: Fields, argument: str, expected: str) -> None:
    value = function.take(argument, argument)
    if code(value) != expected:
        span = value.span if value else None
        function.add_unexpected(argument, expected or None, code(value) or None, span)


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
