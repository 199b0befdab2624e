"""Finds what a user names on the command line."""

from __future__ import annotations

from secretgen.errors import UsageError
from secretgen.model.environment import Environment
from secretgen.model.secret import Secret
from secretgen.spec.suggest import closest, shown


def find_secret(environment: Environment, name: str) -> Secret:
    """Finds a secret by its name.

    Raises:
        UsageError: there is none; the hint names the one that most likely was meant.
    """
    secrets = {secret.name: secret for secret in environment.secrets}
    if name in secrets:
        return secrets[name]
    similar = closest(name, secrets)
    raise UsageError(
        f"{shown(name)} is not a secret of {environment.name}",
        f"Did you mean {similar}?" if similar else "`secretgen show` lists them.",
    )
