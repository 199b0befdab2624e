"""What the AWS provider plans for attributes that no template sets, by resource type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNKNOWN = "(known after apply)"


def _unknown(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, UNKNOWN)


def _null(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names)


def _none(*names: str) -> dict[str, Any]:
    """Blocks of which there are none."""
    return {name: [] for name in names}


UNSET: Mapping[str, Mapping[str, Any]] = {
    "aws_cloudtrail": {
        **_unknown("arn", "home_region", "id", "sns_topic_arn"),
        **_none("advanced_event_selector", "event_selector", "insight_selector"),
        "enable_logging": True, "is_organization_trail": False, "s3_key_prefix": None,
    },
    "aws_cloudwatch_event_bus": {
        **_unknown("arn", "id"),
        **_null("description", "event_source_name", "kms_key_identifier"),
        **_none("dead_letter_config"),
    },
    "aws_cloudwatch_event_bus_policy": _unknown("id"),
    "aws_cloudwatch_event_rule": {
        **_unknown("arn", "id", "name_prefix"),
        **_null("is_enabled", "role_arn", "schedule_expression", "state"),
        "event_bus_name": "default", "force_destroy": False,
    },
    "aws_cloudwatch_event_target": {
        **_unknown("id", "target_id"),
        **_null("input", "input_path", "role_arn"),
        **_none(
            "appsync_target", "batch_target", "dead_letter_config", "ecs_target", "http_target",
            "input_transformer", "kinesis_target", "redshift_target", "retry_policy",
            "run_command_targets", "sagemaker_pipeline_target", "sqs_target",
        ),
        "event_bus_name": "default", "force_destroy": False,
    },
    "aws_cloudwatch_log_group": {
        **_unknown("arn", "id", "log_group_class", "name_prefix"), "skip_destroy": False,
    },
    "aws_cloudwatch_log_metric_filter": _unknown("id"),
    "aws_cloudwatch_metric_alarm": {
        **_unknown("arn", "evaluate_low_sample_count_percentiles", "id"),
        **_null(
            "datapoints_to_alarm", "dimensions", "extended_statistic", "insufficient_data_actions",
            "metric_name", "namespace", "ok_actions", "period", "statistic", "threshold",
            "threshold_metric_id", "unit",
        ),
        **_none("metric_query"),
        "actions_enabled": True,
    },
    "aws_dynamodb_table": {
        **_unknown(
            "arn", "id", "read_capacity", "stream_arn", "stream_label", "stream_view_type", "ttl",
            "write_capacity",
        ),
        **_null(
            "range_key", "restore_date_time", "restore_source_name", "restore_source_table_arn",
            "restore_to_latest_time", "stream_enabled", "table_class", "timeouts",
        ),
        **_none(
            "global_secondary_index", "import_table", "local_secondary_index",
            "on_demand_throughput", "replica",
        ),
    },
    "aws_iam_instance_profile": _unknown("arn", "create_date", "id", "name_prefix", "unique_id"),
    "aws_iam_policy": {
        **_unknown("arn", "attachment_count", "id", "name_prefix", "policy_id"), "path": "/",
    },
    "aws_iam_role": {
        **_unknown(
            "arn", "create_date", "id", "inline_policy", "managed_policy_arns", "name_prefix",
            "unique_id",
        ),
        "force_detach_policies": False, "max_session_duration": 3600, "path": "/",
        "permissions_boundary": None,
    },
    "aws_iam_role_policy": _unknown("id", "name_prefix"),
    "aws_iam_role_policy_attachment": _unknown("id", "policy_arn"),
    "aws_kms_alias": _unknown("arn", "id", "name_prefix", "target_key_arn", "target_key_id"),
    "aws_kms_key": {
        **_unknown("arn", "id", "key_id", "multi_region", "rotation_period_in_days"),
        **_null("custom_key_store_id", "timeouts", "xks_key_id"),
        "bypass_policy_lockout_safety_check": False,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "is_enabled": True,
        "key_usage": "ENCRYPT_DECRYPT",
    },
    "aws_lambda_permission": {
        **_unknown("id", "statement_id_prefix"),
        **_null("event_source_token", "function_url_auth_type", "principal_org_id", "qualifier"),
    },
    "aws_s3_bucket": {
        **_unknown(
            "acceleration_status", "acl", "arn", "bucket_domain_name", "bucket_prefix",
            "bucket_regional_domain_name", "cors_rule", "grant", "hosted_zone_id", "id",
            "lifecycle_rule", "logging", "object_lock_configuration", "object_lock_enabled",
            "policy", "region", "replication_configuration", "request_payer",
            "server_side_encryption_configuration", "versioning", "website", "website_domain",
            "website_endpoint",
        ),
        "force_destroy": False, "timeouts": None,
    },
    "aws_s3_bucket_lifecycle_configuration": {
        **_unknown("bucket", "expected_bucket_owner", "id"),
        "timeouts": None, "transition_default_minimum_object_size": "all_storage_classes_128K",
    },
    "aws_s3_bucket_logging": {
        **_unknown("bucket", "id", "target_bucket"),
        **_none("target_grant", "target_object_key_format"),
        "expected_bucket_owner": None,
    },
    "aws_s3_bucket_notification": {
        **_unknown("bucket", "id"), **_none("lambda_function", "queue", "topic"),
    },
    "aws_s3_bucket_ownership_controls": _unknown("bucket", "id"),
    "aws_s3_bucket_policy": _unknown("bucket", "id"),
    "aws_s3_bucket_public_access_block": _unknown("bucket", "id"),
    "aws_s3_bucket_server_side_encryption_configuration": {
        **_unknown("bucket", "id"), "expected_bucket_owner": None,
    },
    "aws_s3_bucket_versioning": {
        **_unknown("bucket", "id"), **_null("expected_bucket_owner", "mfa"),
    },
    "aws_secretsmanager_secret": _unknown("arn", "id", "name_prefix", "policy"),
    "aws_secretsmanager_secret_policy": _unknown("id"),
    "aws_secretsmanager_secret_rotation": {
        **_unknown("id", "rotation_enabled"), "rotation_lambda_arn": None,
    },
    "aws_secretsmanager_secret_version": {
        **_unknown("arn", "has_secret_string_wo", "id", "version_id"),
        **_null("secret_binary", "secret_string", "secret_string_wo"),
    },
    "aws_serverlessapplicationrepository_cloudformation_stack": {
        **_unknown("id", "outputs"), "timeouts": None,
    },
    "aws_sns_topic": {
        **_unknown(
            "arn", "beginning_archive_time", "fifo_throughput_scope", "id", "name_prefix", "owner",
            "policy", "signature_version", "tracing_config",
        ),
        **_null(
            "archive_policy", "delivery_policy", "display_name",
            *(
                f"{protocol}_{result}_feedback_{what}"
                for protocol in ("application", "firehose", "http", "lambda", "sqs")
                for result, what in (
                    ("failure", "role_arn"), ("success", "role_arn"), ("success", "sample_rate")
                )
            ),
        ),
        "content_based_deduplication": False, "fifo_topic": False,
    },
    "aws_sns_topic_policy": _unknown("arn", "id", "owner"),
    "aws_sns_topic_subscription": {
        **_unknown(
            "arn", "confirmation_was_authenticated", "filter_policy_scope", "id", "owner_id",
            "pending_confirmation", "topic_arn",
        ),
        **_null(
            "delivery_policy", "filter_policy", "redrive_policy", "replay_policy",
            "subscription_role_arn",
        ),
        "confirmation_timeout_in_minutes": 1, "endpoint_auto_confirms": False,
        "raw_message_delivery": False,
    },
}  # fmt: skip

TAGGED = frozenset({
    "aws_cloudtrail", "aws_cloudwatch_event_bus", "aws_cloudwatch_event_rule",
    "aws_cloudwatch_log_group", "aws_cloudwatch_metric_alarm", "aws_dynamodb_table",
    "aws_iam_instance_profile", "aws_iam_policy", "aws_iam_role", "aws_kms_key", "aws_s3_bucket",
    "aws_secretsmanager_secret", "aws_serverlessapplicationrepository_cloudformation_stack",
    "aws_sns_topic",
})  # fmt: skip
"""Resources that have tags."""
