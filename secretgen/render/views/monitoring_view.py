"""View of the alarms: their recipients, what they watch."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from secretgen.hcl.encode import Expression, reference
from secretgen.model.environment import Environment, Monitoring
from secretgen.model.layout import Layout
from secretgen.policy.alarms import (
    alarms_prefix,
    bus_role_policy,
    events_trust_policy,
    topic_key_policy,
    topic_policy,
    topic_role_policy,
)
from secretgen.policy.documents import Document
from secretgen.policy.events import decryptions, denied_calls
from secretgen.policy.trail import (
    access_log_bucket_policy,
    trail_bucket_policy,
    trail_key_policy,
    trail_names,
    trail_role_policy,
    trail_topic_policy,
    trail_trust_policy,
)
from secretgen.render.views.events_view import RuleView, rule_views

_DENIED, _DECRYPTED = "access_denied", "decrypted"
_ACCOUNT_USAGE = {
    "Class": "None",
    "Resource": "CryptographicOperationsSymmetric",
    "Service": "KMS",
    "Type": "API",
}


class MetricView(Struct, frozen=True):
    """A metric; `dimensions` is None for the environment's own."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] | None = None


class FilterView(Struct, frozen=True):
    """A metric filter on CloudTrail's log."""

    label: str
    name: str
    pattern: str
    metric: MetricView


class AlarmView(Struct, frozen=True):
    """A CloudWatch alarm."""

    name: str
    description: str
    metric: MetricView


class MonitoringView(Struct, frozen=True):
    """All alarms.

    Args:
        email: addresses that subscribe to a topic of the environment's own; none, no such topic.
        topics: ARNs of the topics that alarms go to.
        prefix: prefix of the names of all alarm resources.
        topic_policy: policy of that topic.
        key_description: description of the key that encrypts the topic.
        key_policy: policy of that key.
        rules: the EventBridge rules.
        has_replicas: whether some of them are in replica Regions.
        events_trust_policy: who may assume the roles that send events on.
        bus_role_policy: what the role may do that sends their events here.
        topic_role_policy: what the role may do that sends events to the topic of another account;
            None for no such role.
        log_group: log group with CloudTrail's events; None when there is none.
        filters: the filters on that log group.
        denied: alarm on denied calls; None for none.
        usage: alarm on unusual use of keys; None for none.
    """

    email: tuple[str, ...]
    topics: tuple[Expression | str, ...]
    prefix: str
    topic_policy: Document
    key_description: str
    key_policy: Document
    rules: tuple[RuleView, ...]
    has_replicas: bool
    events_trust_policy: Document
    bus_role_policy: Document
    topic_role_policy: Document | None
    log_group: Expression | str | None
    filters: tuple[FilterView, ...]
    denied: AlarmView | None
    usage: AlarmView | None


def monitoring_view(environment: Environment, layout: Layout) -> MonitoringView | None:
    """Makes the view of the alarms; None when the environment has none."""
    monitoring = environment.monitoring
    if monitoring is None:
        return None
    prefix = alarms_prefix(environment)
    rules = rule_views(environment, monitoring, f"{layout.environment(environment.name)}/README.md")
    log_group = _log_group(monitoring)
    filters = _filters(environment, monitoring, prefix) if log_group else {}
    return MonitoringView(
        email=monitoring.notify.email,
        topics=_topics(monitoring),
        prefix=prefix,
        topic_policy=topic_policy(environment),
        key_description=f"Alarms of the secrets of {environment.name}",
        key_policy=topic_key_policy(environment),
        rules=rules,
        has_replicas=any(rule.provider for rule in rules),
        events_trust_policy=events_trust_policy(environment.aws),
        bus_role_policy=bus_role_policy(environment),
        topic_role_policy=topic_role_policy(environment) if rules else None,
        log_group=log_group,
        filters=tuple(filters.values()),
        denied=_denied(prefix, filters[_DENIED].metric) if _DENIED in filters else None,
        usage=_usage(prefix, filters.get(_DECRYPTED)) if monitoring.kms_anomalies else None,
    )


def _topics(monitoring: Monitoring) -> tuple[Expression | str, ...]:
    notify = monitoring.notify
    own = [reference("aws_sns_topic", "alarms", "arn")] if notify.email else []
    return (*own, *([notify.sns_topic_arn] if notify.sns_topic_arn else []))


def _log_group(monitoring: Monitoring) -> Expression | str | None:
    if monitoring.cloudtrail_log_group:
        return monitoring.cloudtrail_log_group
    return reference("aws_cloudwatch_log_group", "trail", "name") if monitoring.cloudtrail else None


def _filters(
    environment: Environment, monitoring: Monitoring, prefix: str
) -> dict[str, FilterView]:
    names = [s.name for s in environment.secrets]
    patterns = {}
    if monitoring.unauthorized_access:
        patterns[_DENIED] = denied_calls(environment.aws, names)
    if monitoring.kms_anomalies:
        patterns[_DECRYPTED] = decryptions(environment.aws, names)
    return {
        label: FilterView(
            label=label,
            name=f"{prefix}-{label.replace('_', '-')}",
            pattern=pattern,
            metric=MetricView(prefix, "".join(part.title() for part in label.split("_"))),
        )
        for label, pattern in patterns.items()
    }


def _denied(prefix: str, metric: MetricView) -> AlarmView:
    return AlarmView(f"{prefix}-access-denied", "A call to a secret was denied", metric)


def _usage(prefix: str, decrypted: FilterView | None) -> AlarmView:
    """Watches the environment's own decryptions, or all use of keys where there is no log."""
    name = f"{prefix}-unusual-decryption"
    if decrypted:
        return AlarmView(name, "Unusually many secrets are read", decrypted.metric)
    account = MetricView("AWS/Usage", "CallCount", _ACCOUNT_USAGE)
    return AlarmView(name, "The account's KMS keys are used unusually often", account)


class TrailBucketView(Struct, frozen=True):
    """A bucket for logs."""

    label: str
    name: str
    policy: Document
    is_access_log: bool = False


class TrailView(Struct, frozen=True):
    """The trail: its buckets, and the policies of what belongs to it.

    Args:
        name: name of the trail, its topic, its role and its log group.
        key_description: description of the key for its logs.
        buckets: the bucket for its logs, then the one for the access logs of the first.
        key_policy: policy of the key.
        topic_policy: policy of the topic that announces new log files.
        trust_policy: who may assume the role that writes to the log group.
        role_policy: what that role may do.
    """

    name: str
    key_description: str
    buckets: tuple[TrailBucketView, TrailBucketView]
    key_policy: Document
    topic_policy: Document
    trust_policy: Document
    role_policy: Document


def trail_view(environment: Environment) -> TrailView | None:
    """Makes the view of the trail; None when the environment makes none."""
    if environment.monitoring is None or not environment.monitoring.cloudtrail:
        return None
    names = trail_names(environment)
    return TrailView(
        name=names.trail,
        key_description=f"CloudTrail logs for the alarms of {environment.name}",
        buckets=(
            TrailBucketView("trail", names.bucket, trail_bucket_policy(names)),
            TrailBucketView(
                "trail_log",
                names.access_log_bucket,
                access_log_bucket_policy(names),
                is_access_log=True,
            ),
        ),
        key_policy=trail_key_policy(names),
        topic_policy=trail_topic_policy(names),
        trust_policy=trail_trust_policy(),
        role_policy=trail_role_policy(names),
    )
