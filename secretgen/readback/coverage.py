"""Whether alarms cover all that they have to: they may listen to more, never to less."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from secretgen.hcl.hcl_nodes import Call, ListValue, Literal, ObjectValue, Value
from secretgen.model.environment import Aws, Key
from secretgen.model.names import key_modules, provider_alias
from secretgen.model.secret import Secret, ServiceSecret
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_values import reference, text

_FILTER_PREFIX = re.compile(r':secret:([^"*]*)\*"')


def check_rule(
    rule: Fields,
    kind: str,
    region: str | None,
    *,
    aws: Aws,
    secrets: Sequence[Secret],
    service_secrets: Sequence[ServiceSecret],
    keys: Sequence[Key],
) -> None:
    """Holds the pattern of a rule against the secrets or keys of its Region.

    Args:
        rule: its block.
        kind: what it tells of: the label without the Region.
        region: provider alias of the replica Region that it listens in; None for the primary.
        aws: the account.
        secrets: all secrets.
        service_secrets: those of AWS services.
        keys: all keys.
    """
    pattern = rule.take("event_pattern")
    values = list(_values(pattern)) if pattern else []
    if kind == "key_changed":
        found = {reference(value) for value in values} - {()}
        for key in keys:
            module = _module(key, region)
            if found and module and ("module", module, "arn") not in found:
                _uncovered(rule, key.name)
    elif kind in _CONCERNED:
        arns = tuple(str(text(v)) for v in values if str(text(v)).startswith("arn:"))
        concerned = [secret for secret in secrets if _CONCERNED[kind](secret)]
        of_services = service_secrets if kind == "rotation_failed" else ()
        for name, arn in _arns(concerned, of_services, region, aws):
            if not arn.startswith(arns):
                _uncovered(rule, name)
    elif kind in _CONCERNED_BY_NAME:
        names = pattern and _names(pattern)
        for secret in secrets:
            if _CONCERNED_BY_NAME[kind](secret) and not (names and names.cover(secret.name)):
                _uncovered(rule, secret.name)


_CONCERNED: Mapping[str, Callable[[Secret], bool]] = {
    "rotation_failed": lambda secret: secret.rotation is not None,
    "secret_changed": lambda _: True,
    "secret_read": lambda _: True,
    "secret_tagged": lambda _: True,
}
"""Which secrets a rule has to cover by ARN."""

_CONCERNED_BY_NAME: Mapping[str, Callable[[Secret], bool]] = {
    "secret_rotated": lambda secret: secret.rotation is not None,
    # Who writes a secret whose policy is unmanaged is not always told: by no permission set.
    "secret_written": lambda secret: secret.expects_no_write and secret.manages_policy,
}
"""Which secrets a rule has to cover by name."""


class _Names(Struct, frozen=True):
    """The names that a pattern matches: whole ones, and beginnings."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    def cover(self, name: str) -> bool:
        return name in self.whole or name.startswith(self.beginnings)


def _names(pattern: Value) -> _Names:
    """Reads what `detail.name` of a pattern matches."""
    document = pattern.arguments[0] if isinstance(pattern, Call) and pattern.arguments else pattern
    listed = _entry(_entry(document, "detail"), "name")
    items = listed.items if isinstance(listed, ListValue) else ()
    beginnings = tuple(b for item in items if (b := _entry(item, "prefix")) is not None)
    return _Names(
        frozenset(str(text(item)) for item in items if isinstance(item, Literal)),
        tuple(str(text(beginning)) for beginning in beginnings),
    )


def _entry(value: Value | None, key: str) -> Value | None:
    entries = value.entries if isinstance(value, ObjectValue) else ()
    return next((entry.value for entry in entries if entry.key == key), None)


def check_filter(log_filter: Fields, secrets: Sequence[Secret]) -> None:
    """Holds the pattern of a filter on CloudTrail's log against all secrets."""
    pattern = log_filter.take("pattern")
    prefixes = tuple(_FILTER_PREFIX.findall(str(text(pattern)))) if pattern else ()
    for secret in secrets:
        if not str(secret.name).startswith(prefixes):
            _uncovered(log_filter, str(secret.name))


def _arns(
    secrets: Iterable[Secret], of_services: Iterable[ServiceSecret], region: str | None, aws: Aws
) -> Iterator[tuple[str, str]]:
    """Yields names and ARNs of the secrets in a Region; the environment's own without suffix."""
    for secret in secrets:
        home = _region_of(secret, region, aws)
        if home:
            arn = f"arn:{aws.partition}:secretsmanager:{home}:{aws.account_id}:secret"
            yield secret.name, f"{arn}:{secret.name}-"
    for owned in of_services:
        yield owned.name, str(owned.arn)


def _uncovered(block: Fields, name: str) -> None:
    block.notes.add_unexpected((*block.path, "covers"), name, None, block.span)


def _region_of(secret: Secret, alias: str | None, aws: Aws) -> str | None:
    """Returns the Region with this provider alias if the secret is there."""
    if alias is None:
        return aws.region
    regions = (replica.region for replica in secret.replicas)
    return next((region for region in regions if provider_alias(region) == alias), None)


def _module(key: Key, alias: str | None) -> str | None:
    """Returns the label of a key's module block in a Region; None when the key is not there."""
    primary, *replicas = key_modules(key).items()
    if alias is None:
        return primary[1]
    return next((label for region, label in replicas if provider_alias(region) == alias), None)


def _values(value: Value) -> Iterator[Value]:
    """Yields all values in a value."""
    match value:
        case ObjectValue():
            for entry in value.entries:
                yield from _values(entry.value)
        case ListValue():
            for item in value.items:
                yield from _values(item)
        case Call():
            for argument in value.arguments:
                yield from _values(argument)
        case _:
            yield value
