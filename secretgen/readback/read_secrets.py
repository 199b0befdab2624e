"""The secrets, from their module blocks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from secretgen.hcl.hcl_nodes import ListValue, Value
from secretgen.model.compare import Code
from secretgen.model.environment import Account, Aws, SecretInRegion
from secretgen.model.names import key_module, role_arn, rotation_function_roles, secret_module
from secretgen.model.secret import (
    AWS_MANAGED,
    AWS_MANAGED_ALIAS,
    DEDICATED,
    Exclusive,
    Reader,
    Replica,
    ResourcePolicy,
    Rotation,
    Secret,
)
from secretgen.readback.block_fields import Fields
from secretgen.readback.contents import read_value
from secretgen.readback.read_context import SECRET_MODULE, ReadContext
from secretgen.readback.read_root import read_policy, read_protection
from secretgen.readback.read_rotation import expect_permission, read_rotation
from secretgen.readback.read_values import Ref, boolean, code, reference, text, to_plain, whole

_ROLE = re.compile(r"arn:[^:]*:iam::([0-9]{12}):role/(.+)")
_PERMISSION_SET = re.compile(
    r"aws-reserved/sso\.amazonaws\.com/(?P<region>\*/)?AWSReservedSSO_(?P<name>.+)_\?{16}"
)


def read_secrets(names: Mapping[str, str], around: ReadContext) -> tuple[Secret, ...]:
    """Reads all secrets, in the order of their names.

    Args:
        names: their names, by the labels of their module blocks without the prefix.
        around: what their blocks refer to.
    """
    read: dict[str, Secret] = {}
    for label, name in names.items():
        fields = around.root.known("module", SECRET_MODULE + label, path=("secrets", name))
        secret = _read_secret(fields, name, around)
        if name in read:
            fields.add_unexpected("name", None, name)
        if secret_module(name) != SECRET_MODULE + label:
            fields.add_unexpected("module", secret_module(name), SECRET_MODULE + label)
        read[name] = secret
    return tuple(secret for _, secret in sorted(read.items()))


def _read_secret(fields: Fields, name: str, around: ReadContext) -> Secret:
    kms_key = _key_choice(fields.take("kms_key_id", "kms_key"), name, around)
    value = read_value(fields, name, around.root)
    rotation = read_rotation(fields, name, value, around)
    policy, folder = read_policy(fields, around.module, rotates=rotation is not None)
    if policy is ResourcePolicy.UNMANAGED and (span := fields.place_of("source")):
        fields.notes.place((*fields.path, "policy"), span)
    secret = Secret(
        name=name,
        description=fields.get("description", absent=""),
        kms_key=kms_key,
        value=value,
        readers=_read_roles(fields, "readers", around),
        writers=_read_roles(fields, "writers", around),
        exclusive=_read_exclusive(fields, around, rotation),
        policy=policy,
        notify_readers=False,
        replicas=_read_replicas(fields, name, kms_key),
        force_overwrite_replica=fields.get(
            "force_overwrite_replica_secret", boolean, "force_overwrite_replica", absent=False
        ),
        rotation=rotation,
        recovery_window_days=fields.get("recovery_window_in_days", whole, "recovery_window_days"),
        deletion_protection=read_protection(fields, around.module, folder),
        tags=fields.texts_by_name("tags"),
    )
    fields.expect("name", name)
    manages_policy = policy is ResourcePolicy.MANAGED
    has_organization = around.aws.organization_id is not None and manages_policy
    fields.expect("organization", Ref("local", "organization") if has_organization else None)
    expect_permission(fields, name, rotation)
    fields.finish()
    return secret


def _key_choice(value: Value | None, name: str, around: ReadContext) -> Any:
    """Returns which key a secret has: its own, a shared one, one managed elsewhere, or AWS's."""
    if value is None or text(value) == AWS_MANAGED_ALIAS:
        return AWS_MANAGED
    match reference(value):
        case ("module", str(module), "arn"):
            if module == key_module(name, dedicated=True):
                return DEDICATED
            return around.shared_keys.get(module, Code(code(value)))
    return _arn(value)


def _read_roles(fields: Fields, argument: str, around: ReadContext) -> Any:
    value = fields.take(argument, argument)
    if value is None:
        return ()
    if not isinstance(value, ListValue):
        return Code(code(value))
    found = [_reader(item, around.aws) for item in value.items]
    roles = [reader for reader in found if not isinstance(reader, tuple)]
    return tuple(sorted([*roles, *_permission_sets(found, fields, argument)], key=_by_role))


