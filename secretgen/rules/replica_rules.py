"""Rules about replicas."""

from __future__ import annotations

from secretgen.rules.finding import Findings
from secretgen.rules.rule import ERROR, rule
from secretgen.rules.rule_context import Context

_REPLICATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html"


@rule(
    "SG404",
    ERROR,
    "Replica in the primary Region",
    why="""
        The primary Region has the secret itself. AWS refuses a replica there during the apply;
        Terraform does not check this.
    """,
    source=_REPLICATION,
    example="""
         secrets:
        -  app/key: { replicas: [us-east-1] }
        +  app/key: { replicas: [us-west-2] }
    """,
)
def _in_primary_region(context: Context) -> Findings:
    primary = context.spec.aws.region
    if not context.knows("aws", "region"):
        return
    for secret in context.secrets:
        for i, replica in enumerate(secret.spec.replicas):
            if replica.region == primary:
                yield secret.finding(
                    ("replicas", i, "region"),
                    f"{primary} is the primary Region, where the secret itself is",
                    "Name another Region, or delete this replica.",
                )


@rule(
    "SG409",
    ERROR,
    "Replica given twice",
    why="A Region can have one replica of a secret. One of the two is probably a typo.",
    source=_REPLICATION,
    example="""
         secrets:
        -  app/key: { replicas: [us-west-2, eu-west-1, us-west-2] }
        +  app/key: { replicas: [us-west-2, eu-west-1] }
    """,
)
def _replica_twice(context: Context) -> Findings:
    for secret in context.secrets:
        seen: set[str] = set()
        for i, replica in enumerate(secret.spec.replicas):
            if replica.region in seen:
                yield secret.finding(
                    ("replicas", i, "region"),
                    f"there are two replicas in {replica.region}",
                    "Delete one of them.",
                )
            seen.add(replica.region)
