"""Rules about the partition, the account and the Region of ARNs."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from secretgen.diagnostics import Path
from secretgen.model.applications import SUPERUSER_FIELD
from secretgen.rules.database_rules import literal
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.account_schema import AccountSpec

ARNS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
_AWS = "aws"  # in place of the account in the ARN of a policy that AWS manages
_BOUNDARY = "permissions_boundary"


class _Arn(Struct, frozen=True):
    """An ARN in a spec, and where the thing it names has to be.

    Args:
        path: where it stands.
        secret: the secret it belongs to, if any.
        needed_region: the Region it has to be in.
        needed_account: the account it has to be in; empty for any.
    """

    path: Path
    secret: str
    partition: str
    region: str
    account_id: str
    needed_region: str
    needed_account: str

    def finding(self, what: str, needed: str) -> Finding:
        """Makes a finding about the ARN of something, in the place of which another is needed."""
        return Finding(self.path, f"ARN of {what}", f"Name one {needed}.", secret=self.secret)


def _arns(context: Context) -> Iterator[_Arn]:
    primary, own = context.spec.aws.region, context.spec.aws.account_id
    for secret in context.secrets:
        spec = secret.spec
        if secret.uses_key_arn:
            yield from _arn(secret.path("kms_key"), spec.kms_key, primary, own, secret.name)
        for i, replica in enumerate(spec.replicas):
            path = secret.path("replicas", i, "kms_key")
            yield from _arn(path, replica.kms_key, replica.region, own, secret.name)
        if spec.rotation:
            path = secret.path("rotation", "lambda_arn")
            yield from _arn(path, spec.rotation.lambda_arn, primary, own, secret.name)
            path = secret.path("value", "fields", SUPERUSER_FIELD, "literal")
            superuser = literal(secret, SUPERUSER_FIELD)
            yield from _arn(path, superuser, primary, secret=secret.name)
    for service_secret in context.service_secrets:
        path = ("service_secrets", service_secret.name, "arn")
        yield from _arn(path, service_secret.spec.arn, primary, own)
    backend = context.spec.backend
    if backend.kms_key_id and backend.kms_key_id.startswith("arn:"):
        path = ("backend", "kms_key_id")
        yield from _arn(path, backend.kms_key_id, backend.region or primary)
    if context.spec.monitoring:
        path = ("monitoring", "notify", "sns_topic_arn")
        topic = context.spec.monitoring.notify.sns_topic_arn
        yield from _arn(path, topic, primary)
    for name, account in context.spec.accounts.items():
        path = ("accounts", name)
        yield from _role_arns(path, account, account.id if context.knows(*path, "id") else "")


def _role_arns(path: Path, account: AccountSpec, account_id: str) -> Iterator[_Arn]:
    """Yields the ARNs that roles of an account name; those of IAM are in no Region."""
    yield from _arn((*path, _BOUNDARY), account.permissions_boundary, "", account_id)
    for name, role in account.roles.items():
        yield from _arn(
            (*path, "roles", name, _BOUNDARY), role.permissions_boundary, "", account_id
        )
        for i, trusted in enumerate(role.trust.roles if role.trust else ()):
            yield from _arn((*path, "roles", name, "trust", "roles", i), trusted, "")


def _arn(
    path: Path, arn: str | None, region: str, account_id: str = "", secret: str = ""
) -> Iterator[_Arn]:
    parts = (arn or "").split(":")
    if len(parts) > 5:  # noqa: PLR2004 -- another rule reports what is no ARN
        yield _Arn(path, secret, parts[1], parts[3], parts[4], region, account_id)


@rule(
    "SG223",
    ERROR,
    "ARN of another partition",
    why="Partitions are separate: resources in `aws-cn` or `aws-us-gov` cannot be used from `aws`.",
    source=ARNS,
    example="""
         secrets:
           app/key:
             rotation:
        -      lambda_arn: arn:aws-cn:lambda:us-east-1:123456789012:function:rotate-app
        +      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
               every_days: 30
    """,
)
def _other_partition(context: Context) -> Findings:
    partition = context.spec.aws.partition
    for arn in _arns(context):
        if arn.partition != partition and context.knows("aws", "partition"):
            what = f"the partition {arn.partition}, but the environment is in {partition}"
            yield arn.finding(what, f"that begins with arn:{partition}:")


@rule(
    "SG224",
    ERROR,
    "ARN of another account",
    why="""
        Keys and rotation functions must be in the account of the secrets. This environment can
        neither read nor change the policies of another account, so the apply or the first rotation
        would fail. IAM refuses a permissions boundary of another account than the role's.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
    example="""
         secrets:
           app/key:
             rotation:
        -      lambda_arn: arn:aws:lambda:us-east-1:999999999999:function:rotate-app
        +      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
               every_days: 30
    """,
)
def _other_account(context: Context) -> Findings:
    for arn in _arns(context):
        needed = arn.needed_account
        if arn.account_id in (needed, _AWS) or not needed or not context.knows("aws", "account_id"):
            continue
        what = f"the account {arn.account_id}, but it is needed in {needed}"
        yield arn.finding(what, f"in the account {needed}")


@rule(
    "SG225",
    ERROR,
    "ARN of another Region",
    why="""
        Keys, rotation functions and topics work only in their own Region. AWS refuses a rotation
        function of another Region, and a replica with a key of another Region fails without an
        error.
    """,
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html",
    example="""
         secrets:
           app/key:
             rotation:
        -      lambda_arn: arn:aws:lambda:us-west-2:123456789012:function:rotate-app
        +      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
               every_days: 30
    """,
)
def _other_region(context: Context) -> Findings:
    for arn in _arns(context):
        if arn.partition != context.spec.aws.partition:
            continue  # a Region of another partition is no second mistake
        if arn.region != arn.needed_region and context.knows("aws", "region"):
            what = f"the Region {arn.region}, but it is needed in {arn.needed_region}"
            yield arn.finding(what, f"in {arn.needed_region}")