def _by_role(reader: Any) -> tuple[str, str]:
    is_known = isinstance(reader, Reader)
    return (reader.account_id, reader.role) if is_known else ("", str(reader))


def _reader(value: Value, aws: Aws) -> Any:
    """Reads a reader.

    Returns:
        A `Reader`; for a permission set with whether its path names a Region.
    """
    found = text(value)
    match = _ROLE.fullmatch(str(found))
    if match and role_arn(aws.partition, *match.groups()) == found:
        role = _PERMISSION_SET.fullmatch(match[2])
        if role:
            return Reader(match[1], role["name"], permission_set=True), role["region"] is not None
        return Reader(match[1], match[2])
    return Code(code(value))


def _read_exclusive(
    fields: Fields, around: ReadContext, rotation: Rotation | None
) -> Exclusive | None:
    """Reads which roles of the account a secret is not kept from, by their names.

    Those of a deployed rotation function come last, and the spec does not name them.
    """
    value = fields.take("exclusive_except", "exclusive", "except")
    if value is None:
        return None
    items = value.items if isinstance(value, ListValue) else (value,)
    names = [_own_role(item, around.aws) for item in items]
    if rotation and rotation.application:
        deployed = rotation_function_roles(around.environment)
        if names[-1:] != [deployed]:
            path = (*fields.path, "exclusive", "except")
            fields.notes.add_unexpected(path, deployed, to_plain(value), value.span)
        names = [name for name in names if name != deployed]
    return Exclusive(tuple(names))


def _own_role(value: Value, aws: Aws) -> Any:
    prefix = role_arn(aws.partition, aws.account_id, "")
    found = str(text(value))
    return found.removeprefix(prefix) if found.startswith(prefix) else Code(code(value))


def with_roles(
    secrets: Iterable[Secret], accounts: Iterable[Account], region: str
) -> tuple[Secret, ...]:
    """Adds the readers and writers of secrets whose policy, which would name them, is unmanaged.

    Args:
        secrets: the secrets, as their module blocks say.
        accounts: the accounts whose roles read and write.
        region: the primary Region.
    """
    roles = sorted(((a.id, role.name, role) for a in accounts for role in a.roles), key=str)
    return tuple(
        secret
        if secret.manages_policy
        else replace(
            secret,
            readers=tuple(
                Reader(account, name)
                for account, name, role in roles
                if SecretInRegion(secret.name, region) in role.reads
            ),
            writers=tuple(
                Reader(account, name) for account, name, role in roles if secret.name in role.writes
            ),
        )
        for secret in secrets
    )


def _permission_sets(found: Iterable[Any], fields: Fields, argument: str) -> Iterator[Reader]:
    """Yields the permission sets: each has a pattern with a Region in its path, and one without."""
    sets: dict[Reader, list[bool]] = defaultdict(list)
    for item in found:
        if isinstance(item, tuple):
            sets[item[0]].append(item[1])
    for reader, patterns in sets.items():
        if sorted(patterns) != [False, True]:
            fields.add_unexpected(argument, f"two patterns for {reader.role}", len(patterns))
        yield reader


def _read_replicas(fields: Fields, name: str, kms_key: Any) -> tuple[Replica, ...]:
    replicas = fields.object("replicas", "replicas")
    if replicas is None:
        return ()
    found = []
    for region, value, span in replicas.rest():
        replicas.notes.place((*replicas.path, region), span)
        found.append(Replica(region, _replica_key(value, region, name, kms_key)))
    return tuple(sorted(found, key=lambda replica: replica.region))


def _replica_key(value: Value, region: str, name: str, kms_key: Any) -> Any:
    """Returns the key of a replica; None for the one that goes with the key of its secret."""
    if text(value) == AWS_MANAGED_ALIAS:
        return None if kms_key == AWS_MANAGED else AWS_MANAGED
    dedicated = kms_key == DEDICATED
    own = key_module(name if dedicated else str(kms_key), dedicated=dedicated, region=region)
    if reference(value) == ("module", own, "arn"):
        return None
    return _arn(value)


def _arn(value: Value) -> Any:
    found = text(value)
    return found if str(found).startswith("arn:") else Code(code(value))
