"""What is planned for the root module that makes the state bucket and the lock table."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.model.environment import Environment
from secretgen.policy.state_policies import bucket_policy, own_key, state_key_policy, state_policy
from tests.planned.buckets import Bucket, bucket_resources, rule
from tests.planned.compare import Attributes
from tests.planned.unset import UNKNOWN

_UPLOADS = rule("abort-incomplete-uploads", uploads=7)


def bootstrap_resources(environment: Environment) -> Iterator[tuple[str, Attributes]]:
    """Yields the resources of an environment's bootstrap."""
    aws, backend, name = environment.aws, environment.backend, environment.name
    is_own = backend.kms_key_id == own_key(environment)
    if is_own or backend.dynamodb_table:
        yield (
            "aws_kms_key.state",
            {
                "description": f"Terraform state of {name}",
                "deletion_window_in_days": 30,
                "enable_key_rotation": True,
                "policy": state_key_policy(aws),
            },
        )
        yield "aws_kms_alias.state", {"name": f"alias/{name}-terraform-state"}
    logs = f"{backend.bucket}-access-logs"
    expired = rule("expire-old-versions", markers=True, noncurrent=365)
    buckets = (
        Bucket(
            "state",
            backend.bucket,
            bucket_policy(aws, backend.bucket),
            UNKNOWN if is_own else backend.kms_key_id,
            [expired, _UPLOADS],
        ),
        Bucket(
            "access_logs",
            logs,
            bucket_policy(aws, logs, logs_of=backend.bucket),
            None,
            [rule("expire-logs", days=365, noncurrent=7), _UPLOADS],
        ),
    )
    for bucket in buckets:
        yield from bucket_resources(bucket)
    yield "aws_s3_bucket_logging.state", {"target_prefix": ""}
    if backend.dynamodb_table:
        yield (
            "aws_dynamodb_table.lock",
            {
                "name": backend.dynamodb_table,
                "billing_mode": "PAY_PER_REQUEST",
                "hash_key": "LockID",
                "attribute": [{"name": "LockID", "type": "S"}],
                "deletion_protection_enabled": True,
                "point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": UNKNOWN}],
                "server_side_encryption": [{"enabled": True, "kms_key_arn": UNKNOWN}],
            },
        )
    yield (
        "aws_iam_policy.state",
        {
            "name": f"{name}-terraform-state",
            "description": f"Use of the Terraform state of the secrets of {name}",
            "policy": state_policy(environment),
        },
    )
