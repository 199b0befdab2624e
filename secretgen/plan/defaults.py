"""Values that the AWS provider gives to arguments that no block sets."""

from __future__ import annotations

from typing import Any

_DEFAULTS: frozenset[tuple[str, str, object]] = frozenset(
    {
        ("aws_cloudtrail", "enable_logging", True),
        ("aws_cloudwatch_event_rule", "event_bus_name", "default"),
        ("aws_cloudwatch_event_target", "event_bus_name", "default"),
        ("aws_cloudwatch_log_metric_filter", "metric_transformation.unit", "None"),
        ("aws_cloudwatch_metric_alarm", "actions_enabled", True),
        ("aws_iam_instance_profile", "path", "/"),
        ("aws_iam_policy", "path", "/"),
        ("aws_iam_role", "max_session_duration", 3600),
        ("aws_iam_role", "path", "/"),
        ("aws_kms_key", "customer_master_key_spec", "SYMMETRIC_DEFAULT"),
        ("aws_kms_key", "is_enabled", True),
        ("aws_kms_key", "key_usage", "ENCRYPT_DECRYPT"),
        (
            "aws_s3_bucket_lifecycle_configuration",
            "transition_default_minimum_object_size",
            "all_storage_classes_128K",
        ),
        ("aws_sns_topic_subscription", "confirmation_timeout_in_minutes", 1),
    }
)
"""Read from plans of the AWS provider 5.100 that create each type."""


def is_default(type_: str, path: tuple[str, ...], value: Any) -> bool:
    """Tells whether a value is the provider's default of an argument.

    Args:
        type_: type of the resource.
        path: the argument, with the blocks around it.
        value: the value.
    """
    if isinstance(value, list | dict):
        return False
    known = ((t, p, v) for t, p, v in _DEFAULTS if t == type_ and p == ".".join(path))
    return any(type(v) is type(value) and v == value for _, _, v in known)
