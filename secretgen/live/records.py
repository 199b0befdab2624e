"""From the answers of AWS's APIs, as JSON data, to the picture.

The same answers come from boto3 (dates are dates), from the AWS CLI version 1 (dates are numbers)
and version 2 (dates are text). Names are those of the API reference. Descriptions and tags are in
Unicode NFC: Terraform, which gives every string that form, sees no other difference either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from secretgen.errors import SecretgenError
from secretgen.live.account import (
    Document,
    LiveGrant,
    LiveKey,
    LiveReplica,
    LiveRotation,
    LiveSecret,
    name_of_arn,
)
from secretgen.spec.characters import normal_form

Record = Mapping[str, Any]
"""The answer to one call, or several about one thing in one."""

VERSIONS = "VersionIdsToStages"
"""The field of DescribeSecret that ListSecrets does not have."""
REPLICAS = "ReplicationStatus"
POLICY = "ResourcePolicy"
_LISTED_VERSIONS = "SecretVersionsToStages"
_SECRET_ARN = re.compile(r"arn:[\w-]+:secretsmanager:[\w-]+:[0-9]{12}:secret:.+")
_KEY_ARN = re.compile(r"arn:[\w-]+:kms:[\w-]+:[0-9]{12}:key/.+")


class RecordError(SecretgenError):
    """An answer has a form that AWS's APIs do not have."""


def secret_of(record: Record, *, policy_known: bool = True) -> LiveSecret:
    """Makes a secret of the answer of DescribeSecret or an entry of ListSecrets.

    Args:
        record: the answer, with the `ResourcePolicy` of GetResourcePolicy where there is one.
        policy_known: whether GetResourcePolicy was called.

    Raises:
        RecordError: a field has a form that the API does not have.
    """
    arn = _arn(record, "ARN", _SECRET_ARN)
    name = _text(record, "Name") or name_of_arn(arn)
    policy = document_of(record.get(POLICY), f"{POLICY} of {name}")
    return LiveSecret(
        arn=arn,
        name=name,
        description=normal_form(_text(record, "Description")),
        kms_key=_text(record, "KmsKeyId"),
        rotation=_rotation_of(record),
        replicas=tuple(sorted(map(_replica_of, _list(record, REPLICAS)), key=lambda r: r.region)),
        replicas_known=_LISTED_VERSIONS not in record or VERSIONS in record or REPLICAS in record,
        tags=tags_of(_list(record, "Tags")),
        policy=policy,
        policy_known=policy_known or policy is not None,
        versions=_versions_of(record),
        owning_service=_text(record, "OwningService"),
        type=_text(record, "Type"),
        primary_region=_text(record, "PrimaryRegion"),
        primary_account=_primary_account(record),
        has_account_replicas=bool(record.get("CrossAccountReplicas")),
        created=_date(record, "CreatedDate"),
        deleted=_date(record, "DeletedDate"),
        last_changed=_date(record, "LastChangedDate"),
        last_accessed=_date(record, "LastAccessedDate"),
    )


def key_of(record: Record, aliases: Iterable[str] = ()) -> LiveKey:
    """Makes a key of the answers about it.

    Args:
        record: the `KeyMetadata` of DescribeKey, with `Policy` (GetKeyPolicy),
            `KeyRotationEnabled` and `RotationPeriodInDays` (GetKeyRotationStatus), `Tags`
            (ListResourceTags) and `Grants` (ListGrants) where they are known.
        aliases: its aliases.

    Raises:
        RecordError: a field has a form that the API does not have.
    """
    arn = _arn(record, "Arn", _KEY_ARN)
    grants = sorted(map(_grant_of, _list(record, "Grants")), key=lambda g: (g.grantee, g.id))
    return LiveKey(
        arn=arn,
        aliases=tuple(sorted(set(aliases))),
        description=normal_form(_text(record, "Description")),
        state=_text(record, "KeyState"),
        manager=_text(record, "KeyManager"),
        multi_region=bool(_flag(record, "MultiRegion")) or ":key/mrk-" in arn,
        origin=_text(record, "Origin"),
        spec=_text(record, "KeySpec") or _text(record, "CustomerMasterKeySpec"),
        rotation_enabled=_flag(record, "KeyRotationEnabled"),
        rotation_period_days=_number(record, "RotationPeriodInDays"),
        deletion=_date(record, "DeletionDate"),
        tags=tags_of(_list(record, "Tags")),
        tags_known=record.get("Tags") is not None,
        policy=document_of(record.get("Policy"), f"Policy of {arn}"),
        grants=tuple(grants) if record.get("Grants") is not None else None,
    )


