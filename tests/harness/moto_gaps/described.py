"""Secrets Manager: what DescribeSecret returns as it was given."""

from typing import Any

from moto.secretsmanager.models import FakeSecret


def _as_given(original: Any) -> Any:
    """DescribeSecret returns the rotation rules, and the AWS-managed key where a call named it.

    A secret that was created without a key has none in the answer.
    """

    def to_dict(self: FakeSecret) -> dict[str, Any]:
        description: dict[str, Any] = original(self)
        if self.kms_key_id:
            description["KmsKeyId"] = self.kms_key_id
        if self.rotation_requested:
            description["RotationRules"] = getattr(self, "rotation_rules", {})
        return description

    return to_dict


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (FakeSecret, "to_dict", _as_given(FakeSecret.to_dict)),
)
