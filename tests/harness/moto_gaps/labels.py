"""Secrets Manager: the staging labels of a secret's versions."""

from typing import Any

from moto.secretsmanager.exceptions import (
    InvalidParameterException,
    OperationNotPermittedOnReplica,
    SecretNotFoundException,
)
from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


def primary_secret(backend: SecretsManagerBackend, secret_id: str) -> FakeSecret:
    """The secret of that name or ARN in this Region; replicas are read-only."""
    if secret_id not in backend.secrets:
        raise SecretNotFoundException
    secret = backend.secrets[secret_id]
    if isinstance(secret, ReplicaSecret):
        raise OperationNotPermittedOnReplica
    return secret


def _move_label(secret: FakeSecret, label: str, version_id: str) -> str | None:
    """Attach `label` to one version and take it from the one that has it, whose id is returned."""
    before = None
    for other_id, other in secret.versions.items():
        if label in other["version_stages"] and other_id != version_id:
            other["version_stages"].remove(label)
            before = other_id
    stages = secret.versions[version_id]["version_stages"]
    if label not in stages:
        stages.append(label)
    return before


def _move_current(self: FakeSecret, secret_version: dict[str, Any], version_id: str) -> None:
    """A new version takes the labels it names; the one that was current becomes previous.

    PutSecretValue: "If this operation moves the staging label AWSCURRENT from another version to
    this version, then Secrets Manager also automatically moves the staging label AWSPREVIOUS to
    the version that AWSCURRENT was removed from." A label of the user's own stays where it is.
    """
    secret_version["version_stages"] = list(secret_version["version_stages"])
    self.versions[version_id] = secret_version
    for label in list(secret_version["version_stages"]):
        before = _move_label(self, label, version_id)
        if label == CURRENT and before:
            _move_label(self, PREVIOUS, before)
    self.default_version_id = version_id
    _prune(self)


def _prune(secret: FakeSecret) -> None:
    """A version without labels "is considered deprecated and subject to deletion"."""
    secret.versions = {i: v for i, v in secret.versions.items() if v["version_stages"]}


def _pruning(original: Any) -> Any:
    """PutSecretValue may take the last label from an older version."""

    def put_secret_value(self: SecretsManagerBackend, secret_id: str, *args: Any, **kw: Any) -> str:
        answer: str = original(self, secret_id, *args, **kw)
        _prune(primary_secret(self, secret_id))
        return answer

    return put_secret_value


def _update_secret_version_stage(
    self: SecretsManagerBackend,
    secret_id: str,
    version_stage: str,
    remove_from_version_id: str | None,
    move_to_version_id: str | None,
) -> tuple[str, str]:
    """UpdateSecretVersionStage: AWSCURRENT moves but never goes, and AWSPREVIOUS follows it."""
    secret = primary_secret(self, secret_id)
    holder = next(
        (i for i, v in secret.versions.items() if version_stage in v["version_stages"]), None
    )
    for version_id in filter(None, (remove_from_version_id, move_to_version_id)):
        if version_id not in secret.versions:
            raise InvalidParameterException(f"Not a valid version: {version_id}")
    if holder not in (remove_from_version_id, move_to_version_id):
        raise InvalidParameterException(
            f"The parameter RemoveFromVersionId must name the version that holds {version_stage}: "
            f"{holder}"
        )
    if version_stage == CURRENT and not move_to_version_id:
        raise InvalidParameterException(
            "You can only move staging label AWSCURRENT to a different secret version. "
            "It can't be completely removed."
        )
    if holder and not move_to_version_id:
        secret.versions[holder]["version_stages"].remove(version_stage)
    elif move_to_version_id:
        before = _move_label(secret, version_stage, move_to_version_id)
        if version_stage == CURRENT and before:
            _move_label(secret, PREVIOUS, before)
            secret.default_version_id = move_to_version_id
    _prune(secret)
    return secret.arn, secret.name


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (FakeSecret, "reset_default_version", _move_current),
    (SecretsManagerBackend, "put_secret_value", _pruning(SecretsManagerBackend.put_secret_value)),
    (SecretsManagerBackend, "update_secret_version_stage", _update_secret_version_stage),
)
