"""The root module for the state: it has to make what the backend uses."""

from __future__ import annotations

from secretgen.model.environment import Backend
from secretgen.readback.providers import Settings, check_provider
from secretgen.readback.root import Root
from secretgen.readback.values import Ref

_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"


def check_bootstrap(root: Root, backend: Backend, settings: Settings) -> None:
    """Holds the root module for the state against the backend.

    What is the same for every environment is not looked at: no spec says anything of it.

    Args:
        root: its blocks.
        backend: the environment's backend.
        settings: what the environment's locals say.
    """
    provider = root.take("provider", "aws")
    if provider:
        provider.expect("allowed_account_ids", [settings.aws.account_id])
        check_provider(provider, region=backend.region, tags=settings.tags)
    else:
        root.lacks("provider", "aws")
    bucket = root.take("resource", "aws_s3_bucket", "state")
    if bucket:
        bucket.expect("bucket", backend.bucket)
    else:
        root.lacks("resource", "aws_s3_bucket", "state")
    encryption = root.take("resource", _ENCRYPTION, "state")
    rule = encryption and encryption.block("rule")
    by_default = rule and rule.block("apply_server_side_encryption_by_default")
    if by_default:
        own_key = Ref("aws_kms_key", "state", "arn")
        by_default.expect("kms_master_key_id", backend.kms_key_id or own_key)
    else:
        root.lacks("resource", _ENCRYPTION, "state")
    table = root.take("resource", "aws_dynamodb_table", "lock")
    if table:
        table.expect("name", backend.dynamodb_table)
    elif backend.dynamodb_table:
        root.lacks("resource", "aws_dynamodb_table", "lock", expected=backend.dynamodb_table)
