"""View of the outputs."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from secretgen.hcl.encode import Expression, reference
from secretgen.model.environment import Environment
from secretgen.model.names import key_modules, secret_module


class OutputsView(Struct, frozen=True):
    """The values of the outputs."""

    secret_arns: Mapping[str, Expression]
    replica_arns: Mapping[str, Expression]
    kms_key_arns: Mapping[str, Mapping[str, Expression]]


def outputs_view(environment: Environment) -> OutputsView:
    """Makes the view of the outputs."""
    return OutputsView(
        secret_arns={
            s.name: reference("module", secret_module(s.name), "arn") for s in environment.secrets
        },
        replica_arns={
            s.name: reference("module", secret_module(s.name), "replica_arns")
            for s in environment.secrets
            if s.replicas
        },
        kms_key_arns={
            key.alias: {
                region: reference("module", module, "arn")
                for region, module in key_modules(key).items()
            }
            for key in environment.keys
        },
    )
