"""Rules about secrets that AWS services own."""

from __future__ import annotations

from secretgen.rules.finding import Findings
from secretgen.rules.rule import ERROR, described, rule
from secretgen.rules.rule_context import Context

_MANAGED = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_managed.html"

RULES = (
    described(
        "SG239",
        "Not the ARN of a service's secret",
        why="""
            `service_secrets` are secrets that an AWS service creates, names and rotates. Their
            names begin with the service and an exclamation mark, as in `rds!cluster-…`. List every
            other secret under `secrets`.
        """,
        source=_MANAGED,
        example="""
             service_secrets:
               orders-master:
            -    arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf
            +    arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-6d0a-AbCdEf
                 rotation: { every_days: 30 }
        """,
    ),
)


@rule(
    "SG419",
    ERROR,
    "Two entries for one secret of a service",
    why="""
        A secret has one rotation. Two entries with the same ARN would overwrite each other's
        settings with every apply.
    """,
    source=_MANAGED,
    example="""
         service_secrets:
           orders:
             arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-6d0a-AbCdEf
             rotation: { every_days: 30 }
        -  orders-master:
        -    arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-6d0a-AbCdEf
        -    rotation: { every_days: 60 }
    """,
)
def _same_arn(context: Context) -> Findings:
    first: dict[str, str] = {}
    for secret in context.service_secrets:
        other = first.setdefault(secret.spec.arn, secret.name)
        if other != secret.name:
            yield secret.finding(
                ("arn",),
                f"{secret.name!r} and {other!r} are the same secret",
                "Keep one of the entries.",
            )
