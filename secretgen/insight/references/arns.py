"""ARNs of secrets: complete ones from Terraform's outputs, or what is known of them without."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from secretgen.errors import UsageError
from secretgen.model.environment import Environment
from secretgen.model.names import ends_like_arn

SUFFIX = "<SUFFIX>"
"""Stands for the six characters that AWS appends to the name of a secret."""

_REMEDY = "Create it with `terraform output -json` in the folder of this environment."


class SecretArns(Struct, frozen=True):
    """The ARNs of an environment's secrets.

    Args:
        environment: the environment.
        complete: complete ARNs in the primary Region, by secret; those of replicas differ in the
            Region alone.
    """

    environment: Environment
    complete: Mapping[str, str]

    def arn(self, secret: str, region: str, *, complete: bool = False) -> str:
        """Returns the ARN of a secret in a Region.

        Args:
            secret: its name.
            region: the primary Region or that of a replica.
            complete: True where the service takes no ARN without the six characters. AWS itself
                takes one, except for a name that ends in a hyphen and six characters.

        Returns:
            The complete ARN if it is known; else one without the six characters, or with a
            placeholder for them where they are required.
        """
        aws = self.environment.aws
        begin = aws.arn("secretsmanager", f"secret:{secret}", region)
        known = self.complete.get(secret)
        if known:
            return begin + known[-len("-AbCdEf") :]
        return f"{begin}-{SUFFIX}" if complete or ends_like_arn(secret) else begin


def read_outputs(environment: Environment, text: str, file: str) -> SecretArns:
    """Reads the ARNs in what `terraform output -json` prints.

    Args:
        environment: the environment.
        text: the JSON.
        file: its file, for messages.

    Raises:
        UsageError: it is something else, or belongs to another environment.
    """
    found = _secret_arns(text, file)
    arns = {}
    for secret in environment.secrets:
        arn = found.get(secret.name)
        if arn is None:
            continue
        expected = re.escape(environment.aws.arn("secretsmanager", f"secret:{secret.name}"))
        if not isinstance(arn, str) or not re.fullmatch(expected + "-[A-Za-z0-9]{6}", arn):
            raise UsageError(
                f"{file} does not belong to {environment.name}: it has another ARN for "
                f"{secret.name}",
                _REMEDY,
            )
        arns[secret.name] = arn
    if not arns:
        raise UsageError(f"{file} names no secret of {environment.name}", _REMEDY)
    return SecretArns(environment, arns)


def _secret_arns(text: str, file: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{file} is not valid JSON", _REMEDY) from None
    output = data.get("secret_arns") if isinstance(data, dict) else None
    arns = output.get("value") if isinstance(output, dict) else None
    if not isinstance(arns, dict):
        raise UsageError(f"{file} has no output `secret_arns`", _REMEDY)
    return arns
