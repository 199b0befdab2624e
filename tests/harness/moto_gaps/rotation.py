"""Secrets Manager: rotation rules, and the permission of the function that rotates."""

from fnmatch import fnmatchcase
from typing import Any

from moto.awslambda.utils import get_backend as lambda_backend
from moto.core.exceptions import JsonRESTError
from moto.moto_api._internal import mock_random
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend

from tests.harness.moto_gaps.labels import CURRENT, primary_secret

ROTATION_SERVICE = "secretsmanager.amazonaws.com"


def _rotate_secret(  # noqa: PLR0917 - moto calls it by these names
    self: SecretsManagerBackend,
    secret_id: str,
    client_request_token: str | None = None,
    rotation_lambda_arn: str | None = None,
    rotation_rules: dict[str, Any] | None = None,
    rotate_immediately: bool = True,
) -> str:
    """RotateSecret keeps every rule, and needs a function that Secrets Manager may invoke.

    Not immediately: "the test creates an AWSPENDING version of the secret and then removes it", so
    no version changes. Immediately: the function ends with a new value in AWSCURRENT; a secret
    without a value has nothing to rotate and the function fails behind the caller's back.
    """
    secret: Any = primary_secret(self, secret_id)
    function_arn = rotation_lambda_arn or secret.rotation_lambda_arn
    if function_arn:
        _require_permission(self.account_id, function_arn, secret.arn)
    elif not _is_owned_by_a_service(secret):
        raise InvalidRequestException(
            "You tried to enable rotation on a secret that doesn't already have a Lambda function "
            "ARN configured and you didn't include such an ARN as a parameter in this call."
        )
    secret.rotation_lambda_arn = function_arn or ""
    secret.rotation_rules = rotation_rules or getattr(secret, "rotation_rules", {})
    secret.rotation_requested = secret.rotation_enabled = True
    if rotate_immediately and secret.versions:
        version_id = client_request_token or str(mock_random.uuid4())
        value = mock_random.get_random_hex(32)
        self.put_secret_value(secret_id, value, "", version_id, [CURRENT])
    return str(secret.to_short_dict())


def _is_owned_by_a_service(secret: Any) -> bool:
    """The service's own name and an exclamation mark are in front of the names of such secrets."""
    return "!" in secret.name


def _cancel_rotate_secret(self: SecretsManagerBackend, secret_id: str) -> str:
    """CancelRotateSecret ends managed rotation, too, which has no function."""
    secret: Any = primary_secret(self, secret_id)
    if not secret.rotation_lambda_arn and not _is_owned_by_a_service(secret):
        raise InvalidRequestException("The secret has no Lambda function configured.")
    secret.rotation_enabled = False
    return str(secret.to_short_dict())


def _require_permission(account_id: str, function_arn: str, secret_arn: str) -> None:
    """The function's own policy must let Secrets Manager invoke it for this secret.

    RotateSecret answers AccessDeniedException otherwise, which shows a missing permission and one
    that Terraform creates too late.
    """
    region = function_arn.split(":")[3]
    function = lambda_backend(function_arn.split(":")[4], region).get_function(function_arn)
    asked = {"AWS:SourceAccount": account_id, "AWS:SourceArn": secret_arn}
    for statement in function.policy.statements:
        conditions = [
            fnmatchcase(asked.get(key, ""), pattern)
            for operator in statement.get("Condition", {}).values()
            for key, pattern in operator.items()
        ]
        if statement["Principal"] == {"Service": ROTATION_SERVICE} and all(conditions):
            return
    raise JsonRESTError(
        "AccessDeniedException",
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
        f"policy grants access to the principal {ROTATION_SERVICE}.",
    )


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (SecretsManagerBackend, "rotate_secret", _rotate_secret),
    (SecretsManagerBackend, "cancel_rotate_secret", _cancel_rotate_secret),
)
