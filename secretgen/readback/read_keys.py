"""The keys, from their module blocks in each Region."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from secretgen.hcl.hcl_nodes import ListValue
from secretgen.model.compare import Path
from secretgen.model.environment import GrantGroup, Key, KeyGrant, RegionalKey, grant_groups
from secretgen.model.names import label, name_of
from secretgen.readback.block_fields import Fields
from secretgen.readback.module_labels import OWN_KEY, ModuleLabel, module_label
from secretgen.readback.read_providers import ACCOUNT_ID, PARTITION, REGION
from secretgen.readback.read_root import Root, read_protection, source
from secretgen.readback.read_values import Ref, texts, to_plain, whole


def read_keys(
    root: Root, module: str, environment: str, primary: str, secrets: Mapping[str, str]
) -> tuple[Key, ...]:
    """Reads all keys: shared ones, then dedicated ones, each by name.

    Args:
        root: the environment's root module.
        module: path of the module that it calls.
        environment: name of the environment.
        primary: its primary Region.
        secrets: names of the secrets, by their labels.
    """
    labels = map(module_label, root.addresses("module"))
    calls = [call for call in labels if call and call.is_key]
    keys = {}
    for call in calls:
        if call.alias is None:
            name = _name(root, call, environment, secrets)
            keys[call.kind, call.name] = _read_primary(root, module, call, name, primary)
    for call in calls:
        key = keys.get((call.kind, call.name))
        if call.alias and key:
            first, *others = key.regions
            others.append(_read_replica(root, module, call, key))
            regions = (first, *sorted(others, key=lambda regional: regional.region))
            keys[call.kind, call.name] = replace(key, regions=regions)
    # Shared ones come first, then dedicated ones.
    return tuple(sorted(keys.values(), key=lambda key: (key.dedicated, key.name)))


def path_of_key(name: str, *, dedicated: bool) -> Path:
    """Returns what a key is in the words of the spec."""
    return ("secrets", name, "kms_key") if dedicated else ("keys", name)


def _name(root: Root, call: ModuleLabel, environment: str, secrets: Mapping[str, str]) -> str:
    """Returns the name of a key: its secret's, or by its alias, or by its label."""
    dedicated = call.kind == OWN_KEY
    if dedicated and call.name in secrets:
        return secrets[call.name]
    alias = root.peek_text("alias", "module", str(call))
    prefix = f"alias/{environment}-secrets/{'secret/' if dedicated else ''}"
    name = (alias or "").removeprefix(prefix)
    return name if name and label(name) == call.name else name_of(call.name) or call.name


def _read_primary(root: Root, module: str, call: ModuleLabel, name: str, region: str) -> Key:
    dedicated = call.kind == OWN_KEY
    fields = root.known("module", str(call), path=path_of_key(name, dedicated=dedicated))
    key = Key(
        name=name,
        dedicated=dedicated,
        alias=fields.get("alias"),
        description=fields.get("description"),
        deletion_window_days=fields.get("deletion_window_in_days", whole, "deletion_window_days"),
        rotation_period_days=fields.get("rotation_period_in_days", whole, "rotation_period_days"),
        deletion_protection=read_protection(fields, module, "kms-key"),
        regions=(
            RegionalKey(
                region,
                _read_grants(fields, "readers", "regions", region, "grants"),
                _read_grants(fields, "writers", "regions", region, "write_grants"),
            ),
        ),
    )
    fields.expect("region", REGION)
    _finish(fields)
    return key


def _read_replica(root: Root, module: str, call: ModuleLabel, key: Key) -> RegionalKey:
    """Reads the key of a replica Region: it has to be as the one in the primary Region."""
    given = root.peek_text("region", "module", str(call))
    region = given or str(call.alias).replace("_", "-")
    path = (*path_of_key(key.name, dedicated=key.dedicated), "regions", region)
    fields = root.known("module", str(call), path=path)
    regional = RegionalKey(region, _read_grants(fields, "readers", "grants"))
    fields.expect("region", region)
    fields.expect("providers", {"aws": Ref("aws", str(call.alias))})
    fields.expect("alias", key.alias)
    fields.expect("description", key.description)
    fields.expect("deletion_window_in_days", key.deletion_window_days, "deletion_window_days")
    fields.expect("rotation_period_in_days", key.rotation_period_days, "rotation_period_days")
    expected = source(module, "kms-key", protected=key.deletion_protection)
    fields.expect("source", expected, "deletion_protection")
    _finish(fields)
    return regional


def _read_grants(fields: Fields, argument: str, *words: str) -> tuple[KeyGrant, ...]:
    """Reads who uses a key for what: the roles of each set of secrets.

    Args:
        fields: the module block.
        argument: the argument that lists them.
        words: what of the key it is, below the path of the block.
    """
    *around, name = (*fields.path, *words)
    found = fields.take(argument, *words)
    groups = []
    for item in found.items if isinstance(found, ListValue) else ():
        fields.notes.place((*around, name), item.span)
        group = Fields.of(item, tuple(around), fields.notes)
        roles = group.get("roles", texts, name, absent=())
        groups.append(GrantGroup(roles, group.get("secrets", texts, name, absent=())))
        group.finish()
    grants = tuple(
        KeyGrant(role, group.secrets)
        for group in groups
        for role in (group.roles if isinstance(group.roles, tuple) else ())
    )
    if found and tuple(groups) != grant_groups(grants):
        expected = "one entry for each set of secrets"
        fields.notes.add_unexpected((*around, name), expected, to_plain(found), found.span)
    return tuple(sorted(grants, key=lambda grant: str(grant.role_arn)))


def _finish(fields: Fields) -> None:
    fields.expect("account_id", ACCOUNT_ID)
    fields.expect("partition", PARTITION)
    fields.finish()
