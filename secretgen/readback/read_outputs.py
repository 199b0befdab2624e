"""The outputs: they name what was read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from secretgen.model.environment import Key
from secretgen.model.names import key_modules, secret_module
from secretgen.model.secret import Secret
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import Ref


def check_outputs(root: Root, secrets: Iterable[Secret], keys: Iterable[Key]) -> None:
    """Holds the outputs of an environment against its secrets and keys."""
    expected: dict[str, dict[str, Any]] = {
        "secret_arns": {s.name: _secret(s, "arn") for s in secrets},
        "replica_arns": {s.name: _secret(s, "replica_arns") for s in secrets if s.replicas},
        "kms_key_arns": {
            str(key.alias): {
                region: Ref("module", module, "arn") for region, module in key_modules(key).items()
            }
            for key in keys
        },
    }
    for name, value in expected.items():
        output = root.need("output", name)
        if output is None:
            continue
        output.skip("description")
        output.expect("value", value)
        output.finish()


def _secret(secret: Secret, attribute: str) -> Ref:
    return Ref("module", secret_module(secret.name), attribute)
