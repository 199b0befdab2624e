"""View of the CloudTrail trail that an environment makes for its alarms."""

from __future__ import annotations

from msgspec import Struct

from secretgen.model.environment import Environment
from secretgen.policy.documents import Document
from secretgen.policy.trail import (
    access_log_bucket_policy,
    trail_bucket_policy,
    trail_key_policy,
    trail_names,
    trail_role_policy,
    trail_topic_policy,
    trail_trust_policy,
)


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
