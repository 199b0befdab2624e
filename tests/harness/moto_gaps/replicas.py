"""Secrets Manager: secrets replicated to another Region."""

import json
from typing import Any

from moto.secretsmanager.exceptions import SecretNotFoundException
from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend


def _with_replica_keys(original: Any) -> Any:
    """ReplicationStatus names the key that was asked for in each Region."""

    def create_replicas(
        self: FakeSecret, replica_regions: list[dict[str, str]], force_overwrite: bool
    ) -> list[ReplicaSecret]:
        replicas: list[ReplicaSecret] = original(self, replica_regions, force_overwrite)
        for asked, replica in zip(replica_regions, replicas, strict=True):
            replica.config["KmsKeyId"] = asked.get("KmsKeyId") or replica.config["KmsKeyId"]
        return replicas

    return create_replicas


def _with_own_key(original: Any) -> Any:
    """DescribeSecret in a replica's Region names the key of that Region."""

    def to_dict(self: ReplicaSecret) -> dict[str, Any]:
        return {**original(self), "KmsKeyId": self.config["KmsKeyId"]}

    return to_dict


def _get_resource_policy(self: SecretsManagerBackend, secret_id: str) -> str:
    """The resource policy is replicated with the secret and can be read in each Region."""
    if secret_id not in self.secrets:
        raise SecretNotFoundException
    secret = self.secrets[secret_id]
    source = secret.source if isinstance(secret, ReplicaSecret) else secret
    answer = {"ARN": secret.arn, "Name": secret.name}
    if source.policy is not None:
        answer["ResourcePolicy"] = source.policy
    return json.dumps(answer)


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (FakeSecret, "create_replicas", _with_replica_keys(FakeSecret.create_replicas)),
    (ReplicaSecret, "to_dict", _with_own_key(ReplicaSecret.to_dict)),
    (SecretsManagerBackend, "get_resource_policy", _get_resource_policy),
)
