"""Secrets Manager: secrets replicated to another Region."""

import json
from copy import deepcopy
from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException, SecretNotFoundException
from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse


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


def _stop_replication_to_replica(self: SecretsManagerResponse) -> str:
    """StopReplicationToReplica, called in the Region of the replica.

    "Removes the link between the replica secret and the primary secret and promotes the replica to
    a primary secret in the replica Region."
    """
    backend, secret_id = self.backend, self._get_param("SecretId")
    if secret_id not in backend.secrets:
        raise SecretNotFoundException
    replica: Any = backend.secrets[secret_id]
    if not isinstance(replica, ReplicaSecret):
        raise InvalidRequestException("The secret is not a replica.")
    source: Any = replica.source
    source.replicas.remove(replica)
    promoted = FakeSecret(
        backend.account_id,
        replica.region,
        replica.name,
        {},
        "",
        description=source.description,
        kms_key_id=replica.config["KmsKeyId"],
        created_date=source.created_date,
        last_changed_date=source.last_changed_date,
    )
    promoted.arn, promoted.policy, promoted.tags = replica.arn, source.policy, source.tags
    promoted.versions = deepcopy(source.versions)
    promoted.set_default_version_id(source.default_version_id)
    # moto keeps a replica by its ARN, and any other secret by its name.
    dict.pop(backend.secrets, replica.arn)
    backend.secrets[promoted.name] = promoted
    return json.dumps({"ARN": promoted.arn})


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (FakeSecret, "create_replicas", _with_replica_keys(FakeSecret.create_replicas)),
    (ReplicaSecret, "to_dict", _with_own_key(ReplicaSecret.to_dict)),
    (SecretsManagerBackend, "get_resource_policy", _get_resource_policy),
    (SecretsManagerResponse, "stop_replication_to_replica", _stop_replication_to_replica),
)
