"""Rules about what `changes` imports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secretgen.diagnostics import Path
from secretgen.model.changes import Kind, Subject
from secretgen.rules.change_rules import SOURCE, has, never_rotates
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.change_schema import ImportSpec
from secretgen.spec.resolve_changes import subject

_KEY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SUFFIX = re.compile(r"(?P<name>.+)-[0-9A-Za-z]{6}")
_MULTI_REGION = "mrk-"


@rule(
    "SG488",
    ERROR,
    "Invalid import id",
    why="""
        Terraform imports a secret by its complete ARN, including the hyphen and six characters that
        AWS appended, and a key by its id. A multi-Region key cannot be imported, because Terraform
        would replace it: use its ARN in `kms_key`.
    """,
    source="https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret#import",
    example="""
         secrets: { prod/db: {} }
         changes:
        -  - import: { to: secrets.prod/db, id: prod/db }
        +  - import:
        +      to: secrets.prod/db
        +      id: arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf
    """,
)
def _wrong_id(context: Context) -> Findings:
    for path, entry, to in _imports(context):
        if not context.knows("aws"):
            return
        flaw = _key_flaw(context, entry) if to.is_key else _arn_flaw(context, entry.id, to)
        if flaw:
            yield Finding((*path, "id"), *flaw)


def _imports(context: Context) -> Iterator[tuple[Path, ImportSpec, Subject]]:
    for i, entry in enumerate(context.spec.changes):
        if entry.import_:
            yield ("changes", i, "import"), entry.import_, subject(entry.import_.to)


def _arn_flaw(context: Context, arn: str, to: Subject) -> tuple[str, str] | None:
    """Returns what is wrong with the ARN of a secret: a summary and a detail; None for nothing."""
    aws = context.spec.aws
    begin = f"arn:{aws.partition.value}:secretsmanager:{aws.region}:{aws.account_id}:secret:"
    advice = f"Copy it from AWS: {begin}{to.name}- and six characters."
    if not arn.startswith(begin):
        is_arn = arn.startswith("arn:") and ":secret:" in arn
        where = "of another partition, Region or account" if is_arn else "not the ARN of a secret"
        return f"the id is {where}", advice
    match = _SUFFIX.fullmatch(arn.removeprefix(begin))
    if match is None:
        return "the ARN lacks the six characters that AWS appended to the name", advice
    if match["name"] != to.name:
        return f"the ARN is that of the secret {match['name']!r}", advice
    return None


def _key_flaw(context: Context, entry: ImportSpec) -> tuple[str, str, str] | None:
    """Returns what is wrong with the id of a key: summary, detail, suggestion; None for nothing."""
    if _KEY_ID.fullmatch(entry.id):
        return None
    found = entry.id.rpartition("/")[2]
    if found.startswith(_MULTI_REGION):
        return "a multi-Region key cannot be imported", "Name its ARN in 'kms_key' instead.", ""
    aws = context.spec.aws
    region = entry.region or aws.region
    begin = f"arn:{aws.partition.value}:kms:{region}:{aws.account_id}:key/"
    fits = _KEY_ID.fullmatch(found) and entry.id.startswith((found, begin))
    hint = f"Did you mean {found!r}? " if fits else ""
    detail = f"{hint}Write only the id, such as 1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d."
    return "the id is not the id of a KMS key", detail, found if fits else ""


@rule(
    "SG489",
    ERROR,
    "Invalid import option",
    why="""
        `policy` and `rotation` apply to secrets that have them in the spec. `region` applies to
        keys, and must be a Region in which the spec uses the key. Replicas are imported with their
        secret.
    """,
    source=SOURCE,
    example="""
         keys: { database: {} }
        -secrets: { app/key: { kms_key: database } }
        +secrets: { app/key: { kms_key: database, replicas: [us-west-2] } }
         changes:
           - import:
               to: keys.database
               id: 1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d
               region: us-west-2
    """,
)
def _wrong_option(context: Context) -> Findings:
    for path, entry, to in _imports(context):
        if to.is_key:
            for option in ("policy", "rotation"):
                if getattr(entry, option):
                    yield Finding((*path, option), f"a key has no {option}", "Delete this line.")
        elif entry.region:
            detail = "Delete this line: a secret is imported in the primary Region."
            yield Finding((*path, "region"), "a secret has no 'region' here", detail)
        elif entry.policy and _is_policy_unmanaged(context, to):
            detail = "Delete this line, or the 'policy: unmanaged' of the secret."
            yield Finding((*path, "policy"), f"the policy of {to} is not managed", detail)
        elif entry.rotation and never_rotates(context, to):
            detail = "Add the rotation to the spec, or delete this line."
            yield Finding((*path, "rotation"), f"{to} does not rotate in the spec", detail)
        if to.is_key and entry.region and has(context, to):
            yield from _wrong_region(context, path, entry.region, to)


def _is_policy_unmanaged(context: Context, what: Subject) -> bool:
    secret = context.by_name.get(what.name)
    return secret is not None and secret.knows("policy") and not secret.resolved.manages_policy


def _wrong_region(context: Context, path: Path, region: str, to: Subject) -> Findings:
    dedicated = to.kind is Kind.SECRETS
    key = context.resolved_key(to.name, dedicated=dedicated)
    regions = [regional.region for regional in key.regions] if key else []
    is_known = context.knows("aws", "region") and context.knows_of_all_secrets("replicas")
    if key and region not in regions and is_known:
        guess = context.guess(region, regions)
        detail = f"Use a Region in which the spec has it: {', '.join(regions)}."
        yield Finding((*path, "region"), f"{to} is not in {region}", detail, guess)
