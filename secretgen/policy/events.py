"""What alarms listen to: EventBridge patterns and CloudWatch Logs filters.

Both have a length limit that the names of a large environment exceed. A pattern then names
folders of secrets instead of secrets, and in the end every secret of the account: it may come to
say too much, never too little.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from secretgen.model.environment import Aws

Pattern = dict[str, Any]
P = TypeVar("P", str, Pattern)

MAX_EVENT_PATTERN = 2048  # EventBridge quotas: "Event pattern size", in characters
MAX_FILTER_PATTERN = 1024  # CloudWatch Logs API reference, PutMetricFilter, filterPattern

ROTATION_FAILURES = ["RotationAbandoned", "RotationFailed", "TestRotationFailed"]
SECRET_CHANGES = [
    "AssociateCrossAccountReplica",
    "CancelRotateSecret",
    "DeleteResourcePolicy",
    "DeleteSecret",
    "PutResourcePolicy",
    "RemoveRegionsFromReplication",
    "ReplicateSecretToRegions",
    "StopReplicationToReplica",
]
SECRET_CHANGES_BY_ARGUMENT = {"RotateSecret": "rotationLambdaARN", "UpdateSecret": "kmsKeyId"}
"""Calls that count when they name another function, or another key; else they are routine."""

TAG_CHANGES = ["TagResource", "UntagResource"]
KEY_CHANGES = [
    "CreateGrant",
    "DeleteImportedKeyMaterial",
    "DisableKey",
    "DisableKeyRotation",
    "PutKeyPolicy",
    "ReplicateKey",
    "ScheduleKeyDeletion",
    "UpdatePrimaryRegion",
]

_SECRETS_MANAGER = "secretsmanager.amazonaws.com"
_KMS = "kms.amazonaws.com"
_SECRET_ID = "requestParameters.secretId"  # noqa: S105 - a field of CloudTrail's records
_CONTEXT_ARN = "requestParameters.encryptionContext.SecretARN"
_KEY_ARN_LENGTH = len("arn::kms:::key/mrk-") + 12 + 32  # with an account id and a key id


def coverings(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yields sets of prefixes that cover all names, from the exact to the empty prefix."""
    names = sorted(names)
    yield tuple(names)
    for depth in range(max((name.count("/") for name in names), default=0), 0, -1):
        yield tuple(sorted({_folder(name, depth) for name in names}))
    yield ("",)


def _folder(name: str, depth: int) -> str:
    parts = name.split("/", depth)
    return "/".join(parts[:depth]) + "/" if len(parts) > depth else name


def rotation_failures(aws: Aws, secrets: Iterable[str]) -> Pattern:
    """Matches rotations, and tests of rotations, that did not succeed."""

    def pattern(prefixes: Sequence[str]) -> Pattern:
        return {
            "source": ["aws.secretsmanager"],
            "detail-type": ["AWS Service Event via CloudTrail"],
            "detail": {
                "eventName": ROTATION_FAILURES,
                "additionalEventData": {"SecretId": _arn_prefixes(aws, aws.region, prefixes)},
            },
        }

    return _shortest_exact(pattern, secrets)


def secret_changes(aws: Aws, region: str, secrets: Iterable[str]) -> Pattern:
    """Matches calls that delete secrets, copy them, change who may read them, or how they rotate.

    Before February 2024 some operations reported `aRN` instead of `arn`; both are matched, as
    AWS recommends ("Match AWS Secrets Manager events with Amazon EventBridge"). A call that failed
    reports neither.
    """
    calls: list[Pattern] = [{"eventName": SECRET_CHANGES}]
    calls += [
        {"eventName": [call], "requestParameters": {argument: [{"exists": True}]}}
        for call, argument in SECRET_CHANGES_BY_ARGUMENT.items()
    ]

    def pattern(prefixes: Sequence[str]) -> Pattern:
        arns = _arn_prefixes(aws, region, prefixes)
        of_secrets = {"$or": [{name: arns} for name in ("arn", "aRN")]}
        return _calls({"$or": calls, "responseElements": of_secrets})

    return _shortest_exact(pattern, secrets)


def tag_changes(aws: Aws, secrets: Iterable[str]) -> Pattern:
    """Matches calls that change the tags of secrets, which may decide over access to them."""
    return _by_secret_id(aws, aws.region, TAG_CHANGES, secrets)


def secret_reads(aws: Aws, region: str, secrets: Iterable[str]) -> Pattern:
    """Matches reads that were not denied.

    They reach a rule only in the state `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
    """
    return _by_secret_id(aws, region, ["GetSecretValue"], secrets)


def _by_secret_id(aws: Aws, region: str, calls: list[str], secrets: Iterable[str]) -> Pattern:
    """Matches calls that succeeded and whose response names no secret: by ARN or by name."""

    def pattern(prefixes: Sequence[str]) -> Pattern:
        names = [{"prefix": prefix} for prefix in prefixes]
        of_secrets = {"secretId": _arn_prefixes(aws, region, prefixes) + names}
        succeeded = [{"exists": False}]
        detail = {"eventName": calls, "errorCode": succeeded, "requestParameters": of_secrets}
        return _calls(detail)

    return _first_that_fits(pattern, coverings(secrets), MAX_EVENT_PATTERN, pattern_length)