def document_of(value: Any, what: str) -> Document | None:
    """Reads a policy document, which most answers hold as text.

    Args:
        value: the document, as text or as data; None or empty text for none.
        what: what it is, for messages.

    Raises:
        RecordError: it is not a policy document.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value, object_pairs_hook=_without_repetition)
        except ValueError:
            raise RecordError(f"{what} is not valid JSON") from None
    if not isinstance(value, dict):
        raise RecordError(f"{what} is not a policy document")
    return value


def date_of(value: Any, what: str) -> datetime | None:
    """Reads a date: a date of boto3, seconds since 1970 as a number or as text, or ISO 8601.

    Args:
        value: the date; None or empty text for none.
        what: the field, for messages.

    Raises:
        RecordError: it is none of these.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return _in_utc(value)
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        pass
    try:
        return _in_utc(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        raise RecordError(
            f"{what} is not a date", "Use ISO 8601 or seconds since 1970, as the AWS CLI does."
        ) from None


def tags_of(entries: Iterable[Record]) -> dict[str, str]:
    """Returns tags by key, sorted. Entries of KMS have names of their own.

    Raises:
        RecordError: an entry has a form that the API does not have.
    """
    tags = {}
    for entry in entries:
        key = _text(entry, "Key") or _text(entry, "TagKey")
        if not key:
            raise RecordError("a tag has no key")
        value = _text(entry, "Value") or _text(entry, "TagValue")
        tags[normal_form(key)] = normal_form(value)
    return dict(sorted(tags.items()))


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name appears twice in one object")
    return dict(pairs)


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _date(record: Record, name: str) -> datetime | None:
    return date_of(record.get(name), name)


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RecordError(f"{name} is not text")
    return value


def _arn(record: Record, name: str, form: re.Pattern[str]) -> str:
    arn = _text(record, name)
    if not form.fullmatch(arn):
        raise RecordError(f"{name} has a format that AWS does not use")
    return arn


def _flag(record: Record, name: str) -> bool | None:
    value = record.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise RecordError(f"{name} is neither true nor false")


def _number(record: Record, name: str) -> int | None:
    value = record.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise RecordError(f"{name} is not a whole number")


def _list(record: Record, name: str) -> list[Record]:
    value = record.get(name) or []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise RecordError(f"{name} is not a list of objects")
    return value


def _texts(value: Any, name: str) -> list[str]:
    if value is not None and not isinstance(value, list):
        raise RecordError(f"{name} does not hold a list")
    return list(map(str, value or ()))


def _rotation_of(record: Record) -> LiveRotation | None:
    rules = record.get("RotationRules") or {}
    if not isinstance(rules, dict):
        raise RecordError("RotationRules is not an object")
    enabled = _flag(record, "RotationEnabled") is True
    function = _text(record, "RotationLambdaARN")
    if not enabled and not function and not rules:
        return None
    return LiveRotation(
        enabled=enabled,
        lambda_arn=function,
        every_days=_number(rules, "AutomaticallyAfterDays"),
        schedule=_text(rules, "ScheduleExpression"),
        duration=_text(rules, "Duration"),
        last_rotated=_date(record, "LastRotatedDate"),
        next_rotation=_date(record, "NextRotationDate"),
    )


def _replica_of(record: Record) -> LiveReplica:
    return LiveReplica(
        region=_text(record, "Region"),
        kms_key=_text(record, "KmsKeyId"),
        status=_text(record, "Status"),
        status_message=_text(record, "StatusMessage"),
        last_accessed=_date(record, "LastAccessedDate"),
    )


def _versions_of(record: Record) -> dict[str, tuple[str, ...]]:
    versions = record.get(VERSIONS) or record.get(_LISTED_VERSIONS) or {}
    if not isinstance(versions, dict):
        raise RecordError(f"{VERSIONS} is not an object")
    return {
        str(version): tuple(sorted(_texts(labels, VERSIONS)))
        for version, labels in sorted(versions.items())
    }


def _primary_account(record: Record) -> str:
    primary = record.get("CrossAccountPrimary") or {}
    if not isinstance(primary, dict):
        raise RecordError("CrossAccountPrimary is not an object")
    return _text(primary, "PrimarySecretARN")


def _grant_of(record: Record) -> LiveGrant:
    operations = tuple(sorted(_texts(record.get("Operations"), "Operations")))
    return LiveGrant(_text(record, "GrantId"), _text(record, "GranteePrincipal"), operations)
