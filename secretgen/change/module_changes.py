"""What needs `terraform init`: a new module call or source, and another backend configuration."""

from __future__ import annotations

from msgspec.structs import replace

from secretgen.model.environment import Environment
from secretgen.model.names import key_modules, secret_module


def modules_change(before: Environment, after: Environment) -> bool:
    """Returns whether Terraform has modules to install before it can plan.

    Args:
        before: the environment as it was installed last.
        after: the environment as it is to be planned.
    """
    return not _modules(after) <= _modules(before)


def backend_changes(before: Environment, after: Environment) -> bool:
    """Returns whether Terraform finds the same state by another configuration of its backend.

    Args:
        before: the environment as it was initialised last.
        after: the environment as it is to be planned.
    """
    old, new = before.backend, after.backend
    is_same_state = (old.bucket, old.key, old.region) == (new.bucket, new.key, new.region)
    return is_same_state and replace(old, bootstrap=new.bootstrap) != new


def _modules(environment: Environment) -> set[tuple[object, ...]]:
    """Returns the label of each module call, and which variant of the module it calls."""
    secrets: set[tuple[object, ...]] = {
        (secret_module(s.name), s.deletion_protection, s.rotation is None)
        for s in environment.secrets
    }
    keys = {
        (label, key.deletion_protection)
        for key in environment.keys
        for label in key_modules(key).values()
    }
    return secrets | keys