def _calls(detail: Pattern) -> Pattern:
    return {
        "source": ["aws.secretsmanager"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": detail,
    }


def any_new_value() -> Pattern:
    """Matches what Secrets Manager sends, without any trail, when a secret gets a new value."""
    return {
        "source": ["aws.secretsmanager"],
        "detail-type": ["Secret Label Updated"],
        "detail": {"labelUpdated": ["AWSCURRENT"]},
    }


def new_value(names: Sequence[Any]) -> Pattern:
    """Matches new values of secrets with these names, or beginnings of names."""
    pattern = any_new_value()
    return {**pattern, "detail": {**pattern["detail"], "name": list(names)}}


def new_values(secrets: Iterable[str]) -> Pattern:
    """Matches what Secrets Manager sends, without any trail, when a secret gets a new value.

    It names no caller. AWS documents it as "Secret Label Updated event".
    """
    exact = set(secrets)

    def pattern(prefixes: Sequence[str]) -> Pattern:
        return new_value([name if name in exact else {"prefix": name} for name in prefixes])

    return _first_that_fits(pattern, coverings(exact), MAX_EVENT_PATTERN, pattern_length)


def key_changes(aws: Aws, region: str, keys: Sequence[Any]) -> Pattern:
    """Matches calls that disable or delete keys, or change who may use them.

    Args:
        aws: the account.
        region: where the keys are.
        keys: their ARNs, as data or as expressions. The pattern names no key when they are too
            many for it: then it matches every key of the account in the Region.
    """
    pattern: Pattern = {
        "source": ["aws.kms"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventName": KEY_CHANGES},
    }
    arn = "x" * (_KEY_ARN_LENGTH + len(aws.partition + region))
    if pattern_length(_with_keys(pattern, [arn] * len(keys))) > MAX_EVENT_PATTERN:
        return pattern
    return _with_keys(pattern, list(keys))


def _with_keys(pattern: Pattern, keys: list[Any]) -> Pattern:
    return {**pattern, "detail": {**pattern["detail"], "resources": {"ARN": keys}}}


def denied_calls(aws: Aws, secrets: Iterable[str]) -> str:
    """Filters CloudTrail's log for calls to secrets that were denied, whoever made them.

    A denied call has no `requestParameters` when it was denied before they were read: its
    message names the secret then. Callers of the account itself may use the name for the ARN.
    """

    def pattern(prefixes: Sequence[str]) -> str:
        arns = [f":{aws.account_id}:secret:{prefix}" for prefix in prefixes]
        by_arn = [_field(_SECRET_ID, f"*{arn}*") for arn in arns]
        by_arn += [_field("errorMessage", f"*{arn}*") for arn in arns]
        by_name = [_field(_SECRET_ID, f"{prefix}*") for prefix in prefixes]
        by_name += [_field("errorMessage", f"*resource: {prefix}*") for prefix in prefixes]
        own = _all(_field("recipientAccountId", aws.account_id), _any(*by_name))
        denied = _all(_field("eventSource", _SECRETS_MANAGER), _field("errorCode", "AccessDenied*"))
        return f"{{ {_all(denied, _any(*by_arn, own))} }}"

    return _first_that_fits(pattern, coverings(secrets), MAX_FILTER_PATTERN, len)


def decryptions(aws: Aws, secrets: Iterable[str]) -> str:
    """Filters CloudTrail's log for decryptions of secrets: one for each value that was read."""

    def pattern(prefixes: Sequence[str]) -> str:
        arns = [f"*:{aws.account_id}:secret:{prefix}*" for prefix in prefixes]
        of_keys = _all(
            _field("eventSource", _KMS),
            _field("eventName", "Decrypt"),
            # A call from another account is in the logs of both accounts.
            _field("recipientAccountId", aws.account_id),
        )
        return f"{{ {_all(of_keys, _any(*(_field(_CONTEXT_ARN, arn) for arn in arns)))} }}"

    return _first_that_fits(pattern, coverings(secrets), MAX_FILTER_PATTERN, len)


def _arn_prefixes(aws: Aws, region: str, prefixes: Sequence[str]) -> list[dict[str, str]]:
    arn = aws.arn("secretsmanager", "secret:", region)
    return [{"prefix": arn + prefix} for prefix in prefixes]


def _shortest_exact(pattern: Callable[[Sequence[str]], Pattern], secrets: Iterable[str]) -> Pattern:
    exact = (f"{name}-" for name in secrets)  # AWS appends a hyphen and six characters
    return _first_that_fits(pattern, coverings(exact), MAX_EVENT_PATTERN, pattern_length)


def _first_that_fits(
    pattern: Callable[[Sequence[str]], P],
    candidates: Iterable[Sequence[str]],
    limit: int,
    length: Callable[[P], int],
) -> P:
    """Returns the first pattern within the limit; the last one, of the empty prefix, always is."""
    return next(p for p in map(pattern, candidates) if length(p) <= limit)


def pattern_length(pattern: Pattern) -> int:
    """Returns the length of an event pattern in characters."""
    return len(json.dumps(pattern, separators=(",", ":")))


def _field(name: str, value: str) -> str:
    return f'($.{name} = "{value}")'


def _all(*conditions: str) -> str:
    return f"({' && '.join(conditions)})"


def _any(*conditions: str) -> str:
    return f"({' || '.join(conditions)})"
