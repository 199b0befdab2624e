"""Views of the module blocks of rotation functions that the environment deploys."""

from __future__ import annotations

from msgspec import Struct

from secretgen.hcl.encode import Expression, reference
from secretgen.model.applications import application_id, application_version, superuser
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.model.names import (
    label,
    rotation_function_name,
    secret_module,
    service_secret_rotation,
)
from secretgen.model.secret import AWS_MANAGED, RotationSchedule, Secret, Vpc
from secretgen.render.views.keys_view import key_of, source


class RotationFunctionView(Struct, frozen=True):
    """The module block of a rotation function."""

    module: str
    source: str
    name: str
    application_id: str
    semantic_version: str
    exclude_characters: str
    kms_key_arn: Expression | str | None
    vpc: Vpc | None
    superuser_secret_arn: Expression | str | None
    superuser_kms_key_arn: Expression | str | None


class ServiceSecretView(Struct, frozen=True):
    """The block of the rotation of a secret that an AWS service owns."""

    label: str
    arn: str
    rotation: RotationSchedule


def service_secret_views(environment: Environment) -> list[ServiceSecretView]:
    """Makes the views of the rotation of secrets that AWS services own."""
    return [
        ServiceSecretView(service_secret_rotation(s.name).rpartition(".")[2], s.arn, s.rotation)
        for s in environment.service_secrets
    ]


def rotation_views(environment: Environment, layout: Layout) -> list[RotationFunctionView]:
    """Makes the view of the function of every secret that an application rotates."""
    return [
        _view(environment, layout, secret, secret.rotation.application)
        for secret in environment.secrets
        if secret.rotation and secret.rotation.application
    ]


def rotation_function(secret: Secret) -> Expression | str | None:
    """ARN of the function that rotates a secret; None when it does not rotate."""
    rotation = secret.rotation
    if rotation and rotation.application:
        return reference("module", _module(secret), "arn")
    return rotation.lambda_arn if rotation else None


def _view(
    environment: Environment, layout: Layout, secret: Secret, application: str
) -> RotationFunctionView:
    arn: Expression | str | None = None
    key: Expression | str | None = None
    match superuser(environment, secret):
        case Secret() as other:
            arn, key = reference("module", secret_module(other.name), "arn"), _key_arn(other)
        case elsewhere:
            arn = elsewhere
    return RotationFunctionView(
        module=_module(secret),
        source=source(layout, "rotation-function"),
        name=rotation_function_name(environment.name, secret.name),
        application_id=application_id(environment.aws.partition, application),
        semantic_version=application_version(environment.aws.partition, application),
        exclude_characters=secret.rotation.exclude_characters if secret.rotation else "",
        kms_key_arn=_key_arn(secret),
        vpc=secret.rotation.vpc if secret.rotation else None,
        superuser_secret_arn=arn,
        superuser_kms_key_arn=key,
    )


def _key_arn(secret: Secret) -> Expression | str | None:
    return None if secret.kms_key == AWS_MANAGED else key_of(secret)


def _module(secret: Secret) -> str:
    return f"rotation__{label(secret.name)}"
