"""Where the state is, from the backend block, and whether its own root module makes just that."""

from __future__ import annotations

from typing import Any

from secretgen.model.environment import Backend, Locking
from secretgen.model.names import state_key_arn
from secretgen.readback.read_providers import Settings, check_provider
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import Ref, boolean

_PATH = ("backend",)


def read_backend(root: Root) -> Backend:
    """Reads the backend of a root module; empty when it has none."""
    backend = None
    for terraform in root.take_all("terraform"):
        # No spec says anything of versions.
        terraform.skip("required_version")
        terraform.block("required_providers")
        if backend is None:
            backend = terraform.block("backend", "s3", path=_PATH)
        terraform.finish()
    if backend is None:
        root.lacks("terraform", "backend.s3")
        return Backend("", "", "")
    table = backend.get("dynamodb_table")
    locks = backend.get("use_lockfile", boolean, "locking", absent=False)
    if locks is True:
        locks = Locking.S3 if table is None else Locking.BOTH
    elif locks is False:
        locks = Locking.DYNAMODB
    read = Backend(
        bucket=backend.get("bucket"),
        key=backend.get("key"),
        region=backend.get("region"),
        locking=locks,
        dynamodb_table=table,
        kms_key_id=backend.get("kms_key_id"),
    )
    backend.expect("encrypt", expected=True)
    backend.finish()
    return read


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
