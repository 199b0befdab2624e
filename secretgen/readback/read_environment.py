"""From the HCL of one environment's folder to the environment it describes."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from secretgen.hcl.hcl_nodes import Body
from secretgen.model.compare import Difference, differences
from secretgen.model.effective import effective
from secretgen.model.environment import Environment, Key
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.model.names import key_modules, secret_module
from secretgen.model.secret import Reader, Secret
from secretgen.readback.block_fields import Fields, Notes
from secretgen.readback.read_backend import check_bootstrap, read_backend
from secretgen.readback.read_changes import read_changes
from secretgen.readback.read_consumers import read_account
from secretgen.readback.read_context import read_context, secret_names
from secretgen.readback.read_keys import read_keys
from secretgen.readback.read_monitoring import read_monitoring
from secretgen.readback.read_notifications import read_buses, read_notifications, with_notifications
from secretgen.readback.read_providers import check_providers, read_locals, with_exemptions
from secretgen.readback.read_root import Root
from secretgen.readback.read_rotation import check_permissions, read_service_secrets
from secretgen.readback.read_secrets import read_secrets, with_roles
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
        root.expect_output(name, value)


def _secret(secret: Secret, attribute: str) -> Ref:
    return Ref("module", secret_module(secret.name), attribute)


_CONSUMERS = "consumers"
_BOOTSTRAP = "bootstrap"


class Reading(Struct, frozen=True):
    """What the HCL of an environment says.

    Args:
        environment: the environment, in canonical order. Where HCL has code for a value, so
            has it; where HCL has nothing, it has None or what AWS takes for nothing.
        notes: where things stand, and what is out of place.
    """

    environment: Environment
    notes: Notes

    def differences(self, expected: Environment) -> list[Difference]:
        """Compares it with the spec.

        Returns:
            One difference an attribute, and one for everything that is out of place. Empty if
            and only if the HCL says what the spec describes.
        """
        return [*differences(effective(expected), self.environment), *self.notes.oddities]


def read_environment(
    name: str,
    files: Mapping[str, Body],
    module: str = DEFAULT_LAYOUT.module_source,
) -> Reading:
    """Reads an environment.

    Args:
        name: its name, which is that of its folder.
        files: the HCL of its files, by their path in that folder.
        module: path of the module as that folder names it.
    """
    folders: dict[str, list[Body]] = defaultdict(list)
    for path, body in files.items():
        folders[posixpath.dirname(path)].append(body)
    notes = Notes()
    root = Root(folders.pop("", []), (), notes)
    local = root.merged("locals", ()) or Fields.none(notes)
    settings = read_locals(local)
    backend = replace(read_backend(root), bootstrap=_BOOTSTRAP in folders)
    names = secret_names(root)
    keys = read_keys(root, module, name, str(settings.aws.region), names)
    around = read_context(root, module, settings.aws, names, keys, environment=name)
    secrets = read_secrets(names, around)
    told = read_notifications(root, settings.aws, name)
    accounts, buses = [], {}
    for folder in sorted(folder for folder in folders if posixpath.dirname(folder) == _CONSUMERS):
        consumer = Root(folders.pop(folder), (folder,), notes)
        account = posixpath.basename(folder)
        buses[account] = read_buses(consumer, settings.aws, name)
        accounts.append(read_account(consumer, account, settings, buses[account]))
    secrets = with_roles(secrets, accounts, str(settings.aws.region))
    secrets = with_notifications(secrets, accounts, told, buses, (root, settings.aws))
    service_secrets = read_service_secrets(root)
    monitoring = read_monitoring(
        root, local, settings.aws, secrets=secrets, service_secrets=service_secrets, keys=keys
    )
    if backend.bootstrap:
        state = Root(folders.pop(_BOOTSTRAP), (_BOOTSTRAP,), notes)
        check_bootstrap(state, name, backend, settings)
    for folder, bodies in sorted(folders.items()):
        Root(bodies, (folder,), notes).finish()
    others = {str(r.region) for secret in secrets for r in secret.replicas}
    left = check_providers(root, others)
    changes = read_changes(root, [s.name for s in secrets], keys, [*others, *left], left)
    environment = Environment(
        name=name,
        aws=settings.aws,
        backend=backend,
        accounts=with_exemptions(accounts, settings, root, _without_root(secrets, settings.exempt)),
        keys=keys,
        secrets=secrets,
        service_secrets=service_secrets,
        monitoring=monitoring,
        tags=settings.tags,
        changes=changes,
    )
    check_permissions(root, secrets, name, settings.aws)
    check_outputs(root, secrets, keys)
    local.finish()
    root.finish()
    return Reading(environment, notes)


def _without_root(secrets: Sequence[Secret], exempt: Any) -> set[str]:
    """Returns the ids of accounts that may have permission sets alone, and so no root module.

    HCL does not name the roles of a secret whose policy is unmanaged: any account may be theirs.
    """
    if not all(secret.manages_policy for secret in secrets):
        return {i for i in exempt if isinstance(i, str)} if isinstance(exempt, tuple) else set()
    named = [role for s in secrets for roles in (s.readers, s.writers) for role in _all(roles)]
    return {role.account_id for role in named if role.permission_set}


def _all(roles: Any) -> list[Reader]:
    """Returns the roles that a spec can name: not the code that may stand in their place."""
    return [r for r in roles if isinstance(r, Reader)] if isinstance(roles, tuple) else []
