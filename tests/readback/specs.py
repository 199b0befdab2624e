"""Specs that hypothesis draws: all that may stand in one, with text that tries to get out."""

from __future__ import annotations

import re
from functools import cache
from operator import itemgetter
from string import ascii_letters, digits
from typing import Any

from hypothesis import strategies as st

from secretgen.model.applications import APPLICATIONS
from secretgen.model.secret import AWS_MANAGED, DEDICATED
from secretgen.spec.literals import TypedText, is_typed
from tests.hcl.strategies import texts
from tests.readback.roles import ROLES, SERVICES, boundaries, roles

PLACES = st.sampled_from([
    ("aws", "us-east-1", ("ap-southeast-2", "eu-west-1", "us-west-2")),
    ("aws-cn", "cn-north-1", ("cn-northwest-1",)),
    ("aws-us-gov", "us-gov-west-1", ("us-gov-east-1",)),
])  # fmt: skip

_PIECES = ("/", "-", "_", "__", "//", "--", ".", "+=@", "a", "b", "B", "7", "key", "us_west_2")
SECRET_NAMES = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6).map("".join)
LOCAL_NAMES = st.builds(
    "{}{}".format, st.sampled_from(ascii_letters + digits), st.text("ab7_-", max_size=5)
)
SERVICE_SECRET_NAMES = st.sampled_from(["a", "orders-master", "B2-c3-d4", "alarms", "trail"])
DAYS = st.integers(7, 30).map(str)
OWN_OR_OTHER = ("123456789012", "000000000000")
BOOLEANS = st.sampled_from(["true", "false"])
TAGS = st.dictionaries(
    texts().map(lambda key: f"k{key}"[:128]), texts().map(lambda text: f"v{text}"[:256]), max_size=3
)
PASSWORD = {
    "length": st.integers(4, 4096).map(str),
    "exclude_characters": texts(),
    "exclude_lowercase": BOOLEANS,
    "exclude_numbers": BOOLEANS,
    "exclude_punctuation": BOOLEANS,
    "exclude_uppercase": BOOLEANS,
    "include_space": BOOLEANS,
    "require_each_included_type": BOOLEANS,
}


