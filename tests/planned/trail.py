"""What is planned for the CloudTrail trail of an environment."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.model.environment import Environment
from secretgen.policy.trail import (
    access_log_bucket_policy,
    trail_bucket_policy,
    trail_key_policy,
    trail_names,
    trail_role_policy,
    trail_topic_policy,
    trail_trust_policy,
)
from tests.planned.buckets import Bucket, bucket_resources, rule
from tests.planned.compare import Attributes
from tests.planned.unset import UNKNOWN


def trail_resources(environment: Environment) -> Iterator[tuple[str, Attributes]]:
    """Yields the trail with its key, log group, role, topic and buckets."""
    names = trail_names(environment)
    name = f"{environment.name}-secrets-trail"
    yield (
        "aws_cloudtrail.trail",
        {
            "name": name,
            "is_multi_region_trail": True,
            "include_global_service_events": True,
            "enable_log_file_validation": True,
            "kms_key_id": UNKNOWN,
            "s3_bucket_name": UNKNOWN,
            "sns_topic_name": name,
            "cloud_watch_logs_group_arn": UNKNOWN,
            "cloud_watch_logs_role_arn": UNKNOWN,
        },
    )
    yield (
        "aws_kms_key.trail",
        {
            "description": f"CloudTrail logs for the alarms of {environment.name}",
            "deletion_window_in_days": 30,
            "enable_key_rotation": True,
            "policy": trail_key_policy(names),
            "tags": {"secretgen:protected": "false"},
        },
    )
    yield "aws_kms_alias.trail", {"name": f"alias/{name}"}
    yield (
        "aws_cloudwatch_log_group.trail",
        {"name": name, "retention_in_days": 365, "kms_key_id": UNKNOWN},
    )
    yield (
        "aws_iam_role.trail",
        {
            "name": name,
            "description": "Lets CloudTrail write to its log group",
            "assume_role_policy": trail_trust_policy(),
        },
    )
    yield (
        "aws_iam_role_policy.trail",
        {"name": "write-logs", "role": name, "policy": trail_role_policy(names)},
    )
    yield "aws_sns_topic.trail", {"name": name, "kms_master_key_id": UNKNOWN}
    yield "aws_sns_topic_policy.trail", {"policy": trail_topic_policy(names)}
    bucket = f"{name}-{environment.aws.account_id}"
    expires = [rule("expire-logs", days=365, noncurrent=30, uploads=7)]
    yield from bucket_resources(
        Bucket("trail", bucket, trail_bucket_policy(names), UNKNOWN, expires)
    )
    yield from bucket_resources(
        Bucket(
            "trail_log",
            f"{bucket}-log",
            access_log_bucket_policy(names),
            None,
            expires,
            force_destroy=True,
        )
    )
    yield "aws_s3_bucket_logging.trail", {"target_prefix": ""}
