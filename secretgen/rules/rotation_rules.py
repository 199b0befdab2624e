"""Rules about what rotates a secret."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.model.applications import PASSWORD_FIELD
from secretgen.policy.invocation import MAX_FUNCTION_POLICY, function_policies
from secretgen.policy.role_policies import policy_size
from secretgen.rules.finding import Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context, SecretContext
from secretgen.spec.secret_schema import RotationSpec

_ROTATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html"


def rotations(context: Context) -> Iterator[tuple[SecretContext, RotationSpec]]:
    """Yields the secrets that rotate, as far as nothing is wrong with how they do."""
    for secret in context.secrets:
        if secret.rotation:
            yield secret, secret.rotation


def methods(rotation: RotationSpec) -> list[str]:
    """Returns the keys that name the function of a secret: one, if all is well."""
    return [name for name in ("lambda_arn", "application") if getattr(rotation, name)]


@rule(
    "SG410",
    ERROR,
    "Exactly one rotation function required",
    why="""
        A secret is rotated by exactly one function: an existing one (`lambda_arn`), or one that
        AWS publishes and this environment deploys (`application`).
    """,
    source=_ROTATION,
    example="""
         secrets:
        -  app/key: { rotation: { every_days: 30 } }
        +  app/key:
        +    rotation:
        +      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
        +      every_days: 30
    """,
)
def _method(context: Context) -> Findings:
    for secret, rotation in rotations(context):
        given = methods(rotation)
        if not given:
            when = "" if rotation.every_days or rotation.schedule else ", and 'every_days'"
            yield secret.finding(
                ("rotation",),
                "no function rotates this secret",
                f"Add 'lambda_arn' or 'application'{when}. For a secret that an AWS service owns, "
                "use 'service_secrets'.",
                at_key=True,
            )
        elif len(given) > 1:
            yield secret.finding(
                ("rotation", given[1]),
                f"{given[1]!r} and {given[0]!r} cannot be combined",
                "Keep one of them.",
                at_key=True,
            )


@rule(
    "SG412",
    ERROR,
    "Missing or unused VPC of a rotation function",
    why="""
        A function that this environment deploys (`application`) needs the subnets and security
        groups of a VPC to reach its database. An existing function (`lambda_arn`) has its own
        network, so `vpc` would have no effect.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-function-network-access.html",
    example="""
         secrets:
        -  app/database: { rotation: { application: mysql-single-user, every_days: 30 } }
        +  app/database:
        +    rotation:
        +      application: mysql-single-user
        +      vpc: { subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d] }
        +      every_days: 30
    """,
)
def _network(context: Context) -> Findings:
    for secret, rotation in rotations(context):
        if rotation.application and not rotation.vpc:
            yield secret.finding(
                ("rotation", "application"),
                "the rotation function has no VPC to reach its database",
                "Add 'vpc: { subnet_ids: […], security_group_ids: […] }'.",
            )
        elif rotation.vpc and not rotation.application:
            yield secret.finding(
                ("rotation", "vpc"),
                "'vpc' is for the function of an 'application'",
                "Delete it: the existing function has its own network.",
                at_key=True,
            )


@rule(
    "SG429",
    ERROR,
    "Excluded characters that do not reach the rotation function",
    why="""
        `exclude_characters` of a rotation is a parameter of the `application` that this environment
        deploys. An existing function (`lambda_arn`) has its own setting. If the `password` field is
        generated, its excluded characters also apply to every later password.
    """,
    source="https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_secretsmanager.SecretRotationProps.html",
    example="""
         secrets:
        -  app/key:
        +  app/database:
             rotation:
        -      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
        +      application: mysql-single-user
        +      vpc: { subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d] }
               exclude_characters: "%"
               every_days: 30
    """,
)
def _excluded_characters(context: Context) -> Findings:
    for secret, rotation in rotations(context):
        if rotation.exclude_characters is None or not methods(rotation):
            continue
        password = secret.spec.value.fields.get(PASSWORD_FIELD)
        seed = password.exclude_characters if password else None
        if not rotation.application:
            yield secret.finding(
                ("rotation", "exclude_characters"),
                "'exclude_characters' is for the function of an 'application'",
                "Delete it, and configure the existing function itself.",
                at_key=True,
            )
        elif seed is not None and secret.knows("value"):
            yield secret.finding(
                ("rotation", "exclude_characters"),
                "'exclude_characters' is given twice",
                f"Keep the one of the field {PASSWORD_FIELD!r}, which the rotation takes over.",
                at_key=True,
            )


@rule(
    "SG249",
    ERROR,
    "Rotation function with too many permissions",
    why="""
        The policy of a Lambda function has at most 20,480 characters, which is about 48 statements.
        One statement covers all secrets whose names are equal up to the first slash, or else up to
        the first hyphen or other separator.
    """,
    source="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
)
def _function_policy(context: Context) -> Findings:
    policies = function_policies(context.environment)
    for secret, rotation in rotations(context):
        policy = policies.pop(rotation.lambda_arn or "", None)
        size = policy_size(policy) if policy else 0
        if size > MAX_FUNCTION_POLICY:
            yield secret.finding(
                ("rotation", "lambda_arn"),
                f"the policy of the function would have {size:,} of at most "
                f"{MAX_FUNCTION_POLICY:,} characters",
                "Give its secrets names with the same prefix up to the first slash, or use "
                "several functions.",
            )


@rule(
    "SG427",
    WARNING,
    "First rotation before a value exists",
    why="""
        AWS invokes the rotation function as soon as rotation is configured: to rotate the secret
        with `immediately: true`, otherwise to test the function. An `external` value does not exist
        yet at that time. The test fails once, which only triggers an alarm; a rotation fails
        repeatedly. Create the secret without `rotation`, put the value in, then add `rotation`.
    """,
    source="https://github.com/hashicorp/terraform-provider-aws/issues/10619",
    example="""
         secrets:
           app/key:
             value: { from: external }
             rotation:
               lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
               every_days: 30
        -      immediately: true
    """,
    ignorable=True,
)
def _too_early(context: Context) -> Findings:
    for secret, rotation in rotations(context):
        external = secret.knows("value") and secret.spec.value.from_ == "external"
        if rotation.immediately and external:
            yield secret.finding(
                ("rotation", "immediately"),
                "the first rotation fails: the secret has no value yet",
                "Add 'rotation' after the value is written, or delete 'immediately'.",
            )
