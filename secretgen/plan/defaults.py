"""Values that the AWS provider gives to arguments that no block sets."""

from __future__ import annotations

from collections.abc import Mapping

_DEFAULTS: Mapping[tuple[str, str], object] = {
    ("aws_cloudtrail", "enable_logging"): True,
    ("aws_cloudwatch_event_rule", "event_bus_name"): "default",
    ("aws_cloudwatch_event_target", "event_bus_name"): "default",
    ("aws_cloudwatch_log_metric_filter", "metric_transformation.unit"): "None",
    ("aws_cloudwatch_metric_alarm", "actions_enabled"): True,
    ("aws_iam_instance_profile", "path"): "/",
    ("aws_iam_policy", "path"): "/",
    ("aws_iam_role", "max_session_duration"): 3600,
    ("aws_iam_role", "path"): "/",
    ("aws_kms_key", "customer_master_key_spec"): "SYMMETRIC_DEFAULT",
    ("aws_kms_key", "is_enabled"): True,
    ("aws_kms_key", "key_usage"): "ENCRYPT_DECRYPT",
    (
        "aws_s3_bucket_lifecycle_configuration",
        "transition_default_minimum_object_size",
    ): "all_storage_classes_128K",
    ("aws_sns_topic_subscription", "confirmation_timeout_in_minutes"): 1,
}
"""Read from plans of the AWS provider 5.100 that create each type."""


def default_of(type_: str, path: tuple[str, ...]) -> object:
    """Returns the value that the provider gives to an argument; None for nothing.

    Args:
        type_: type of the resource.
        path: the argument, with the blocks around it.
    """
    return _DEFAULTS.get((type_, ".".join(path)))
