"""KMS: the rotation period, and keys that a call names by their ARN."""

import json
from typing import Any

from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse


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


def _by_id_or_arn(original: Any) -> Any:
    """CancelKeyDeletion and EnableKey: "Specify the key ID or key ARN of the KMS key"."""

    def call(self: KmsBackend, key_id: str) -> None:
        original(self, self.get_key_id(key_id))

    return call


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (KmsBackend, "cancel_key_deletion", _by_id_or_arn(KmsBackend.cancel_key_deletion)),
    (KmsBackend, "enable_key", _by_id_or_arn(KmsBackend.enable_key)),
    (KmsResponse, "enable_key_rotation", _enable_key_rotation),
    (KmsResponse, "get_key_rotation_status", _get_key_rotation_status),
)
