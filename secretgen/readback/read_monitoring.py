"""Which alarms there are, from the resources that they are made of.

Thresholds, texts and the policies of topics and trail are the same for every environment: no
spec says anything of them, so nothing is read from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from secretgen.hcl.hcl_nodes import Call, ListValue, Literal, Value
from secretgen.model.environment import Aws, Key, Monitoring, Notify
from secretgen.model.secret import Secret, ServiceSecret
from secretgen.readback.block_fields import Fields
from secretgen.readback.coverage import check_filter, check_rule
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import text, texts

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
                check_rule(
                    block,
                    match[1],
                    match[2],
                    aws=aws,
                    secrets=secrets,
                    keys=keys,
                    service_secrets=service_secrets,
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
            check_filter(block, secrets)
            block.path = ("monitoring",)
            names.append(block.take("log_group_name", "cloudtrail_log_group"))
    return next((text(name) for name in names if isinstance(name, Literal)), None)
