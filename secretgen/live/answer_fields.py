"""The fields of the answers that a dump may hold: an object with any other field is refused.

The names are those of the API reference of Secrets Manager (DescribeSecret, ListSecrets,
ListSecretVersionIds, GetResourcePolicy) and of KMS (DescribeKey, ListKeys, ListAliases,
GetKeyPolicy, ListKeyPolicies, GetKeyRotationStatus, ListKeyRotations, ListResourceTags,
ListGrants). Objects around these answers may have any names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from secretgen.live.json_text import ValueInFileError

POLICY_NAMES = ("ResourcePolicy", "Policy", "policy", "resource_policy", "resourcePolicy")
"""Names of a resource policy or key policy."""

_PAGE = frozenset(["NextToken", "NextMarker", "Truncated"])
_METADATA = frozenset(["RequestId", "HostId", "HTTPStatusCode", "RetryAttempts"])
_SECRET = frozenset(
    [
        "ARN",
        "Name",
        "Type",
        "Description",
        "KmsKeyId",
        "RotationEnabled",
        "RotationLambdaARN",
        "AutomaticallyAfterDays",
        "Duration",
        "ScheduleExpression",
        "ExternalSecretRotationRoleArn",
        "LastRotatedDate",
        "LastChangedDate",
        "LastAccessedDate",
        "DeletedDate",
        "NextRotationDate",
        "CreatedDate",
        "OwningService",
        "PrimaryRegion",
        "Region",
        "Status",
        "StatusMessage",
        "PrimarySecretARN",
        "ReplicaSecretARN",
        "ReplicationRoleARN",
        "ReplicationStatus",
        "VersionId",
    ]
)
_KEY = frozenset(
    [
        "AWSAccountId",
        "KeyId",
        "Arn",
        "KeyArn",
        "CreationDate",
        "Enabled",
        "Description",
        "KeyUsage",
        "KeyState",
        "DeletionDate",
        "ValidTo",
        "Origin",
        "CustomKeyStoreId",
        "CloudHsmClusterId",
        "ExpirationModel",
        "KeyManager",
        "CustomerMasterKeySpec",
        "KeySpec",
        "MultiRegion",
        "MultiRegionKeyType",
        "Region",
        "Id",
        "PendingDeletionWindowInDays",
        "CurrentKeyMaterialId",
        "AliasName",
        "AliasArn",
        "TargetKeyId",
        "LastUpdatedDate",
        "PolicyName",
        "KeyRotationEnabled",
        "RotationPeriodInDays",
        "NextRotationDate",
        "OnDemandRotationStartDate",
        "KeyMaterialId",
        "KeyMaterialDescription",
        "ImportState",
        "KeyMaterialState",
        "RotationDate",
        "RotationType",
        "GrantId",
        "Name",
        "GranteePrincipal",
        "GranteeServicePrincipal",
        "RetiringPrincipal",
        "RetiringServicePrincipal",
        "SourceArn",
        "IssuingAccount",
    ]
)
_FIELDS = _PAGE | _METADATA | _SECRET | _KEY
_LISTS = frozenset(
    [
        "EncapsulationAlgorithms",
        "EncryptionAlgorithms",
        "SigningAlgorithms",
        "KeyAgreementAlgorithms",
        "MacAlgorithms",
        "Operations",
        "PolicyNames",
        "VersionStages",
        "KmsKeyIds",
    ]
)
"""Fields with a list of texts."""
_PAIRS = {
    "Tags": frozenset({"Key", "Value", "TagKey", "TagValue"}),
    "ExternalSecretRotationMetadata": frozenset({"Key", "Value"}),
}
"""Fields with a list of names and values, and the fields of these."""
_LABELS = frozenset({"VersionIdsToStages", "SecretVersionsToStages"})
_FREE = frozenset({"HTTPHeaders", "EncryptionContextSubset", "EncryptionContextEquals"})
"""Fields with an object whose names AWS does not define."""
_DOCUMENT = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset(
    [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ]
)


def check_fields(documents: Sequence[Any], file: str) -> None:
    """Checks that a dump holds nothing but the answers above.

    Args:
        documents: its JSON documents.
        file: its name, for messages.

    Raises:
        ValueInFileError: it has another field. Its value is never shown.
    """
    for number, document in enumerate(documents, 1):
        for place in _others(document, "", ""):
            raise ValueInFileError(
                f"{file} holds a field of no known answer: {place or 'text'} in document {number}",
                "If it is a value, delete the file and rotate the value if others can read the"
                " file. Otherwise remove the field. A dump holds answers of describe-secret,"
                " list-secrets, get-resource-policy, and those of KMS about keys.",
                file,
            )


def _others(value: Any, holder: str, at: str) -> Iterator[str]:
    """Yields the place of each field that no answer has.

    Args:
        value: what to look at.
        holder: the field that holds it.
        at: its place.
    """
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _others(item, holder, f"{at}[{index}]")
    elif isinstance(value, dict):
        for name, inner in value.items():
            place = f"{at}.{name}" if at else name
            if holder in _PAIRS:
                is_known = name in _PAIRS[holder] and not _is_holder(inner)
            elif "Statement" in value:
                is_known = _is_document({"Statement": [], name: inner})
            else:
                is_known = _is_known(name, inner)
            if not is_known:
                yield from _within(inner, name, place)
    elif holder not in _LISTS and not (isinstance(value, str) and value.startswith("arn:aws")):
        yield at


def _within(value: Any, name: str, at: str) -> Iterator[str]:
    yield from _others(value, name, at) if _is_holder(value) else [at]


def _is_known(name: str, value: Any) -> bool:
    if name in _FREE:
        return isinstance(value, dict)
    if name in _LABELS:
        return value is None or (
            isinstance(value, dict) and all(isinstance(v, list) for v in value.values())
        )
    if _is_holder(value):
        return False
    return value is None or name in _FIELDS or _is_policy_text(value)


def _is_holder(value: Any) -> bool:
    return isinstance(value, dict | list)


def _is_policy_text(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if not value:
        return True
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return False
    return document is None or _is_document(document)


def _is_document(value: Any) -> bool:
    if not isinstance(value, dict) or not value.keys() <= _DOCUMENT:
        return False
    statements = value.get("Statement")
    found = statements if isinstance(statements, list) else [statements]
    return all(isinstance(s, dict) and s.keys() <= _STATEMENT for s in found)
