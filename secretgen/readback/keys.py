"""The keys, from their module blocks and those of their replicas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from secretgen.model.compare import Path
from secretgen.model.environment import Key, KeyGrant, KeyReplica
from secretgen.model.names import key_module, label, name_of
from secretgen.readback.fields import Fields
from secretgen.readback.modules import read_protection, source
from secretgen.readback.providers import ACCOUNT_ID, PARTITION, REGION
from secretgen.readback.root import Root
from secretgen.readback.values import Ref, texts, whole

_LABEL = re.compile(
    r"(?P<kind>shared_key|key)(?:_(?P<region>[a-z0-9]+(?:_[a-z0-9]+)*))?__(?P<name>.+)"
)


_DEDICATED = "key"


@dataclass(frozen=True, slots=True)
class _Call:
    """The module block of a key or of a replica, by its label.

    Args:
        module: the label.
        kind: `key` for the key of one secret, `shared_key` for another.
        region: provider alias of the Region of a replica; None for the key itself.
        name: label of the key's name.
    """

    module: str
    kind: str
    region: str | None
    name: str


def read_keys(
    root: Root, module: str, environment: str, secrets: Mapping[str, str]
) -> tuple[Key, ...]:
    """Reads all keys: shared ones, then dedicated ones, each by name.

    Args:
        root: the environment's root module.
        module: path of the module that it calls.
        environment: name of the environment.
        secrets: names of the secrets, by their labels.
    """
    calls = [_Call(m[0], *m.groups()) for m in _labels(root)]
    keys = {}
    for call in calls:
        if call.region is None:
            keys[call.kind, call.name] = _read_key(root, module, call, environment, secrets)
    for call in calls:
        key = keys.get((call.kind, call.name))
        if call.region and key:
            replicas = (*key.replicas, _read_replica(root, module, call, key))
            keys[call.kind, call.name] = replace(
                key, replicas=tuple(sorted(replicas, key=lambda r: str(r.region)))
            )
    return in_order(keys.values())


def in_order(keys: Iterable[Key]) -> tuple[Key, ...]:
    """Puts keys in their order: shared ones, then dedicated ones, each by name."""
    return tuple(sorted(keys, key=lambda key: (key.dedicated, key.name)))


def path_of_key(name: str, *, dedicated: bool) -> Path:
    """Returns what a key is in the words of the spec."""
    return ("secrets", name, "kms_key") if dedicated else ("keys", name)


def _labels(root: Root) -> Iterator[re.Match[str]]:
    for address in root.addresses("module"):
        match = _LABEL.fullmatch(address[-1])
        if match:
            yield match


def _read_key(
    root: Root, module: str, call: _Call, environment: str, secrets: Mapping[str, str]
) -> Key:
    dedicated = call.kind == _DEDICATED
    alias = root.peek_text("alias", "module", call.module)
    name = secrets.get(call.name) if dedicated else None
    name = name or _name(call, alias, environment)
    fields = root.call(call.module, path=path_of_key(name, dedicated=dedicated))
    key = Key(
        name=name,
        dedicated=dedicated,
        alias=fields.get("alias"),
        description=fields.get("description"),
        deletion_window_days=fields.get("deletion_window_in_days", whole, "deletion_window_days"),
        rotation_period_days=fields.get("rotation_period_in_days", whole, "rotation_period_days"),
        deletion_protection=read_protection(fields, module, "kms-key"),
        grants=_read_grants(fields),
    )
    fields.expect("region", REGION)
    _finish(fields)
    return key


def _name(call: _Call, alias: str | None, environment: str) -> str:
    """Tells the name of a key from its alias, or from its label where the alias does not fit."""
    prefix = f"alias/{environment}-secrets/{'secret/' if call.kind == _DEDICATED else ''}"
    name = (alias or "").removeprefix(prefix)
    return name if name and label(name) == call.name else name_of(call.name) or call.name


def _read_replica(root: Root, module: str, call: _Call, key: Key) -> KeyReplica:
    """Reads a replica: what it has of its key has to be as the key has it."""
    given = root.peek_text("region", "module", call.module)
    region = given or str(call.region).replace("_", "-")
    path = (*path_of_key(key.name, dedicated=key.dedicated), "replicas", region)
    fields = root.call(call.module, path=path)
    replica = KeyReplica(region, _read_grants(fields))
    fields.expect("region", region)
    primary = key_module(key.name, dedicated=key.dedicated)
    fields.expect("providers", {"aws": Ref("aws", str(call.region))})
    fields.expect("primary_key_arn", Ref("module", primary, "arn"))
    fields.expect("alias", key.alias)
    fields.expect("description", key.description)
    fields.expect("deletion_window_in_days", key.deletion_window_days, "deletion_window_days")
    expected = source(module, "kms-replica-key", protected=key.deletion_protection)
    fields.expect("source", expected, "deletion_protection")
    _finish(fields)
    return replica


def _read_grants(fields: Fields) -> tuple[KeyGrant, ...]:
    readers = fields.object("readers", "grants")
    if readers is None:
        return ()
    grants = []
    for role_arn, secrets, span in readers.rest():
        readers.notes.place((*readers.path, role_arn), span)
        grants.append(KeyGrant(role_arn, texts(secrets)))
    return tuple(sorted(grants, key=lambda grant: grant.role_arn))


def _finish(fields: Fields) -> None:
    fields.expect("account_id", ACCOUNT_ID)
    fields.expect("partition", PARTITION)
    fields.finish()
