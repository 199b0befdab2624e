"""Rules about what rotates a secret."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.rules.context import Context, SecretContext
from secretgen.rules.finding import Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.spec.secret_schema import RotationSpec

_ROTATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html"


def rotations(context: Context) -> Iterator[tuple[SecretContext, RotationSpec]]:
    """Yields the secrets that rotate, as far as nothing is wrong with how they do."""
    for secret in context.secrets:
        if secret.rotation:
            yield secret, secret.rotation


def methods(rotation: RotationSpec) -> list[str]:
    """Returns the keys that say what rotates a secret: one, if all is well."""
    return [name for name in ("lambda_arn", "application", "managed") if getattr(rotation, name)]


@rule(
    "SG410",
    ERROR,
    "Rotation by nobody, or by two",
    why="""
        A secret is rotated by exactly one of: a function of yours (`lambda_arn`), a function that
        AWS publishes (`application`), or the AWS service that owns it (`managed: true`).
    """,
    source=_ROTATION,
    wrong="""
        secrets:
          app/key: { rotation: { every_days: 30 } }
    """,
    right="""
        secrets:
          app/key: { rotation: { managed: true, every_days: 30 } }
    """,
)
def _method(context: Context) -> Findings:
    for secret, rotation in rotations(context):
        given = methods(rotation)
        if not given:
            when = "" if rotation.every_days or rotation.schedule else ", and 'every_days'"
            yield secret.finding(
                ("rotation",),
                "nothing says what rotates this secret",
                f"Add one of 'lambda_arn', 'application' and 'managed: true'{when}.",
                at_key=True,
            )
        elif len(given) > 1:
            yield secret.finding(
                ("rotation", given[1]),
                f"{given[1]!r} stands beside {given[0]!r}",
                "Keep one of 'lambda_arn', 'application' and 'managed: true'.",
                at_key=True,
            )


@rule(
    "SG412",
    ERROR,
    "Network of a rotation function",
    why="""
        The function that this environment deploys (`application`) has to reach its database, and
        for that it needs the subnets and security groups of a VPC. A function of yours, or AWS's
        own rotation, has a network already: `vpc` would change nothing there.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-function-network-access.html",
    wrong="""
        secrets:
          app/database: { rotation: { application: mysql-single-user, every_days: 30 } }
    """,
    right="""
        secrets:
          app/database:
            rotation:
              application: mysql-single-user
              vpc: { subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d] }
              every_days: 30
    """,
)
def _network(context: Context) -> Findings:
    for secret, rotation in rotations(context):
        if rotation.application and not rotation.vpc:
            yield secret.finding(
                ("rotation", "application"),
                "the rotation function has no network from which it could reach its database",
                "Add 'vpc: { subnet_ids: […], security_group_ids: […] }'.",
            )
        elif rotation.vpc and not rotation.application:
            yield secret.finding(
                ("rotation", "vpc"),
                "'vpc' is for the function of an 'application'",
                "Delete it: what rotates this secret has its network already.",
                at_key=True,
            )


@rule(
    "SG425",
    WARNING,
    "Version of a value that rotates",
    why="""
        A rotated secret is seeded once. After that its value is the rotation's, and Terraform
        never writes it again, so that no apply undoes a rotation. Raising `version` does nothing.
    """,
    source="https://github.com/hashicorp/terraform-provider-aws/issues/37302",
    wrong="""
        secrets:
          app/key:
            value: { from: generated, version: 2 }
            rotation:
              lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
              every_days: 30
    """,
    right="""
        secrets:
          app/key:
            value: { from: generated }
            rotation:
              lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
              every_days: 30
    """,
    ignorable=True,
)
def _version(context: Context) -> Findings:
    for secret, _ in rotations(context):
        if (secret.spec.value.version or 1) > 1:
            yield secret.finding(
                ("value", "version"),
                "'version' has no effect on a secret that rotates",
                "Terraform seeds it once, then its value is the rotation's. To change the value "
                "now, rotate the secret.",
            )


@rule(
    "SG427",
    WARNING,
    "First rotation before there is a value",
    why="""
        With `immediately: true` AWS rotates as soon as rotation is configured, which is moments
        after the secret is made. An `external` value has not been put there by then, so the
        function finds none and the rotation fails.
    """,
    source="https://github.com/hashicorp/terraform-provider-aws/issues/10619",
    wrong="""
        secrets:
          app/key:
            value: { from: external }
            rotation:
              lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
              every_days: 30
              immediately: true
    """,
    right="""
        secrets:
          app/key:
            value: { from: external }
            rotation:
              lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
              every_days: 30
    """,
    ignorable=True,
)
def _too_early(context: Context) -> Findings:
    for secret, rotation in rotations(context):
        external = secret.knows("value") and secret.spec.value.from_ == "external"
        if rotation.immediately and external and not rotation.managed:
            yield secret.finding(
                ("rotation", "immediately"),
                "the first rotation comes before there is a value",
                "Let the first rotation wait, and start one when the value is there; or seed the "
                "secret with another kind of 'value'.",
            )


@rule(
    "SG428",
    WARNING,
    "Value for a secret that an AWS service owns",
    why="""
        `managed: true` is for secrets that an AWS service makes, fills and rotates. A value that
        Terraform writes would be replaced, or break the service's own.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_managed.html",
    wrong="""
        secrets:
          app/key:
            value: { from: generated }
            rotation: { managed: true, every_days: 30 }
    """,
    right="""
        secrets:
          app/key:
            value: { from: external }
            rotation: { managed: true, every_days: 30 }
    """,
    ignorable=True,
)
def _value_of_managed(context: Context) -> Findings:
    for secret, rotation in rotations(context):
        if rotation.managed and secret.spec.value.from_ != "external":
            yield secret.finding(
                ("value", "from"),
                "an AWS service owns this secret and writes its value",
                "Write 'value: { from: external }', or let a function rotate it.",
            )
