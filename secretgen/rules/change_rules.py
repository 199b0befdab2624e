"""Rules about the entries of `changes`, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from secretgen.diagnostics import Path
from secretgen.model.address import Address
from secretgen.model.changes import KMS_KEY, Kind, Subject
from secretgen.model.names import service_secret_rotation
from secretgen.model.secret import DEDICATED
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, described, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.change_schema import ChangeSpec
from secretgen.spec.resolve_changes import subject, thing

_MODULE = re.compile(r"(secret|rotation|(shared_)?key(_[a-z0-9]+)*)__.+")
_ROOT_LABELS = (
    "access_denied",
    "alarms",
    "reader_events",
    "replica_events",
    "replicas",
    "trail",
    "trail_log",
    "unusual_decryption",
)
_ROOT_TYPES = (
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_cloudwatch_log_metric_filter",
)
"""Types whose labels in an environment's root module depend on what is in it."""

SOURCE = "The spec language, `changes`"
RULES = (
    described(
        "SG481",
        "Invalid subject",
        why="""
            An entry of `changes`, and `of` in the environment's `ignore`, refer to a subject by its
            path in the spec, before or after the change: `secrets.prod/x`, `keys.database`,
            `regions.us-west-2`. Append `.kms_key` or `.replicas.<region>` for a part of a secret.
            If the name of the secret itself ends like that, write it in brackets:
            `secrets["prod/x.kms_key"]`. `forget` and `move.from` also accept an address in the
            state.
        """,
        source=SOURCE,
        example="""
             changes:
            -  - forget: secret.prod/legacy/token
            +  - forget: secrets.prod/legacy/token
        """,
    ),
)


@rule(
    "SG480",
    ERROR,
    "Exactly one verb in an entry of changes required",
    why="Each entry has exactly one verb and one subject, so that it can be reviewed separately.",
    source=SOURCE,
    example="""
         changes:
        -  - { forget: secrets.prod/a, destroy: secrets.prod/b }
        +  - forget: secrets.prod/a
        +  - destroy: secrets.prod/b
    """,
)
def _one_verb(context: Context) -> Findings:
    for i, entry in enumerate(context.spec.changes):
        given = verbs(entry)
        if len(given) > 1:
            summary = f"{' and '.join(map(repr, given))} cannot be combined in one entry"
            yield Finding(("changes", i), summary, "Write a separate entry for each.")
        elif not given:
            detail = "Write one of move, forget, destroy and import."
            yield Finding(("changes", i), "this entry has no verb", detail)


def verbs(entry: ChangeSpec) -> list[str]:
    """Lists the verbs of an entry."""
    given = {
        "move": entry.move,
        "forget": entry.forget,
        "destroy": entry.destroy,
        "import": entry.import_,
    }
    return [verb for verb, value in given.items() if value is not None]


def leaving(context: Context) -> Iterator[tuple[Path, str, Subject | Address]]:
    """Yields what entries say leaves its place: where the entry stands, its verb, the thing."""
    for i, entry in enumerate(context.spec.changes):
        if entry.move:
            yield ("changes", i, "move", "from"), "move", thing(entry.move.from_)
        if entry.forget:
            yield ("changes", i, "forget"), "forget", thing(entry.forget)
        if entry.destroy:
            yield ("changes", i, "destroy"), "destroy", subject(entry.destroy)


def coming(context: Context) -> Iterator[tuple[Path, str, Subject]]:
    """Yields what entries say comes in: where the entry stands, its verb, the thing."""
    for i, entry in enumerate(context.spec.changes):
        if entry.move:
            yield ("changes", i, "move", "to"), "move", subject(entry.move.to)
        if entry.import_:
            yield ("changes", i, "import", "to"), "import", subject(entry.import_.to)


def has(context: Context, what: Subject) -> bool:
    """Returns whether the spec has a thing."""
    environment = context.environment
    if what.kind is Kind.REGIONS:
        return what.name in (environment.aws.region, *environment.replica_regions)
    if what.kind is Kind.KEYS and what.part:
        key = context.resolved_key(what.name, dedicated=False)
        return key is not None and any(r.region == what.region for r in key.regions)
    if what.kind is not Kind.SECRETS:
        return what.name in getattr(context.spec, what.kind.value, ())
    secret = context.by_name.get(what.name)
    if secret is None or what.part is None:
        return secret is not None
    if what.part == KMS_KEY:
        return secret.resolved.kms_key == DEDICATED
    return any(replica.region == what.region for replica in secret.resolved.replicas)


