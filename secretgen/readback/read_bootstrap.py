"""The root module for the state: it has to make what the backend uses."""

from __future__ import annotations

from typing import Any

from secretgen.model.environment import Backend
from secretgen.model.names import state_key_arn
from secretgen.readback.read_providers import Settings, check_provider
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import Ref

_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"


def check_bootstrap(root: Root, name: str, backend: Backend, settings: Settings) -> None:
    """Holds the root module for the state against the backend.

    What is the same for every environment is not looked at: no spec says anything of it.

    Args:
        root: its blocks.
        name: name of the environment.
        backend: the environment's backend.
        settings: what the environment's locals say.
    """
    provider = root.need("provider", "aws")
    if provider:
        provider.expect("allowed_account_ids", [settings.aws.account_id])
        check_provider(provider, region=backend.region, tags=settings.tags)
    bucket = root.need("resource", "aws_s3_bucket", "state")
    if bucket:
        bucket.expect("bucket", backend.bucket)
    encryption = root.take("resource", _ENCRYPTION, "state")
    rule = encryption and encryption.block("rule")
    by_default = rule and rule.block("apply_server_side_encryption_by_default")
    if by_default:
        by_default.expect("kms_master_key_id", _key(name, backend, settings))
    else:
        root.lacks("resource", _ENCRYPTION, "state")
    table = root.take("resource", "aws_dynamodb_table", "lock")
    if table:
        table.expect("name", backend.dynamodb_table)
    elif backend.dynamodb_table:
        root.lacks("resource", "aws_dynamodb_table", "lock", expected=backend.dynamodb_table)


def _key(name: str, backend: Backend, settings: Settings) -> Any:
    """Returns the key of the state: the module's own, unless the backend names another."""
    aws = settings.aws
    own = state_key_arn(aws.partition, backend.region, aws.account_id, name)
    return Ref("aws_kms_key", "state", "arn") if backend.kms_key_id == own else backend.kms_key_id
