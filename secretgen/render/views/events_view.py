"""Views of the EventBridge rules behind the alarms."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from secretgen.hcl.encode import Expression, call, reference
from secretgen.model.environment import Environment, Monitoring
from secretgen.model.names import key_modules, provider_alias
from secretgen.model.secret import AWS_MANAGED, DEDICATED
from secretgen.policy.alarms import topic_role
from secretgen.policy.events import (
    Pattern,
    key_changes,
    new_values,
    rotation_failures,
    secret_changes,
    secret_reads,
    tag_changes,
)

_ROTATION, _ROTATED, _WRITTEN = "rotation_failed", "secret_rotated", "secret_written"
_SECRET, _TAGS, _READ = "secret_changed", "secret_tagged", "secret_read"
_KEY, _REPLICA = "key_changed", "replica_changed"
_ABOUT = {
    _ROTATION: "The rotation of a secret, or its test, failed",
    _ROTATED: "A secret that rotates has a new value",
    _WRITTEN: "A secret that neither rotates nor has a writer has a new value",
    _SECRET: "A secret was deleted or copied, or its policy, key, rotation or replication changed",
    _TAGS: "The tags of a secret changed",
    _READ: "A secret was read",
    _KEY: "A key was disabled, scheduled for deletion, copied or opened to others",
    _REPLICA: "Something happened to a replica of a secret, or to the key of one",
}
_SECRET_ID, _KEY_ID = "$.detail.requestParameters.secretId", "$.detail.requestParameters.keyId"
_CALL = {"event": "$.detail.eventName", "who": "$.detail.userIdentity.arn"}
_NEW_VALUE = {"subject": "$.detail.name", "version": "$.detail.versionId"}
_DETAILS = {
    _ROTATION: {
        "event": "$.detail.eventName",
        "subject": "$.detail.additionalEventData.SecretId",
    },
    _ROTATED: _NEW_VALUE,
    _WRITTEN: _NEW_VALUE,
    _SECRET: {"subject": _SECRET_ID, **_CALL},
    _TAGS: {"subject": _SECRET_ID, **_CALL},
    _READ: {"subject": _SECRET_ID, **_CALL},
    _KEY: {"subject": _KEY_ID, **_CALL},
    # EventBridge leaves out what an event does not hold.
    _REPLICA: {"secret": _SECRET_ID, "key": _KEY_ID, **_CALL},
}
"""What messages take from the events of a rule, next to their Region and time."""


class TargetView(Struct, frozen=True):
    """Where the events of a rule go: a topic, or the bus of the primary Region.

    Args:
        label: label of its block.
        arn: ARN of the topic or bus.
        role_arn: role that may send there; a topic of the same account allows it by its own policy.
        input_paths: what the message takes from the event.
        message: what people read; None where the event itself is passed on.
    """

    label: str
    arn: Expression | str
    role_arn: Expression | None = None
    input_paths: Mapping[str, str] | None = None
    message: str | None = None


class RuleView(Struct, frozen=True):
    """An EventBridge rule: `provider` and `bus` are None for the primary Region's default bus.

    `sees_reads`: it also gets events that only read, which EventBridge drops by default.
    """

    label: str
    name: str
    description: str
    event_pattern: Expression
    targets: tuple[TargetView, ...]
    provider: Expression | None = None
    bus: Expression | None = None
    sees_reads: bool = False

    @property
    def reference(self) -> Expression:
        """The name of the rule, as its targets refer to it."""
        return reference("aws_cloudwatch_event_rule", self.label, "name")


def rule_views(
    environment: Environment, monitoring: Monitoring, runbook: str
) -> tuple[RuleView, ...]:
    """Makes the views of every rule: those of the primary Region, then those of its replicas.

    A rule reaches targets of its own Region only, so the rules of replica Regions send their
    events to a bus in the primary Region, where one rule hands them on.

    Args:
        environment: the environment.
        monitoring: its alarms.
        runbook: path of the document that says what to do about an alarm.
    """
    primary = _rules(environment, monitoring, runbook)
    replicas = [
        rule
        for region in environment.replica_regions
        for rule in _rules(environment, monitoring, runbook, region)
    ]
    return (
        *primary,
        *replicas,
        *([_bus_rule(environment, monitoring, runbook)] if replicas else []),
    )


def _rules(
    environment: Environment, monitoring: Monitoring, runbook: str, replica: str | None = None
) -> list[RuleView]:
    patterns = _patterns(environment, monitoring, replica)
    if replica is None:
        return [
            _rule(environment, kind, pattern, _to_topics(environment, monitoring, kind, runbook))
            for kind, pattern in patterns.items()
        ]
    alias = provider_alias(replica)
    return [
        replace(
            _rule(environment, kind, pattern, (_to_bus(f"{kind}_{alias}"),)),
            label=f"{kind}_{alias}",
            provider=reference("aws", alias),
        )
        for kind, pattern in patterns.items()
    ]


def _bus_rule(environment: Environment, monitoring: Monitoring, runbook: str) -> RuleView:
    every_event = {"account": [environment.aws.account_id]}
    targets = _to_topics(environment, monitoring, _REPLICA, runbook)
    return replace(
        _rule(environment, _REPLICA, every_event, targets),
        bus=reference("aws_cloudwatch_event_bus", "replicas", "name"),
        sees_reads=monitoring.reads,
    )


def _rule(
    environment: Environment, kind: str, pattern: Pattern, targets: tuple[TargetView, ...]
) -> RuleView:
    return RuleView(
        label=kind,
        name=f"{environment.name}-secrets-{kind.replace('_', '-')}",
        description=_ABOUT[kind],
        event_pattern=call("jsonencode", pattern),
        targets=targets,
        sees_reads=kind == _READ,
    )


def _to_bus(label: str) -> TargetView:
    bus = reference("aws_cloudwatch_event_bus", "replicas", "arn")
    return TargetView(label, bus, role_arn=reference("aws_iam_role", "replica_events", "arn"))


def _to_topics(
    environment: Environment, monitoring: Monitoring, kind: str, runbook: str
) -> tuple[TargetView, ...]:
    """People get a message; an existing topic may feed programs, and gets the event itself."""
    targets = []
    if monitoring.notify.email:
        details = _DETAILS[kind]
        told = ("event", *sorted(details.keys() - {"event", "version", "who"}), "version", "who")
        words = {"version": "version <version>", "who": "by <who>"}
        said = " ".join(words.get(name, f"<{name}>") for name in told if name in details)
        happened = f"{_ABOUT[kind]}: {said} in <region> at <time>."
        paths = {**details, "region": "$.region", "time": "$.time"}
        targets.append(
            TargetView(
                label=kind,
                arn=reference("aws_sns_topic", "alarms", "arn"),
                input_paths=dict(sorted(paths.items())),
                message=json.dumps(f"{happened} What to do: {runbook}"),
            )
        )
    if monitoring.notify.sns_topic_arn:
        label, topic = f"{kind}_existing_topic", monitoring.notify.sns_topic_arn
        role = reference("aws_iam_role", "topic_events", "arn") if topic_role(environment) else None
        targets.append(TargetView(label, topic, role_arn=role))
    return tuple(targets)


def _patterns(
    environment: Environment, monitoring: Monitoring, replica: str | None
) -> dict[str, Pattern]:
    """Chooses what to listen to in a Region.

    Secrets rotate, are written and are tagged in the primary Region only.
    """
    aws = environment.aws
    region = replica or aws.region
    secrets, keys = _secrets(environment, replica), _keys(environment, replica)
    patterns = {} if replica else _primary_patterns(environment, monitoring)
    if monitoring.unauthorized_access:
        patterns[_SECRET] = secret_changes(aws, region, secrets)
    if monitoring.reads:
        patterns[_READ] = secret_reads(aws, region, secrets)
    if monitoring.kms_anomalies and keys:
        patterns[_KEY] = key_changes(aws, region, keys)
    return patterns


def _primary_patterns(environment: Environment, monitoring: Monitoring) -> dict[str, Pattern]:
    aws, patterns = environment.aws, {}
    rotated = [s.name for s in environment.secrets if s.rotation]
    written = [s.name for s in environment.secrets if s.expects_no_write]
    of_services = [s.secret_name for s in environment.service_secrets]
    if monitoring.rotation_failures and (rotated or of_services):
        patterns[_ROTATION] = rotation_failures(aws, [*rotated, *of_services])
    if monitoring.rotation_successes and rotated:
        patterns[_ROTATED] = new_values(rotated)
    if monitoring.writes and written:
        patterns[_WRITTEN] = new_values(written)
    if monitoring.unauthorized_access:
        patterns[_TAGS] = tag_changes(aws, [s.name for s in environment.secrets])
    return patterns


def _secrets(environment: Environment, replica: str | None) -> list[str]:
    return [
        s.name
        for s in environment.secrets
        if replica is None or any(r.region == replica for r in s.replicas)
    ]


def _keys(environment: Environment, replica: str | None) -> list[Expression | str]:
    """ARNs of the keys that encrypt the environment's secrets in a Region of its account."""
    region = replica or environment.aws.region
    made: list[Expression | str] = [
        reference("module", modules[region], "arn")
        for modules in map(key_modules, environment.keys)
        if region in modules
    ]
    return [*made, *sorted(_keys_made_elsewhere(environment, replica))]


def _keys_made_elsewhere(environment: Environment, replica: str | None) -> set[str]:
    aws = environment.aws
    named = {s.kms_key for s in environment.secrets} - {DEDICATED, AWS_MANAGED}
    named |= {r.kms_key for s in environment.secrets for r in s.replicas if r.kms_key}
    here = aws.arn("kms", "key/", replica or aws.region)
    return {arn for arn in named if arn.startswith(here)}
