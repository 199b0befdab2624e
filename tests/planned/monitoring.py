"""What is planned for the alarms of an environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from secretgen.model.environment import Environment, Monitoring
from secretgen.model.names import provider_alias
from secretgen.model.secret import AWS_MANAGED, DEDICATED
from secretgen.policy import alarms, events
from tests.planned.compare import PROVIDER, Attributes
from tests.planned.unset import UNKNOWN

_SECRET = "$.detail.requestParameters.secretId"
_KEY = "$.detail.requestParameters.keyId"
_EVENT, _WHO = {"event": "$.detail.eventName"}, {"who": "$.detail.userIdentity.arn"}
_VALUE = {"subject": "$.detail.name", "version": "$.detail.versionId"}
_OF_SECRET = {"subject": _SECRET, **_EVENT, **_WHO}
_CALLED = "<event> <subject> by <who>"
ABOUT: dict[str, tuple[str, str, dict[str, str]]] = {
    "rotation_failed": (
        "The rotation of a secret, or its test, failed", "<event> <subject>",
        {"subject": "$.detail.additionalEventData.SecretId", **_EVENT},
    ),
    "secret_rotated": (
        "A secret that rotates has a new value", "<subject> version <version>", _VALUE,
    ),
    "secret_written": (
        "A secret that neither rotates nor has a writer has a new value",
        "<subject> version <version>", _VALUE,
    ),
    "secret_changed": (
        "A secret was deleted or copied, or its policy, key, rotation or replication changed",
        _CALLED, _OF_SECRET,
    ),
    "secret_tagged": ("The tags of a secret changed", _CALLED, _OF_SECRET),
    "secret_read": ("A secret was read", _CALLED, _OF_SECRET),
    "key_changed": (
        "A key was disabled, scheduled for deletion, copied or opened to others", _CALLED,
        {"subject": _KEY, **_EVENT, **_WHO},
    ),
    "replica_changed": (
        "Something happened to a replica of a secret, or to the key of one",
        "<event> <key> <secret> by <who>", {"secret": _SECRET, "key": _KEY, **_EVENT, **_WHO},
    ),
}  # fmt: skip
"""What each rule is about, what its message tells, and from where in the event."""

_READS = {"state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
_USAGE = {
    "Class": "None", "Resource": "CryptographicOperationsSymmetric", "Service": "KMS",
    "Type": "API",
}  # fmt: skip


def monitoring_resources(environment: Environment) -> Iterator[tuple[str, Attributes]]:
    """Yields the topic, the rules with their targets, the filters and the alarms."""
    if environment.monitoring:
        yield from _Alarms(environment, environment.monitoring).resources()


@dataclass
class _Alarms:
    environment: Environment
    monitoring: Monitoring
    prefix: str = field(init=False)

    def __post_init__(self) -> None:
        self.prefix = f"{self.environment.name}-secrets"

    def resources(self) -> Iterator[tuple[str, Attributes]]:
        if self.monitoring.notify.email:
            yield from self._topic()
        rules = self._patterns(self.environment.aws.region, is_primary=True)
        for kind, pattern in rules.items():
            yield from self._rule(kind, pattern)
        far = {r: self._patterns(r) for r in self.environment.replica_regions}
        if any(far.values()):
            for region, patterns in far.items():
                for kind, pattern in patterns.items():
                    yield from self._far_rule(kind, pattern, provider_alias(region))
            yield from self._bus()
        if alarms.topic_role(self.environment) and (rules or any(far.values())):
            document = alarms.topic_role_policy(self.environment)
            yield from self._role("topic", "publish", "topic_events", document, _TO_TOPIC)
        yield from self._metrics()

    def _topic(self) -> Iterator[tuple[str, Attributes]]:
        name = f"{self.prefix}-alarms"
        yield "aws_sns_topic.alarms", {"name": name, "kms_master_key_id": UNKNOWN}
        for address in self.monitoring.notify.email:
            yield (
                f'aws_sns_topic_subscription.alarms["{address.replace("${", "$${")}"]',
                {"protocol": "email", "endpoint": address},
            )
        yield "aws_sns_topic_policy.alarms", {"policy": alarms.topic_policy(self.environment)}
        yield "aws_kms_key.alarms", {
            "description": f"Alarms of the secrets of {self.environment.name}",
            "deletion_window_in_days": 7,
            "enable_key_rotation": True,
            "policy": alarms.topic_key_policy(self.environment),
            "tags": {"secretgen:protected": "false"},
        }  # fmt: skip
        yield "aws_kms_alias.alarms", {"name": f"alias/{name}"}

    def _patterns(self, region: str, *, is_primary: bool = False) -> dict[str, Any]:
        """The patterns of the rules in a Region."""
        aws, asked = self.environment.aws, self.monitoring
        secrets = [
            s
            for s in self.environment.secrets
            if is_primary or any(r.region == region for r in s.replicas)
        ]
        names = [s.name for s in secrets]
        found: dict[str, Any] = {}
        if is_primary:
            rotated = [s.name for s in secrets if s.rotation]
            of_services = [s.secret_name for s in self.environment.service_secrets]
            quiet = [s.name for s in secrets if not s.rotation and not s.writers]
            if asked.rotation_failures and (rotated or of_services):
                found["rotation_failed"] = events.rotation_failures(aws, rotated + of_services)
            if asked.rotation_successes and rotated:
                found["secret_rotated"] = events.new_values(rotated)
            if asked.writes and quiet:
                found["secret_written"] = events.new_values(quiet)
            if asked.unauthorized_access:
                found["secret_tagged"] = events.tag_changes(aws, names)
        if asked.unauthorized_access:
            found["secret_changed"] = events.secret_changes(aws, region, names)
        if asked.reads:
            found["secret_read"] = events.secret_reads(aws, region, names)
        keys = list(self._keys(region))
        if asked.kms_anomalies and keys:
            pattern = events.key_changes(aws, region, keys)
            is_known = UNKNOWN not in pattern["detail"].get("resources", {}).get("ARN", ())
            found["key_changed"] = pattern if is_known else UNKNOWN
        return found

    def _keys(self, region: str) -> Iterator[str]:
        for key in self.environment.keys:
            yield from (UNKNOWN for regional in key.regions if regional.region == region)
        secrets = self.environment.secrets
        named = {s.kms_key for s in secrets} | {r.kms_key for s in secrets for r in s.replicas}
        aws = self.environment.aws
        here = f"arn:{aws.partition}:kms:{region}:{aws.account_id}:key/"
        others = {key or "" for key in named} - {DEDICATED, AWS_MANAGED}
        yield from sorted(key for key in others if key.startswith(here))

    def _named(self, kind: str, pattern: Any) -> dict[str, Any]:
        return {
            "name": f"{self.prefix}-{kind.replace('_', '-')}",
            "description": ABOUT[kind][0],
            "event_pattern": pattern,
            **(_READS if kind == "secret_read" else {}),
        }

    def _rule(
        self, kind: str, pattern: Any, more: Attributes | None = None, bus: str | None = None
    ) -> Iterator[tuple[str, Attributes]]:
        """Yields a rule of the primary Region with its targets."""
        on_bus = {"event_bus_name": bus} if bus else {}
        rule = {**self._named(kind, pattern), **on_bus, **(more or {})}
        yield f"aws_cloudwatch_event_rule.{kind}", rule
        target = {"rule": rule["name"], **on_bus}
        about, said, paths = ABOUT[kind]
        if self.monitoring.notify.email:
            runbook = f"environments/{self.environment.name}/README.md"
            message = f"{about}: {said} in <region> at <time>. What to do: {runbook}"
            transformed = {
                "input_paths": {**paths, "region": "$.region", "time": "$.time"},
                "input_template": f'"{message}"',
            }
            yield (
                f"aws_cloudwatch_event_target.{kind}",
                {**target, "arn": UNKNOWN, "input_transformer": [transformed]},
            )
        if topic := self.monitoring.notify.sns_topic_arn:
            role = UNKNOWN if alarms.topic_role(self.environment) else None
            yield (
                f"aws_cloudwatch_event_target.{kind}_existing_topic",
                {**target, "arn": topic, "role_arn": role},
            )

    def _far_rule(self, kind: str, pattern: Any, alias: str) -> Iterator[tuple[str, Attributes]]:
        """Yields a rule of a replica Region, which sends to the bus of the primary one."""
        rule = self._named(kind, pattern)
        yield f"aws_cloudwatch_event_rule.{kind}_{alias}", {**rule, PROVIDER: alias}
        yield (
            f"aws_cloudwatch_event_target.{kind}_{alias}",
            {"rule": rule["name"], "arn": UNKNOWN, "role_arn": UNKNOWN, PROVIDER: alias},
        )

    def _bus(self) -> Iterator[tuple[str, Attributes]]:
        name = f"{self.prefix}-replicas"
        yield "aws_cloudwatch_event_bus.replicas", {"name": name}
        everything = {"account": [self.environment.aws.account_id]}
        reads = _READS if self.monitoring.reads else {}
        yield from self._rule("replica_changed", everything, reads, name)
        document = alarms.bus_role_policy(self.environment)
        yield from self._role("replicas", "put-events", "replica_events", document, _TO_BUS)

    def _role(
        self, end: str, policy: str, block: str, document: Any, about: str
    ) -> Iterator[tuple[str, Attributes]]:
        name = f"{self.prefix}-{end}"
        yield f"aws_iam_role.{block}", {
            "name": name,
            "description": about,
            "assume_role_policy": alarms.events_trust_policy(self.environment.aws),
        }  # fmt: skip
        yield f"aws_iam_role_policy.{block}", {"name": policy, "role": name, "policy": document}

    def _metrics(self) -> Iterator[tuple[str, Attributes]]:
        asked, aws = self.monitoring, self.environment.aws
        group = asked.cloudtrail_log_group or (f"{self.prefix}-trail" if asked.cloudtrail else None)
        names = [s.name for s in self.environment.secrets]
        if group and asked.unauthorized_access:
            pattern = events.denied_calls(aws, names)
            yield self._filter(group, "access-denied", "AccessDenied", pattern)
            yield self._alarm(
                "access-denied",
                "A call to a secret was denied",
                namespace=self.prefix,
                metric_name="AccessDenied",
                statistic="Sum",
                period=300,
                evaluation_periods=1,
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=1,
            )
        if group and asked.kms_anomalies:
            pattern = events.decryptions(aws, names)
            yield self._filter(group, "decrypted", "Decrypted", pattern)
        if asked.kms_anomalies:
            own = (self.prefix, "Decrypted", None, "Unusually many secrets are read")
            all_ = ("AWS/Usage", "CallCount", _USAGE, _OFTEN)
            namespace, metric, dimensions, about = own if group else all_
            yield self._alarm(
                "unusual-decryption",
                about,
                evaluation_periods=2,
                comparison_operator="GreaterThanUpperThreshold",
                threshold_metric_id="expected",
                metric_query=_band(namespace, metric, dimensions),
            )

    def _filter(self, group: str, name: str, metric: str, pattern: str) -> tuple[str, Attributes]:
        return f"aws_cloudwatch_log_metric_filter.{name.replace('-', '_')}", {
            "name": f"{self.prefix}-{name}",
            "log_group_name": group,
            "pattern": pattern,
            "metric_transformation": [{
                "namespace": self.prefix, "name": metric, "value": "1", "default_value": "0",
                "dimensions": None, "unit": "None",
            }],
        }  # fmt: skip

    def _alarm(self, name: str, about: str, **attributes: Any) -> tuple[str, Attributes]:
        notify = self.monitoring.notify
        return f"aws_cloudwatch_metric_alarm.{name.replace('-', '_')}", {
            "alarm_name": f"{self.prefix}-{name}",
            "alarm_description": about,
            "alarm_actions": UNKNOWN if notify.email else [notify.sns_topic_arn],
            "treat_missing_data": "notBreaching",
            **attributes,
        }


_TO_BUS = "Lets EventBridge send events of replica Regions to the alarms"
_TO_TOPIC = "Lets EventBridge send events to the topic of another account"
_OFTEN = "The account's KMS keys are used unusually often"


def _band(namespace: str, name: str, dimensions: dict[str, str] | None) -> Iterable[Any]:
    used = {
        "namespace": namespace, "metric_name": name, "dimensions": dimensions, "stat": "Sum",
        "period": 300, "unit": "",
    }  # fmt: skip
    query = {"account_id": "", "period": None, "return_data": True}
    expression = "ANOMALY_DETECTION_BAND(used, 3)"
    return [
        {**query, "id": "expected", "label": "Expected", "expression": expression, "metric": []},
        {**query, "id": "used", "label": "", "expression": "", "metric": [used]},
    ]
