"""Views of the module blocks of secrets, and of the values that pass through them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from secretgen.hcl.encode import Expression, call, reference
from secretgen.model.environment import Environment, Partition
from secretgen.model.layout import Layout
from secretgen.model.names import (
    key_modules,
    name_prefix,
    reader_arns,
    rotation_permission,
    secret_module,
    variable,
)
from secretgen.model.secret import (
    AWS_MANAGED,
    AWS_MANAGED_ALIAS,
    Field,
    Number,
    Password,
    PlainFields,
    Reader,
    Replica,
    Rotation,
    Secret,
    Source,
    Value,
    plain_fields,
)
from secretgen.policy.documents import exempt_roles
from secretgen.render.views.keys_view import key_of, secret_folder, source
from secretgen.render.views.rotation_view import rotation_function


class PasswordView(Struct, frozen=True):
    """The block of an ephemeral random password."""

    label: str
    length: int
    options: tuple[tuple[str, str | bool], ...]


class VariableView(Struct, frozen=True):
    """The block of an input variable that carries the value of a secret, or of one field."""

    name: str
    description: str


class SecretView(PlainFields, frozen=True, kw_only=True):
    """The module block of a secret."""

    module: str
    source: str
    name: str
    kms_key_id: Expression | str
    is_aws_managed: bool
    readers: tuple[str, ...]
    writers: tuple[str, ...]
    exempt: tuple[str, ...]
    in_organization: bool
    replicas: Mapping[str, Expression | str]
    rotation: Mapping[str, Any] | None
    permission: Expression | None
    tags: Mapping[str, str]
    secret_string: Expression | None
    version: int | None
    needs_every_variable: bool
    passwords: tuple[PasswordView, ...]


def secret_views(environment: Environment, layout: Layout) -> list[SecretView]:
    """Makes the view of every secret."""
    return [_secret_view(environment, layout, secret) for secret in environment.secrets]


def _secret_view(environment: Environment, layout: Layout, secret: Secret) -> SecretView:
    partition = environment.aws.partition
    return SecretView(
        **plain_fields(secret),
        module=secret_module(secret.name),
        source=source(layout, secret_folder(secret), protected=secret.deletion_protection),
        name=secret.name,
        kms_key_id=key_of(secret),
        is_aws_managed=secret.kms_key == AWS_MANAGED,
        readers=_arns(partition, secret.readers) if secret.manages_policy else (),
        writers=_arns(partition, secret.writers) if secret.manages_policy else (),
        exempt=exempt_roles(environment, secret),
        in_organization=environment.aws.organization_id is not None and secret.manages_policy,
        replicas={r.region: _replica_key(secret, r) for r in secret.replicas},
        rotation=_rotation(secret, secret.rotation) if secret.rotation else None,
        permission=_permission(secret),
        tags=secret.tags,
        secret_string=_secret_string(secret),
        version=secret.value.version,
        needs_every_variable=_has_variable_fields(secret.value),
        passwords=_passwords(secret),
    )


def _replica_key(secret: Secret, replica: Replica) -> Expression | str:
    if replica.kms_key == AWS_MANAGED:
        return AWS_MANAGED_ALIAS
    return replica.kms_key or key_of(secret, replica.region)


def _arns(partition: Partition, roles: Iterable[Reader]) -> tuple[str, ...]:
    return tuple(sorted(arn for role in roles for arn in reader_arns(partition, role)))


def _rotation(secret: Secret, rotation: Rotation) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "lambda_arn": rotation_function(secret),
        "automatically_after_days": rotation.every_days,
        "schedule_expression": rotation.schedule,
        "duration": rotation.duration,
    }
    given = {name: value for name, value in settings.items() if value is not None}
    return {**given, "rotate_immediately": rotation.immediately}


def _permission(secret: Secret) -> Expression | None:
    """Names what must be there before a function of the spec's own can be set to rotate."""
    function = secret.rotation and secret.rotation.lambda_arn
    if not function:
        return None
    label = rotation_permission(function, name_prefix(secret.name))
    return reference("aws_lambda_permission", label)


def _secret_string(secret: Secret) -> Expression | None:
    value = secret.value
    if value.source is Source.VARIABLE:
        return reference("var", variable(secret.name))
    if value.source is Source.GENERATED:
        return _generated(variable(secret.name))
    if value.source is Source.JSON:
        document = call("jsonencode", {f.name: _field(secret, f) for f in value.fields})
        return call("try", document, None) if _has_variable_fields(value) else document
    return None


def _has_variable_fields(value: Value) -> bool:
    return any(field.source is Source.VARIABLE for field in value.fields)


def _field(secret: Secret, field: Field) -> Expression | str | bool | Decimal | None:
    if isinstance(field.literal, Number):
        return Decimal(field.literal.text)
    if field.source is Source.LITERAL:
        return field.literal
    name = variable(secret.name, field.name)
    if field.source is Source.VARIABLE:
        return call("coalesce", reference("var", name))
    return _generated(name)


def _generated(name: str) -> Expression:
    return reference("ephemeral", "aws_secretsmanager_random_password", name, "random_password")


_DEFAULT_PASSWORD = Password()
_PASSWORD_OPTIONS = (
    "exclude_characters",
    "exclude_lowercase",
    "exclude_numbers",
    "exclude_punctuation",
    "exclude_uppercase",
    "include_space",
    "require_each_included_type",
)


def _passwords(secret: Secret) -> tuple[PasswordView, ...]:
    value = secret.value
    named = [(variable(secret.name), value.password)] + [
        (variable(secret.name, field.name), field.password) for field in value.fields
    ]
    return tuple(_password(name, password) for name, password in named if password)


def _password(name: str, password: Password) -> PasswordView:
    options = tuple(
        (option, getattr(password, option))
        for option in _PASSWORD_OPTIONS
        if getattr(password, option) != getattr(_DEFAULT_PASSWORD, option)
    )
    return PasswordView(name, password.length, options)


def variable_views(environment: Environment) -> list[VariableView]:
    """Makes the views of the input variables, sorted by the secrets they belong to."""
    return [
        VariableView(variable(secret.name, field), _about(secret, field))
        for secret in environment.secrets
        for field in _variables(secret.value)
    ]


def _variables(value: Value) -> list[str | None]:
    if value.source is Source.VARIABLE:
        return [None]
    return [field.name for field in value.fields if field.source is Source.VARIABLE]


def _about(secret: Secret, field: str | None) -> str:
    what = f"{field or 'Value'} of the secret {secret.name}"
    when = "" if secret.rotation else ", and again when its value.version is raised"
    return f"{what}. Needed when that is new{when}; it reaches neither the state nor the plan."


class OutputsView(Struct, frozen=True):
    """The values of the outputs."""

    secret_arns: Mapping[str, Expression]
    replica_arns: Mapping[str, Expression]
    kms_key_arns: Mapping[str, Mapping[str, Expression]]


def outputs_view(environment: Environment) -> OutputsView:
    """Makes the view of the outputs."""
    return OutputsView(
        secret_arns={
            s.name: reference("module", secret_module(s.name), "arn") for s in environment.secrets
        },
        replica_arns={
            s.name: reference("module", secret_module(s.name), "replica_arns")
            for s in environment.secrets
            if s.replicas
        },
        kms_key_arns={
            key.alias: {
                region: reference("module", module, "arn")
                for region, module in key_modules(key).items()
            }
            for key in environment.keys
        },
    )