@rule(
    "SG482",
    ERROR,
    "Entry for something still in the spec",
    why="""
        `destroy`, `forget` and `move.from` are for subjects that were removed from the spec.
        Terraform refuses to forget or move a resource that is still declared, and does not destroy
        one that was added again. Delete the entry, or remove the subject from the spec.
    """,
    source="https://developer.hashicorp.com/terraform/language/block/removed",
    example="""
        -secrets: { app/key: {} }
        +secrets: { app/other: {} }
         changes:
           - forget: secrets.app/key
    """,
)
def _still_there(context: Context) -> Findings:
    for path, verb, what in leaving(context):
        if verb == "destroy" and isinstance(what, Subject) and _leaves_a_region(context, what):
            continue
        if isinstance(what, Subject) and _knows(context, what) and has(context, what):
            bracketed = f"{what.whole}.{what.part}" if what.part else ""
            hint = _hint_at_name(context, bracketed)
            detail = f"{hint}Delete this entry, or remove {what} from the spec."
            yield Finding(path, f"{what} is still in the spec, so {verb} cannot apply", detail)


def _leaves_a_region(context: Context, what: Subject) -> bool:
    """Returns whether it is the key of a secret's own, which a replica no longer uses."""
    secret = context.by_name.get(what.name)
    has_others = secret is not None and any(r.kms_key for r in secret.resolved.replicas)
    return what.kind is Kind.SECRETS and what.part == KMS_KEY and has_others


def _hint_at_name(context: Context, text: str) -> str:
    name = text.removeprefix("secrets.")
    known = name in context.spec.secrets
    return f'For the secret of that name write secrets["{name}"]. ' if known else ""


def _knows(context: Context, what: Subject) -> bool:
    """Returns whether nothing was wrong with what decides whether a thing is there."""
    if what.kind is Kind.REGIONS:
        return context.knows("aws", "region") and context.knows_of_all_secrets("replicas")
    if what.kind is Kind.KEYS and what.part:
        return context.knows("keys") and context.knows("secrets") and context.knows("defaults")
    if what.kind is Kind.SECRETS:
        part = (what.part.partition(".")[0],) if what.part else ()
        return context.knows("secrets", what.name, *part) and context.knows("defaults", *part)
    return context.knows(what.kind.value, what.name)


@rule(
    "SG483",
    ERROR,
    "Entry for something not in the spec",
    why="""
        `move.to` and `import.to` need a subject in the spec. Terraform destroys a resource that is
        moved to an undeclared address, and refuses to import to one.
    """,
    source="https://developer.hashicorp.com/terraform/language/block/import",
    example="""
        +keys: { database: {} }
        +secrets: { app/key: { kms_key: database } }
         changes:
           - move: { from: keys.db, to: keys.database }
    """,
)
def _not_there(context: Context) -> Findings:
    sources = {what for _, verb, what in leaving(context) if verb == "move"}
    used = {secret.spec.kms_key for secret in context.secrets}
    for path, verb, what in coming(context):
        is_link = verb == "move" and what in sources  # of a chain, which ends elsewhere
        if is_link or not _knows(context, what) or has(context, what):
            continue
        if what.kind is Kind.KEYS and what.name in used:
            continue  # the key itself is misspelt, and SG402 reports that
        if what.part and has(context, what.whole):
            yield Finding(
                path, f"{what.whole} has no key of its own", "Refer to the key that it uses."
            )
            continue
        names = context.spec.keys if what.kind is Kind.KEYS else context.spec.secrets
        guess = context.guess(what.name, names)
        suggestion = str(Subject(what.kind, guess, what.part)) if guess else ""
        hint = f"Did you mean {suggestion!r}? " if suggestion else ""
        detail = f"{hint}Refer to something in the spec, or add it."
        yield Finding(path, f"{what} is not in the spec", detail, suggestion)


@rule(
    "SG486",
    ERROR,
    "Address of a rendered resource in changes",
    why="""
        Addresses are for resources that this spec does not render. Refer to rendered ones by their
        path in the spec: one path covers several addresses, in every Region.
    """,
    source=SOURCE,
    example="""
         changes:
        -  - forget: module.secret__app__old.aws_secretsmanager_secret.this
        +  - forget: secrets.app/old
    """,
)
def _own_address(context: Context) -> Findings:
    for path, _, what in leaving(context):
        if isinstance(what, Address) and _is_own(what, context.spec.service_secrets):
            detail = "Write its path in the spec, such as secrets.NAME or keys.NAME."
            yield Finding(
                path, f"{what} is the address of a resource that secretgen renders", detail
            )


def never_rotates(context: Context, what: Subject) -> bool:
    """Returns whether a secret of the spec has no rotation."""
    secret = context.by_name.get(what.name)
    return secret is not None and secret.knows("rotation") and not secret.spec.rotation


def _is_own(address: Address, service_secrets: Iterable[str]) -> bool:
    """Returns whether an environment renders, or may have rendered, what an address names."""
    first = address.steps[0]
    if first.type == "module":
        return _MODULE.fullmatch(first.name) is not None
    if str(address.without_instances) in map(service_secret_rotation, service_secrets):
        return True
    return first.name in _ROOT_LABELS or first.type in _ROOT_TYPES
