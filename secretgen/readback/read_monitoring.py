"""Which alarms there are, from the resources that they are made of.

Thresholds, texts and the policies of topics and trail are the same for every environment: no
spec says anything of them, so nothing is read from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from secretgen.hcl.hcl_nodes import Call, ListValue, Literal, ObjectValue, Value, leaf_values
from secretgen.model.environment import Aws, Key, Monitoring, Notify
from secretgen.model.names import key_modules, provider_alias
from secretgen.model.secret import Secret, ServiceSecret
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import reference, text, texts

Resources = Mapping[tuple[str, str], Fields]

_RULE, _FILTER = "aws_cloudwatch_event_rule", "aws_cloudwatch_log_metric_filter"
_ALARM, _SUBSCRIPTION = "aws_cloudwatch_metric_alarm", "aws_sns_topic_subscription"

_WORDS = {
    "access_denied": ("unauthorized_access",),
    "alarms": ("notify", "email"),
    "decrypted": ("kms_anomalies",),
    "key_changed": ("kms_anomalies",),
    "replica_changed": (),
    "replica_events": (),
    "replicas": (),
    "rotation_failed": ("rotation_failures",),
    "secret_changed": ("unauthorized_access",),
    "secret_read": ("reads",),
    "secret_rotated": ("rotation_successes",),
    "secret_tagged": ("unauthorized_access",),
    "secret_written": ("writes",),
    "topic_events": ("notify", "sns_topic_arn"),
    "trail": ("cloudtrail",),
    "trail_log": ("cloudtrail",),
    "unusual_decryption": ("kms_anomalies",),
}
"""What of the monitoring a resource belongs to, by its label without Region and target."""

_LABEL = re.compile(rf"({'|'.join(_WORDS)})(?:_([a-z]+(?:_[a-z]+)+_[0-9]))?(?:_existing_topic)?")


def read_monitoring(
    root: Root,
    local: Fields,
    aws: Aws,
    *,
    secrets: Sequence[Secret],
    service_secrets: Sequence[ServiceSecret],
    keys: Sequence[Key],
) -> Monitoring | None:
    """Reads the alarms of an environment; None when it has none.

    Args:
        root: the environment's root module.
        local: its locals, as fields of the environment itself.
        aws: its account.
        secrets: its secrets, which the alarms have to cover.
        service_secrets: the secrets of AWS services, whose rotations they have to cover.
        keys: its keys, which the alarms have to cover.
    """
    topics = local.take("alarm_topic_arns", "monitoring", "notify", "sns_topic_arn")
    if topics is None:
        return None
    resources: dict[tuple[str, str], Fields] = {}
    for address in root.addresses("resource"):
        match = _LABEL.fullmatch(address[-1])
        block = match and root.take(*address, path=("monitoring", *_WORDS[match[1]]))
        if match and block:
            resources[address[1], address[2]] = block
            if address[1] == _RULE:
                _check_rule(
                    block,
                    match[1],
                    match[2],
                    aws=aws,
                    secrets=secrets,
                    service_secrets=service_secrets,
                    keys=keys,
                )
    return Monitoring(
        notify=Notify(_emails(resources), _existing_topic(topics)),
        rotation_failures=(_RULE, "rotation_failed") in resources,
        rotation_successes=(_RULE, "secret_rotated") in resources,
        unauthorized_access=(_RULE, "secret_changed") in resources,
        reads=(_RULE, "secret_read") in resources,
        writes=(_RULE, "secret_written") in resources,
        kms_anomalies=(_ALARM, "unusual_decryption") in resources,
        cloudtrail_log_group=_log_group(resources, secrets),
        cloudtrail=("aws_cloudtrail", "trail") in resources,
    )


def _emails(resources: Resources) -> Any:
    subscription = resources.get((_SUBSCRIPTION, "alarms"))
    if subscription is None:
        return ()
    subscription.path = ("monitoring", "notify")
    match subscription.take("for_each", "email"):
        case Call("toset", (ListValue() as addresses,)):
            return texts(addresses)
    return ()


def _existing_topic(topics: Value) -> Any:
    named = topics.items if isinstance(topics, ListValue) else (topics,)
    return next((text(topic) for topic in named if isinstance(topic, Literal)), None)


def _log_group(resources: Resources, secrets: Sequence[Secret]) -> Any:
    """Reads the log group of a filter; None when it is that of the environment's own trail."""
    names = []
    for (kind, _), block in resources.items():
        if kind == _FILTER:
            _check_filter(block, secrets)
            block.path = ("monitoring",)
            names.append(block.take("log_group_name", "cloudtrail_log_group"))
    return next((text(name) for name in names if isinstance(name, Literal)), None)


_FILTER_PREFIX = re.compile(r':secret:([^"*]*)\*"')