def mapping(
    always: dict[str, st.SearchStrategy[Any]], sometimes: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(always, optional=sometimes)


def generated(
    sometimes: dict[str, st.SearchStrategy[Any]],
) -> st.SearchStrategy[dict[str, Any]]:
    """A password that can be generated: a kind of character is left for it."""
    kinds = [f"exclude_{kind}" for kind in ("lowercase", "numbers", "punctuation", "uppercase")]
    return mapping({"from": st.just("generated")}, sometimes).filter(
        lambda password: not all(password.get(kind) == "true" for kind in kinds)
    )


FIELD_NAMES = texts() | st.sampled_from(["username", "password", "masterarn", "a b", "a_b", "1"])
TYPED = (
    st.one_of(
        st.sampled_from(["true", "false", "0", "1", "-1", "5432", "123456789012345", "0.00001"]),
        st.integers(-(10**14), 10**14).map(str),
        st.decimals(-(10**6), 10**6, places=3).map(lambda n: f"{n:f}".rstrip("0").rstrip(".")),
    )
    .filter(is_typed)
    .map(TypedText)
)
FIELDS = st.dictionaries(
    FIELD_NAMES,
    mapping({"literal": texts() | TYPED}, {}) | st.just({"from": "variable"}) | generated(PASSWORD),
    min_size=1,
    max_size=4,
)
VERSION = {"version": st.integers(1, 10**9).map(str)}
VALUES = st.one_of(
    st.just({"from": "external"}),
    mapping({"from": st.just("variable")}, VERSION),
    generated(VERSION | PASSWORD),
    mapping({"from": st.just("json"), "fields": FIELDS}, VERSION),
)


@cache
def rotations(partition: str, region: str) -> st.SearchStrategy[dict[str, Any]]:
    arn = f"arn:{partition}:lambda:{region}:123456789012:function:rotate"
    vpc = {
        "subnet_ids": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"],
        "security_group_ids": ["sg-0a1b2c3d"],
    }
    by = st.sampled_from([{"lambda_arn": arn}, {"lambda_arn": f"{arn}-2:live"}]) | mapping(
        {"application": st.sampled_from(APPLICATIONS)},
        {"vpc": st.just(vpc), "exclude_characters": texts()},
    )
    return st.builds(lambda *parts: {k: v for p in parts for k, v in p.items()}, by, schedules())


@cache
def schedules() -> st.SearchStrategy[dict[str, Any]]:
    when = st.integers(1, 1000).map(lambda days: {"every_days": str(days)}) | st.just(
        {"schedule": "cron(0 3 ? * SUN *)"}
    )
    how = mapping({}, {"duration": st.just("3h"), "immediately": BOOLEANS})
    return st.builds(lambda *parts: {k: v for p in parts for k, v in p.items()}, when, how)


@cache
def service_secrets(partition: str, region: str) -> st.SearchStrategy[dict[str, Any]]:
    arn = f"arn:{partition}:secretsmanager:{region}:123456789012:secret:rds!cluster-{{}}-AbCdEf"
    entry = mapping({"arn": st.integers(1, 99).map(arn.format), "rotation": schedules()}, {})
    return st.dictionaries(SERVICE_SECRET_NAMES, entry, max_size=3)


@cache
def backends(region: str) -> st.SearchStrategy[dict[str, Any]]:
    return mapping(
        {
            "bucket": st.just("state-bucket"),
            "locking": st.sampled_from(["dynamodb", "s3", "both"]),
            "dynamodb_table": st.just("lock-table"),
        },
        {
            "key": texts().map(lambda text: "k" + re.sub(r"[/\x00-\x1f\x7f]", "", text)),
            "region": st.just(region),
            "kms_key_id": st.just("alias/state"),
            "bootstrap": BOOLEANS,
        },
    )


# A strategy is made once, not for each draw: hypothesis looks through each new one.
ACCOUNTS = st.dictionaries(
    LOCAL_NAMES,
    mapping({}, {"role": ROLES, "trusted_service": SERVICES, "in_organization": BOOLEANS}),
    min_size=1,
    max_size=3,
)
KEYS = st.dictionaries(
    LOCAL_NAMES,
    mapping(
        {},
        {
            "description": texts().map(lambda text: f"k{text}"),
            "deletion_window_days": DAYS,
            "rotation_period_days": st.integers(90, 2560).map(str),
        },
    ),
    max_size=2,
)
ENVIRONMENTS = st.sampled_from(["production", "a-7"])
EXCLUSIVE = mapping({"except": st.lists(ROLES, min_size=1, max_size=3)}, {})
ORGANIZATION = mapping({}, {"organization_id": st.just("o-abcde12345")})
POLICIES = st.sampled_from(["managed", "unmanaged"])
WINDOWS = DAYS | st.just("0")
GRANTS = {"readers", "writers"}
GRANTED = st.lists(st.tuples(st.integers(0, 2), st.none() | ROLES), max_size=3)


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """A spec, as it is read from YAML."""
    partition, region, others = draw(PLACES)
    accounts = draw(ACCOUNTS)
    for number, account in enumerate(accounts.values()):
        account["id"] = f"{number:012}" if number else draw(st.sampled_from(OWN_OR_OTHER))
        account["roles"] = draw(roles(partition, account["id"]))
        account.update(draw(boundaries(partition, account["id"])))
    keys = draw(KEYS)
    arn = f"arn:{partition}:secretsmanager:{region}:123456789012:secret"
    key_arn = f"arn:{partition}:kms:{{}}:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
    drawn = {
        name: _named(secret, key_arn, region, sorted(accounts), sorted(keys))
        for name, secret in draw(secrets(partition, region, others)).items()
    }
    return {
        "version": "1",
        "environment": draw(ENVIRONMENTS),
        "aws": {
            "account_id": "123456789012",
            "region": region,
            "partition": partition,
            **draw(ORGANIZATION),
        },
        "backend": draw(backends(others[0])),
        "accounts": accounts,
        "keys": keys,
        "tags": draw(TAGS),
        "secrets": drawn,
        "service_secrets": draw(service_secrets(partition, region)),
        "changes": draw(changes(arn, others, sorted(drawn), sorted(keys))),
        **draw(monitoring(partition, region)),
    }  # fmt: skip


@cache
def secrets(
    partition: str, region: str, others: tuple[str, ...]
) -> st.SearchStrategy[dict[str, dict[str, Any]]]:
    """Secrets that name accounts and keys by number: see `_named`."""
    copies = st.lists(
        st.tuples(st.sampled_from(others), st.booleans()), unique_by=itemgetter(0), max_size=2
    )
    secret = mapping(
        {"kms_key": st.integers(0, 4), "replicas": copies},
        {
            "description": texts(),
            "value": VALUES,
            "readers": GRANTED,
            "writers": GRANTED,
            "exclusive": EXCLUSIVE,
            "notify_readers": BOOLEANS,
            "policy": POLICIES,
            "rotation": rotations(partition, region),
            "recovery_window_days": WINDOWS,
            "deletion_protection": BOOLEANS,
            "force_overwrite_replica": BOOLEANS,
            "tags": TAGS,
        },
    )
    return st.dictionaries(SECRET_NAMES, secret, min_size=1, max_size=4)


def _named(
    secret: dict[str, Any], key_arn: str, region: str, accounts: list[str], keys: list[str]
) -> dict[str, Any]:
    """A secret with the names of accounts and keys."""
    for grant in GRANTS & secret.keys():
        named = [(accounts[number % len(accounts)], role) for number, role in secret[grant]]
        secret[grant] = [{"account": a, "role": role} if role else a for a, role in named]
    choices = [elsewhere := key_arn.format(region), DEDICATED, AWS_MANAGED, *keys]
    kms_key = choices[secret["kms_key"] % len(choices)]
    replicas = [
        {"region": copy, "kms_key": key_arn.format(copy)}
        if has_key or kms_key == elsewhere
        else copy
        for copy, has_key in secret["replicas"]
    ]
    if secret.get("policy") == "unmanaged":
        secret.pop("exclusive", None)
    return {**secret, "kms_key": kms_key, "replicas": replicas}


@cache
def monitoring(partition: str, region: str) -> st.SearchStrategy[dict[str, Any]]:
    topic = f"arn:{partition}:sns:{region}:123456789012:alarms"
    notify = st.sampled_from([
        {"email": ["b@example.com", "a+${x}@example.com"]},
        {"sns_topic_arn": topic},
        {"email": ["a@example.com"], "sns_topic_arn": topic},
    ])  # fmt: skip
    alarms = mapping(
        {"notify": notify},
        {
            "rotation_failures": BOOLEANS,
            "rotation_successes": BOOLEANS,
            "unauthorized_access": BOOLEANS,
            "reads": BOOLEANS,
            "writes": BOOLEANS,
            "kms_anomalies": BOOLEANS,
            "cloudtrail_log_group": st.just("org-trail"),
            "cloudtrail": BOOLEANS,
        },
    )
    return mapping({}, {"monitoring": alarms})


_ADDRESSES = (
    "module.old",
    "module.db[0].aws_secretsmanager_secret.this[0]",
    'module.db["a.b"].module.x.aws_secretsmanager_secret.this["k"]',
    "aws_secretsmanager_secret_version.v",
)
_SOME_ADDRESSES = st.lists(st.sampled_from(_ADDRESSES), unique=True)
_GONE_SECRETS = st.lists(SECRET_NAMES, unique=True, max_size=2)
_GONE_KEYS = st.lists(LOCAL_NAMES, unique=True, max_size=2)
_GONE = st.sampled_from(["service_secrets.orders", "keys.x_y"])
_ENDS = st.sampled_from(["forget", "destroy"])
_FLAGS = mapping({}, {"policy": BOOLEANS, "rotation": BOOLEANS})


@cache
def _some_of(regions: tuple[str, ...]) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(regions))


