"""What is planned for an S3 bucket, of the state or of logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from secretgen.policy.documents import Document
from tests.planned.compare import Attributes

_EVERYTHING: dict[str, Any] = {
    "and": [],
    "object_size_greater_than": None,
    "object_size_less_than": None,
    "prefix": "",
    "tag": [],
}
_KINDS = ("transition", "noncurrent_version_transition")


@dataclass(frozen=True)
class Bucket:
    """A bucket.

    Args:
        label: of its blocks.
        name: its name.
        policy: its policy.
        key: key that encrypts it; None for S3's own.
        lifecycle: its lifecycle rules.
        force_destroy: whether a destroy deletes what is in it.
    """

    label: str
    name: str
    policy: Document
    key: Any
    lifecycle: list[dict[str, Any]]
    force_destroy: bool = False


def bucket_resources(bucket: Bucket) -> Iterator[tuple[str, Attributes]]:
    """Yields the bucket and all that belongs to it."""

    def of(kind: str, **attributes: Any) -> tuple[str, Attributes]:
        return f"aws_s3_bucket{kind}.{bucket.label}", attributes

    encryption = {
        "bucket_key_enabled": True if bucket.key else None,
        "apply_server_side_encryption_by_default": [{
            "sse_algorithm": "aws:kms" if bucket.key else "AES256",
            "kms_master_key_id": bucket.key or "",
        }],
    }  # fmt: skip
    yield of("", bucket=bucket.name, force_destroy=bucket.force_destroy)
    yield of("_policy", policy=bucket.policy)
    yield of("_lifecycle_configuration", rule=bucket.lifecycle)
    yield of("_notification", eventbridge=True)
    yield of("_ownership_controls", rule=[{"object_ownership": "BucketOwnerEnforced"}])
    yield of(
        "_public_access_block",
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    yield of("_server_side_encryption_configuration", rule=[encryption])
    yield of(
        "_versioning",
        versioning_configuration=[{"mfa_delete": "(known after apply)", "status": "Enabled"}],
    )


def rule(
    name: str,
    *,
    days: int | None = None,
    markers: bool = False,
    noncurrent: int | None = None,
    uploads: int | None = None,
) -> dict[str, Any]:
    """A lifecycle rule for all objects.

    Args:
        name: its id.
        days: after which objects expire.
        markers: whether delete markers of objects that are gone expire.
        noncurrent: days after which old versions expire.
        uploads: days after which incomplete uploads are aborted.
    """
    expires = {"date": None, "days": days or 0, "expired_object_delete_marker": markers}
    old = {"newer_noncurrent_versions": None, "noncurrent_days": noncurrent}
    return {
        **{kind: [] for kind in _KINDS},
        "id": name,
        "status": "Enabled",
        "prefix": "",
        "filter": [_EVERYTHING],
        "expiration": [expires] if days or markers else [],
        "noncurrent_version_expiration": [old] if noncurrent else [],
        "abort_incomplete_multipart_upload": (
            [{"days_after_initiation": uploads}] if uploads else []
        ),
    }