def _check_rule(
    rule: Fields,
    kind: str,
    region: str | None,
    *,
    aws: Aws,
    secrets: Sequence[Secret],
    service_secrets: Sequence[ServiceSecret],
    keys: Sequence[Key],
) -> None:
    """Holds the pattern of a rule against all secrets or keys of its Region.

    `kind` is its label without the Region, `region` the provider alias of the replica Region that
    it listens in, or None for the primary.
    """
    pattern = rule.take("event_pattern")
    values = list(leaf_values(pattern)) if pattern else []
    if kind == "key_changed":
        found = {reference(value) for value in values} - {()}
        for key in keys:
            module = _module(key, region)
            if found and module and ("module", module, "arn") not in found:
                rule.add_unexpected("covers", key.name, None)
    elif kind in _CONCERNED:
        arns = tuple(str(text(v)) for v in values if str(text(v)).startswith("arn:"))
        concerned = [secret for secret in secrets if _CONCERNED[kind](secret)]
        of_services = service_secrets if kind == "rotation_failed" else ()
        for name, arn in _arns(concerned, of_services, region, aws):
            if not arn.startswith(arns):
                rule.add_unexpected("covers", name, None)
    elif kind in _CONCERNED_BY_NAME:
        names = pattern and _names(pattern)
        for secret in secrets:
            if _CONCERNED_BY_NAME[kind](secret) and not (names and names.cover(secret.name)):
                rule.add_unexpected("covers", secret.name, None)


_CONCERNED: Mapping[str, Callable[[Secret], bool]] = {
    "rotation_failed": lambda secret: secret.rotation is not None,
    "secret_changed": lambda _: True,
    "secret_read": lambda _: True,
    "secret_tagged": lambda _: True,
}
"""Which secrets a rule has to cover by ARN."""

_CONCERNED_BY_NAME: Mapping[str, Callable[[Secret], bool]] = {
    "secret_rotated": lambda secret: secret.rotation is not None,
    # Who writes a secret whose policy is unmanaged is not always told: by no permission set.
    "secret_written": lambda secret: secret.expects_no_write and secret.manages_policy,
}
"""Which secrets a rule has to cover by name."""


class _Names(Struct, frozen=True):
    """The names that a pattern matches: whole ones, and beginnings."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    def cover(self, name: str) -> bool:
        return name in self.whole or name.startswith(self.beginnings)


def _names(pattern: Value) -> _Names:
    """Reads what `detail.name` of a pattern matches."""
    document = pattern.arguments[0] if isinstance(pattern, Call) and pattern.arguments else pattern
    listed = _entry(_entry(document, "detail"), "name")
    items = listed.items if isinstance(listed, ListValue) else ()
    beginnings = tuple(b for item in items if (b := _entry(item, "prefix")) is not None)
    return _Names(
        frozenset(str(text(item)) for item in items if isinstance(item, Literal)),
        tuple(str(text(beginning)) for beginning in beginnings),
    )


def _entry(value: Value | None, key: str) -> Value | None:
    entries = value.entries if isinstance(value, ObjectValue) else ()
    return next((entry.value for entry in entries if entry.key == key), None)


def _check_filter(log_filter: Fields, secrets: Sequence[Secret]) -> None:
    """Holds the pattern of a filter on CloudTrail's log against all secrets."""
    pattern = log_filter.take("pattern")
    prefixes = tuple(_FILTER_PREFIX.findall(str(text(pattern)))) if pattern else ()
    for secret in secrets:
        if not str(secret.name).startswith(prefixes):
            log_filter.add_unexpected("covers", str(secret.name), None)


def _arns(
    secrets: Iterable[Secret], of_services: Iterable[ServiceSecret], region: str | None, aws: Aws
) -> Iterator[tuple[str, str]]:
    """Yields names and ARNs of the secrets in a Region; the environment's own without suffix."""
    for secret in secrets:
        home = _region_of(secret, region, aws)
        if home:
            arn = f"arn:{aws.partition}:secretsmanager:{home}:{aws.account_id}:secret"
            yield secret.name, f"{arn}:{secret.name}-"
    for owned in of_services:
        yield owned.name, str(owned.arn)


def _region_of(secret: Secret, alias: str | None, aws: Aws) -> str | None:
    """Returns the Region with this provider alias if the secret is there."""
    if alias is None:
        return aws.region
    regions = (replica.region for replica in secret.replicas)
    return next((region for region in regions if provider_alias(region) == alias), None)


def _module(key: Key, alias: str | None) -> str | None:
    """Returns the label of a key's module block in a Region; None when the key is not there."""
    primary, *replicas = key_modules(key).items()
    if alias is None:
        return primary[1]
    return next((label for region, label in replicas if provider_alias(region) == alias), None)
