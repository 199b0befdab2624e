"""The resolved environment, setting by setting, and where each value comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct

from secretgen.access.policies import KeyPlace, key_in
from secretgen.diagnostics import Span
from secretgen.model.changes import Changes
from secretgen.model.environment import Account, Environment, Key, Role
from secretgen.model.names import (
    key_alias,
    reader_arns,
    role_arn,
    secret_arn_pattern,
    secret_module,
    service_secret_rotation,
)
from secretgen.model.secret import (
    PLAIN_FIELDS,
    Literal,
    Number,
    Reader,
    Secret,
    ServiceSecret,
    Value,
)
from secretgen.model.trust import trusted
from secretgen.model.words import counted
from secretgen.spec.schema import Spec
from secretgen.spec.secret_schema import SecretSpec, ServiceSecretSpec
from secretgen.spec.suggest import find_secret
from secretgen.spec.types import Shape

Scalar = str | int | float | bool


class Origin(StrEnum):
    """Where a value comes from."""

    SECRET = "secret"  # noqa: S105
    DEFAULTS = "defaults"
    ENVIRONMENT = "environment"
    BUILT_IN = "built-in"
    DERIVED = "derived"


class Setting(Struct, frozen=True):
    """One value of the resolved environment.

    Args:
        path: where it is, in the spec's words.
        value: the value.
        origin: the secret itself, the `defaults` of the spec or of a part, another place in the
            spec, the language's own default, or worked out from other values.
        place: where it is written, in the spec or in a part; None if it is written nowhere.
    """

    path: tuple[str, ...]
    value: Scalar
    origin: Origin
    place: Span | None = None


class Settings(Struct, frozen=True):
    """The settings of an environment, or of one of its secrets."""

    environment: str
    secret: str
    settings: tuple[Setting, ...]


def settings_of(spec: Spec, environment: Environment, secret: str = "") -> Settings:
    """Lists every setting of an environment, or of one secret.

    Args:
        spec: the spec.
        environment: what it resolves to.
        secret: name of a secret; empty for the whole environment.

    Raises:
        UsageError: there is no such secret.
    """
    if secret:
        one = find_secret(environment, secret)
        return Settings(environment.name, secret, tuple(_secret(spec, environment, one)))
    of_secrets = (
        Setting(("secrets", item.name, *setting.path), setting.value, setting.origin)
        for item in environment.secrets
        for setting in _secret(spec, environment, item)
    )
    return Settings(environment.name, "", (*_environment(spec, environment), *of_secrets))


def _environment(spec: Spec, environment: Environment) -> Iterator[Setting]:
    yield Setting(("environment",), environment.name, Origin.ENVIRONMENT)
    if environment.description:
        yield Setting(("description",), environment.description, Origin.ENVIRONMENT)
    yield from _fields(("aws",), environment.aws, spec.aws, Origin.ENVIRONMENT)
    yield from _fields(("backend",), environment.backend, spec.backend, Origin.ENVIRONMENT)
    for account in environment.accounts:
        yield from _account(spec, environment, account)
    for key in environment.keys:
        if not key.dedicated:
            yield from _key(spec, key)
    if environment.monitoring and spec.monitoring:
        monitoring, notify = environment.monitoring, spec.monitoring.notify
        yield from _fields(("monitoring", "notify"), monitoring.notify, notify, Origin.ENVIRONMENT)
        yield from _fields(("monitoring",), monitoring, spec.monitoring, Origin.ENVIRONMENT)
    for name, value in environment.tags.items():
        yield Setting(("tags", name), value, Origin.ENVIRONMENT)
    for secret in environment.service_secrets:
        yield from _service_secret(spec.service_secrets[secret.name], secret)
    for path, given in (*_changes(environment.changes), *_ignores(environment)):
        yield Setting(path, given, Origin.ENVIRONMENT)


def _service_secret(spec: ServiceSecretSpec, secret: ServiceSecret) -> Iterator[Setting]:
    path, rotation = ("service_secrets", secret.name), ("service_secrets", secret.name, "rotation")
    yield Setting((*path, "address"), service_secret_rotation(secret.name), Origin.DERIVED)
    yield from _fields(path, secret, spec, Origin.ENVIRONMENT)
    yield from _fields(rotation, secret.rotation, spec.rotation, Origin.ENVIRONMENT)


def _changes(changes: Changes) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    for move in changes.moves:
        yield ("changes", "move", move.name), str(move.to)
    for forget in changes.forgets:
        yield ("changes", "forget", forget.name), True
    for destroy in changes.destroys:
        yield ("changes", "destroy", destroy.name), True
    for entry in changes.imports:
        path = ("changes", "import", entry.name)
        yield (*path, "id"), entry.id
        given = {"policy": entry.policy, "rotation": entry.rotation}
        yield from (((*path, option), True) for option, is_given in given.items() if is_given)


def _ignores(environment: Environment) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    for entry in environment.ignores:
        path = ("ignore", entry.rule, str(entry.of))
        yield (*path, "reason"), entry.reason
        if entry.until:
            yield (*path, "until"), entry.until


def _account(spec: Spec, environment: Environment, account: Account) -> Iterator[Setting]:
    path, given = ("accounts", account.name), spec.accounts[account.name]
    yield from _fields(path, account, given, Origin.ENVIRONMENT)
    service = _origin(given, "trusted_service", Origin.ENVIRONMENT)
    yield Setting((*path, "trusted_service"), given.trusted_service, service)
    for role in account.roles:
        of_role, settings = (*path, "roles", role.name), given.settings_of(role.name)
        reader = Reader(account.id, role.name, role.permission_set)
        arn = "; ".join(reader_arns(environment.aws.partition, reader))
        yield Setting(of_role, _does(arn, role), Origin.DERIVED)
        for name in ("existing", "permission_set"):
            origin = _origin(settings, name, Origin.ENVIRONMENT)
            yield Setting((*of_role, name), getattr(role, name), origin)
        if role.trust:
            origin = Origin.ENVIRONMENT if settings.trust else service
            yield Setting((*of_role, "trust"), "; ".join(trusted(role.trust)), origin)
        if role.permissions_boundary:
            boundary = role.permissions_boundary
            yield Setting((*of_role, "permissions_boundary"), boundary, Origin.ENVIRONMENT)


def _does(arn: str, role: Role) -> str:
    counts = {"reads": len({read.secret for read in role.reads}), "writes": len(role.writes)}
    said = (f"{verb} {counted(n, 'secret')}" for verb, n in counts.items() if n)
    return f"{arn} {' and '.join(said)}"


def _key(spec: Spec, key: Key) -> Iterator[Setting]:
    path = ("keys", key.name)
    yield Setting((*path, "alias"), key.alias, Origin.DERIVED)
    yield from _fields(path, key, spec.keys[key.name], Origin.ENVIRONMENT)
    yield Setting((*path, "deletion_protection"), _plain(key.deletion_protection), Origin.DERIVED)
    for regional in key.regions:
        yield Setting((*path, "regions", regional.region), key.alias, Origin.DERIVED)


def _fields(path: tuple[str, ...], value: Any, spec: Shape, given: Origin) -> Iterator[Setting]:
    """Lists the scalar fields that a part of the model shares with its part of the spec."""
    for name in type(spec).model_fields:
        item = getattr(value, name, None)
        if isinstance(item, tuple) and all(isinstance(part, str) for part in item):
            item = ", ".join(item)
        if isinstance(item, str | int) and item != "":
            yield Setting((*path, name.rstrip("_")), _plain(item), _origin(spec, name, given))


def _origin(spec: Shape, field: str, given: Origin) -> Origin:
    is_given = field in spec.model_fields_set and getattr(spec, field) is not None
    return given if is_given else Origin.BUILT_IN


def _plain(value: Scalar) -> Scalar:
    """Turns members of enumerations into their text."""
    return value.value if isinstance(value, StrEnum) else value


def _secret(spec: Spec, environment: Environment, secret: Secret) -> Iterator[Setting]:
    aws, from_ = environment.aws, _Sources(spec, secret.name)
    arn = secret_arn_pattern(aws, secret.name)
    yield Setting(("arn",), arn, Origin.DERIVED)
    yield Setting(("address",), f"module.{secret_module(secret.name)}", Origin.DERIVED)
    yield from from_.scalars(secret, *PLAIN_FIELDS, "group", "kms_key")
    yield Setting(("key",), _key_text(environment, secret, aws.region), Origin.DERIVED)
    yield from _value(secret.value, from_)
    for field in ("readers", "writers"):
        for role in getattr(secret, field):
            named = "; ".join(reader_arns(aws.partition, role))
            yield Setting((field, f"{role.account}:{role.role}"), named, from_.origin(field))
    for role in secret.exclusive.exempt if secret.exclusive else ():
        named = role_arn(aws.partition, aws.account_id, role)
        yield Setting(("exclusive", "except", role), named, from_.origin("exclusive"))
    yield Setting(("policy",), secret.policy.value, from_.origin("policy"))
    yield from from_.scalars(secret, "notify_readers")
    for replica in secret.replicas:
        key = _key_text(environment, secret, replica.region)
        yield Setting(("replicas", replica.region, "key"), key, from_.origin("replicas"))
    if secret.rotation and (rotation := from_.holder("rotation").rotation):
        origin = from_.origin("rotation")
        yield from _fields(("rotation",), secret.rotation, rotation, origin)
        if rotation.vpc:
            yield from _fields(("rotation", "vpc"), secret.rotation.vpc, rotation.vpc, origin)
    yield from from_.scalars(secret, "deletion_protection")
    for name, text in {**environment.tags, **secret.tags}.items():
        origin = from_.tag(name) if name in secret.tags else Origin.ENVIRONMENT
        yield Setting(("tags", name), text, origin)


class _Sources:
    """Returns for each field of a secret whether the secret or the spec's defaults gave it."""

    def __init__(self, spec: Spec, secret: str) -> None:
        self._written = spec.secrets[secret]
        self._defaults = spec.defaults

    def origin(self, field: str) -> Origin:
        if field in self._written.model_fields_set:
            return Origin.SECRET
        return Origin.DEFAULTS if field in self._defaults.model_fields_set else Origin.BUILT_IN

    def holder(self, field: str) -> SecretSpec:
        return self._written if self.origin(field) is Origin.SECRET else self._defaults

    def tag(self, name: str) -> Origin:
        return Origin.SECRET if name in self._written.tags else Origin.DEFAULTS

    def scalars(self, secret: Secret, *fields: str) -> Iterator[Setting]:
        for name in fields:
            if (value := getattr(secret, name)) != "":
                yield Setting((name,), value, self.origin(name))


def _value(value: Value, from_: _Sources) -> Iterator[Setting]:
    written, origin = from_.holder("value").value, from_.origin("value")
    yield Setting(("value", "from"), value.source.value, _origin(written, "from_", origin))
    if value.version is not None:
        yield Setting(("value", "version"), value.version, _origin(written, "version", origin))
    if value.password:
        yield from _fields(("value",), value.password, written, origin)
    for field in value.fields:
        path, given = ("value", "fields", field.name), written.fields[field.name]
        if field.literal is not None:
            yield Setting((*path, "literal"), _literal(field.literal), origin)
        else:
            yield Setting((*path, "from"), field.source.value, origin)
        if field.password:
            yield from _fields(path, field.password, given, origin)


def _literal(literal: Literal) -> Scalar:
    return json.loads(literal.text) if isinstance(literal, Number) else literal


def _key_text(environment: Environment, secret: Secret, region: str) -> str:
    key = key_in(secret, region)
    if isinstance(key, KeyPlace):
        return key_alias(environment.name, key.name, dedicated=key.dedicated)
    return key
