"""Names of the checks of standards that both the runbook and the audit answer.

Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html and
https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html, "Related requirements".
"""

from __future__ import annotations

from msgspec import Struct


class Control(Struct, frozen=True):
    """A check.

    Args:
        name: the standard, its id there and what it asks for.
        related: requirements of other standards that it is evidence for.
    """

    name: str
    related: str = ""


_CREDENTIALS = "PCI DSS v4.0.1 8.3.9 and 8.6.3; NIST 800-53 AC-2(1) and AC-3(15)"

ROTATION_ON = Control("Security Hub SecretsManager.1: rotation is on", _CREDENTIALS)
ROTATIONS_SUCCEED = Control("Security Hub SecretsManager.2: rotations succeed", _CREDENTIALS)
NO_UNUSED_SECRETS = Control(
    "Security Hub SecretsManager.3: no unused secrets", "NIST 800-53 AC-2(1) and AC-3(15)"
)
ROTATED_IN_TIME = Control("Security Hub SecretsManager.4: rotated within 90 days", _CREDENTIALS)
TAGGED = Control("Security Hub SecretsManager.5: tagged")
KEYS_ROTATE = Control(
    "Security Hub KMS.4, CIS: keys rotate",
    "CIS AWS Foundations v5.0.0 3.6; PCI DSS v4.0.1 3.7.4; NIST 800-53 SC-12",
)
KEYS_NOT_DELETED = Control("Security Hub KMS.3: no key is pending deletion", "NIST 800-53 SC-12")

MAX_DAYS = 90
"""Default of SecretsManager.3 and SecretsManager.4, in days."""
