"""Which module calls an environment has: a new one, or a new source, needs `terraform init`."""

from __future__ import annotations

from secretgen.change.comparison import key_regions
from secretgen.model.environment import Environment
from secretgen.model.names import key_module, secret_module


def modules_change(before: Environment, after: Environment) -> bool:
    """Tells whether Terraform has modules to install before it can plan.

    Args:
        before: the environment as it was installed last.
        after: the environment as it is to be planned.
    """
    return not _modules(after) <= _modules(before)


def _modules(environment: Environment) -> set[tuple[str, bool]]:
    """Returns the label of each module call, and which variant of the module it calls."""
    secrets = {(secret_module(s.name), s.deletion_protection) for s in environment.secrets}
    keys = {
        (key_module(key.name, dedicated=key.dedicated, region=region), key.deletion_protection)
        for key in environment.keys
        for region in (None, *key_regions(key, environment)[1:])
    }
    return secrets | keys
