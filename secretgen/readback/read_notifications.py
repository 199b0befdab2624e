"""What tells readers' accounts about new values: rules of the environment, buses of the readers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from secretgen.model.environment import Account, Aws, SecretInRegion
from secretgen.model.names import provider_alias
from secretgen.model.notifications import (
    new_value_rule,
    notifications,
    notifying_role,
    notifying_rule,
    reader_bus,
    reader_bus_arn,
)
from secretgen.model.secret import Secret
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import Ref, texts

Told = dict[tuple[Any, Any], set[Any]]
"""Names of the secrets that are told of, by account id and Region."""

_RULE, _TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"
_BUS, _BUS_POLICY = "aws_cloudwatch_event_bus", "aws_cloudwatch_event_bus_policy"
_ROLE, _ROLE_POLICY, _SENDER = "aws_iam_role", "aws_iam_role_policy", "reader_events"
_LABEL = re.compile(r"notify(?:_(?P<alias>[a-z]+(?:_[a-z]+)+_[0-9]+))?__.+?(?:___(?P<mark>[01]+))?")
_ARN = re.compile(r"arn:[^:]+:events:([^:]+):([0-9]{12}):event-bus/(.+)")
_PATTERN = {"source": ["aws.secretsmanager"], "detail-type": ["Secret Label Updated"]}


def read_notifications(root: Root, aws: Aws, environment: str) -> Told:
    """Reads which accounts are told of which secrets.

    Args:
        root: the environment's root module.
        aws: its account.
        environment: its name.
    """
    told: Told = defaultdict(set)
    for _, _, name in root.addresses("resource", _RULE):
        match = _LABEL.fullmatch(name)
        if match is None:
            continue
        rule = root.known("resource", _RULE, name, path=("notifications", name))
        place = _read_target(root, name, match["alias"], environment)
        rule.skip("description")
        rule.expect("name", notifying_rule(environment, place[0], match["mark"] or ""))
        rule.expect("provider", Ref("aws", match["alias"]) if match["alias"] else None)
        told[place] |= set(_read_names(rule))
        rule.finish()
        if place[1] != aws.region and match["alias"] != provider_alias(place[1]):
            rule.notes.add_unexpected(
                (*rule.path, "provider"), provider_alias(place[1]), match["alias"]
            )
    if told:
        _read_sender(root, aws, environment, told)
    return told


def _read_target(root: Root, name: str, alias: str | None, environment: str) -> tuple[str, str]:
    """Reads the account and the Region that a rule sends to."""
    target = root.need("resource", _TARGET, name, path=("notifications", name))
    if target is None:
        return "", ""
    target.expect("rule", Ref(_RULE, name, "name"))
    target.expect("role_arn", Ref(_ROLE, _SENDER, "arn"))
    target.expect("provider", Ref("aws", alias) if alias else None)
    arn = target.get("arn")
    target.finish()
    match = _ARN.fullmatch(str(arn))
    if match is None or match[3] != reader_bus(environment):
        target.add_unexpected("arn", reader_bus(environment), str(arn))
        return "", ""
    return match[2], match[1]


def _read_names(rule: Fields) -> Iterable[Any]:
    pattern = rule.document("event_pattern")
    detail = pattern.object("detail") if pattern else None
    names = detail.get("name", texts) if detail else ()
    if pattern and detail:
        detail.expect("labelUpdated", ["AWSCURRENT"])
        for key, value in _PATTERN.items():
            pattern.expect(key, value)
        detail.finish()
        pattern.finish()
    return names if isinstance(names, tuple) else ()


def _read_sender(root: Root, aws: Aws, environment: str, told: Told) -> None:
    role = root.take("resource", _ROLE, _SENDER, path=("notifications", "role"))
    policy = root.take("resource", _ROLE_POLICY, _SENDER, path=("notifications", "policy"))
    if role is None or policy is None:
        root.lacks("resource", _ROLE if role is None else _ROLE_POLICY, _SENDER)
        return
    role.skip("description")
    role.expect("name", notifying_role(environment))
    _expect_statement(role, "assume_role_policy", {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": aws.account_id}},
    })  # fmt: skip
    role.finish()
    policy.skip("name")
    policy.expect("role", Ref(_ROLE, _SENDER, "name"))
    buses = {reader_bus_arn(aws, environment, account, region) for account, region in told}
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": sorted(buses)}
    _expect_statement(policy, "policy", statement)
    policy.finish()


def _expect_statement(fields: Fields, argument: str, statement: Mapping[str, Any]) -> None:
    document = fields.document(argument)
    if document is None:
        fields.add_unexpected(argument, "a policy document", None)
        return
    document.expect("Version", "2012-10-17")
    document.expect("Statement", [statement])
    document.finish()


def read_buses(root: Root, aws: Aws, environment: str) -> tuple[str, ...]:
    """Reads the Regions in which a reader's account gets events.

    Args:
        root: the root module of the account.
        aws: the account of the secrets.
        environment: its name.
    """
    regions = []
    ids = root.peek("allowed_account_ids", "provider", "aws")
    found = texts(ids) if ids else ()
    account_id = found[0] if isinstance(found, tuple) and found else ""
    for _, _, name in root.addresses("resource", _BUS):
        bus = root.known("resource", _BUS, name)
        alias = name.removeprefix("new_values").lstrip("_")
        region = alias.replace("_", "-") or aws.region
        regions.append(region)
        provider = Ref("aws", alias) if alias else None
        bus.expect("name", reader_bus(environment))
        bus.expect("provider", provider)
        bus.finish()
        policy = root.take("resource", _BUS_POLICY, name)
        rule = root.take("resource", _RULE, name)
        if policy is None or rule is None:
            root.lacks("resource", _RULE if rule is None else _BUS_POLICY, name)
            continue
        for block in (policy, rule):
            block.expect("event_bus_name", Ref(_BUS, name, "name"))
            block.expect("provider", provider)
        sender = f"arn:{aws.partition}:iam::{aws.account_id}"
        _expect_statement(policy, "policy", {
            "Sid": "AllowNewValues",
            "Effect": "Allow",
            "Principal": {"AWS": f"{sender}:root"},
            "Action": "events:PutEvents",
            "Resource": reader_bus_arn(aws, environment, account_id, region),
            "Condition": {
                "ArnEquals": {"aws:PrincipalArn": f"{sender}:role/{notifying_role(environment)}"}
            },
        })  # fmt: skip
        policy.finish()
        rule.skip("description")
        rule.expect("name", new_value_rule(environment))
        pattern = rule.document("event_pattern")
        if pattern:
            for key, value in _PATTERN.items():
                pattern.expect(key, value)
            pattern.expect("detail", {"labelUpdated": ["AWSCURRENT"]})
            pattern.finish()
        rule.finish()
    return tuple(sorted(regions))


def _with_plain_reads(account: Account) -> Account:
    """Leaves out what a role reads where its policy names something else than a secret."""
    roles = (
        replace(role, reads=tuple(r for r in role.reads if isinstance(r, SecretInRegion)))
        for role in account.roles
    )
    return replace(account, roles=tuple(roles))


def with_notifications(
    secrets: Iterable[Secret],
    accounts: Iterable[Account],
    told: Told,
    buses: Mapping[str, tuple[str, ...]],
    around: tuple[Root, Aws],
) -> tuple[Secret, ...]:
    """Returns which secrets notify their readers, and holds that against who is told of what.

    Args:
        secrets: the secrets.
        accounts: the accounts that read.
        told: what the environment's rules tell to whom.
        buses: the Regions in which each account has a bus.
        around: the environment's root module, and its account.
    """
    root, aws = around
    named = {name for names in told.values() for name in names}
    accounts = list(accounts)
    expected = notifications(aws, map(_with_plain_reads, accounts), named)
    wanted = {(n.account_id, n.region): set(n.secrets) for n in expected}
    for place in sorted({*wanted, *told}, key=str):
        for name in sorted(wanted.get(place, set()) ^ told.get(place, set()), key=str):
            is_told = name in told.get(place, set())
            where = ".".join(map(str, place))
            root.notes.add_unexpected(
                ("secrets", str(name), "notify_readers", where), not is_told, is_told
            )
    for account in accounts:
        regions = tuple(sorted(n.region for n in expected if n.account == account.name))
        found = buses.get(account.name, ())
        if found != regions:
            root.notes.add_unexpected(
                ("accounts", account.name, "buses"), list(regions), list(found)
            )
    return tuple(replace(secret, notify_readers=secret.name in named) for secret in secrets)