@cache
def _imported_keys(regions: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    key_id = st.just("1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d")
    return mapping({"id": key_id}, {"region": st.sampled_from(regions)})


@st.composite
def changes(
    draw: st.DrawFn, arn: str, others: tuple[str, ...], secrets: list[str], keys: list[str]
) -> list[dict[str, Any]]:
    """Entries of `changes`, each about something else: as the rules allow them."""
    gone = [f"gone/{name}" for name in draw(_GONE_SECRETS)]
    left = [f"gone-{n}" for n in draw(_GONE_KEYS)]
    entries: list[dict[str, Any]] = [{draw(_ENDS): f'secrets["{name}"]'} for name in gone]
    entries += [{"forget": f"keys.{name}"} for name in left]
    entries += [{"forget": draw(_GONE)}]
    entries += [{"forget": address} for address in draw(_SOME_ADDRESSES)]
    entries += [{"destroy": f"regions.{other}"} for other in draw(_some_of(others))]
    if keys:
        to = f"keys.{draw(st.sampled_from(keys))}"
        entries += [{"move": {"from": "keys.first", "to": "keys.second"}}] * draw(st.booleans())
        entries += [{"move": {"from": "keys.second", "to": to}}]
        entries += [{"import": {"to": to, **draw(_imported_keys(others))}}] * draw(st.booleans())
    name = draw(st.sampled_from(secrets))
    held = {"id": f"{arn}:{name}-AbCdEf", **draw(_FLAGS)}
    imported = {"import": {"to": f'secrets["{name}"]', **held}}
    moved = {"move": {"from": "aws_secretsmanager_secret.s[1]", "to": f'secrets["{name}"]'}}
    return entries + draw(st.lists(st.sampled_from([imported, moved]), max_size=1))
