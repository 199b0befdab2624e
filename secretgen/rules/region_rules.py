"""Rules about Regions, replicas and partitions."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.diagnostics import Path
from secretgen.rules.arn_rules import ARNS
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.aws_formats import OPT_IN_REGIONS, PARTITION_OF_REGION
from secretgen.spec.resolve_changes import subject

_OPT_IN = "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html"


def _regions(context: Context) -> Iterator[tuple[Path, str]]:
    yield ("aws", "region"), context.spec.aws.region
    if context.spec.backend.region:
        yield ("backend", "region"), context.spec.backend.region
    for secret in context.secrets:
        for i, replica in enumerate(secret.spec.replicas):
            yield secret.path("replicas", i, "region"), replica.region


def _regions_left(context: Context) -> Iterator[tuple[Path, str]]:
    """Yields the Regions in which something is destroyed: each has a provider for that."""
    for i, entry in enumerate(context.spec.changes):
        if entry.destroy and (region := subject(entry.destroy).region):
            yield ("changes", i, "destroy"), region


@rule(
    "SG236",
    ERROR,
    "Region of another partition",
    why="""
        Regions in China and GovCloud are in separate partitions with separate accounts. AWS does
        not replicate a secret from one partition to another.
    """,
    source=ARNS,
    example="""
        -aws: { account_id: "123456789012", region: cn-north-1 }
        +aws: { account_id: "123456789012", region: cn-north-1, partition: aws-cn }
    """,
)
def _region_of_other_partition(context: Context) -> Findings:
    partition = context.spec.aws.partition
    for path, region in [*_regions(context), *_regions_left(context)]:
        actual = PARTITION_OF_REGION[region]
        if actual is not partition and context.knows("aws"):
            yield Finding(
                path,
                f"{region} is in the partition {actual}, but the environment is in {partition}",
                f"Name a Region of {partition}, or set 'partition' under 'aws'.",
            )
            if path[0] == "aws":
                return  # the others most likely follow it


@rule(
    "SG237",
    WARNING,
    "Region that has to be enabled first",
    why="""
        Regions launched after 20 March 2019 are disabled in every account until an administrator
        enables them. Before that, an apply fails with an error about the credentials. An account
        that reads in such a Region must enable it as well, and use session tokens of a Regional STS
        endpoint: tokens of the global endpoint are not valid there.
    """,
    source=_OPT_IN,
    example="""
        -aws: { account_id: "123456789012", region: eu-south-1 }
        +aws: { account_id: "123456789012", region: eu-west-1 }
    """,
)
def _opt_in_region(context: Context) -> Findings:
    seen: set[str] = set()
    for path, region in _regions(context):
        if region in OPT_IN_REGIONS and region not in seen:
            seen.add(region)
            yield Finding(
                path,
                f"{region} is off in an account until it is enabled",
                "Enable the Region before the first apply, in the accounts of its readers as well.",
            )


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
