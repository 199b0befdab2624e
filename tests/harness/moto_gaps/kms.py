"""KMS: multi-Region keys and the rotation period."""

import json
from copy import copy
from typing import Any

from moto.kms.models import KmsBackend, kms_backends
from moto.kms.responses import KmsResponse


def _replicate_key(self: KmsResponse) -> str:
    """ReplicateKey: policy, description and tags are the replica's own; the primary stays primary.

    Key material, key id, spec, usage and rotation are shared; aliases and grants are not.
    """
    primary = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
    region = self._get_param("ReplicaRegion")
    replica = copy(primary)
    replica.region = region
    replica.arn = primary.arn.replace(f":{primary.region}:", f":{region}:")
    replica.policy = self._get_param("Policy") or replica.generate_default_policy()
    replica.description = self._get_param("Description") or ""
    replica.aliases, replica.grants = {}, {}
    # A shallow copy: the list of replicas inside stays one list for the whole family.
    family = primary.multi_region_configuration
    replica.multi_region_configuration = {**family, "MultiRegionKeyType": "REPLICA"}
    family["ReplicaKeys"].append({"Arn": replica.arn, "Region": region})
    backend = kms_backends[primary.account_id][region]
    backend.keys[replica.id] = replica
    backend.tagger.tag_resource(replica.id, self._get_param("Tags") or [])
    return json.dumps(
        {
            "ReplicaKeyMetadata": replica.to_dict()["KeyMetadata"],
            "ReplicaPolicy": replica.policy,
            "ReplicaTags": self._get_param("Tags") or [],
        }
    )


def _describe_key(self: KmsBackend, key_id: str) -> Any:
    """DescribeKey only reads: it never changes which key of a family is the primary."""
    return self.keys[self.any_id_to_key_id(key_id)]


def _enable_key_rotation(self: KmsResponse) -> str:
    """EnableKeyRotation keeps RotationPeriodInDays (90 to 2560, 365 unless told)."""
    key_id = self._get_param("KeyId")
    self._validate_cmk_id(key_id)
    self.kms_backend.enable_key_rotation(key_id)
    key: Any = self.kms_backend.keys[self.kms_backend.get_key_id(key_id)]
    key.rotation_period_in_days = self._get_param("RotationPeriodInDays") or 365
    return json.dumps(None)


def _get_key_rotation_status(self: KmsResponse) -> str:
    """GetKeyRotationStatus returns the period of a key that rotates."""
    key_id = self._get_param("KeyId")
    self._validate_cmk_id(key_id)
    key = self.kms_backend.keys[self.kms_backend.get_key_id(key_id)]
    status = {"KeyId": key.id, "KeyRotationEnabled": key.key_rotation_status}
    if key.key_rotation_status:
        status["RotationPeriodInDays"] = getattr(key, "rotation_period_in_days", 365)
    return json.dumps(status)


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (KmsResponse, "replicate_key", _replicate_key),
    (KmsBackend, "describe_key", _describe_key),
    (KmsResponse, "enable_key_rotation", _enable_key_rotation),
    (KmsResponse, "get_key_rotation_status", _get_key_rotation_status),
)
