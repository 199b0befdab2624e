"""The picture from a Terraform state (`terraform show -json`), and the addresses in it.

A state holds values in plain text. While the file is parsed, each object loses the fields that hold
one, outputs are dropped, and of resources of other types only type and address are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from secretgen.errors import SecretgenError
from secretgen.live.account import LiveAccount, LiveKey, LiveSecret
from secretgen.live.json_text import Pairs, documents, only_place
from secretgen.live.records import RecordError, key_of, secret_of
from secretgen.model.changes import KEY, POLICY, ROTATION, SECRET, VERSION
from secretgen.user_files import read_bytes

ALIAS = "aws_kms_alias"

_VALUES = frozenset({"secret_string", "secret_string_wo", "secret_binary", "secret_binary_wo"})
_UNREAD = frozenset({"outputs", "sensitive_values"})
_READ_TYPES = frozenset({SECRET, POLICY, ROTATION, VERSION, KEY, ALIAS})

_FORMATS = frozenset({"0", "1"})
"""Major versions of what `terraform show -json` writes."""

_HINT = "Write it with `terraform show -json > state.json`."


class StateResource(Struct, frozen=True):
    """A managed resource of a state.

    Args:
        address: its address.
        type: its type.
        arn: ARN of the secret or key that it is or belongs to; empty if it belongs to none.
    """

    address: str
    type: str
    arn: str


class State(Struct, frozen=True):
    """What a state says.

    Args:
        account: the picture; versions and dates are not in a state.
        resources: its managed resources, by address.
    """

    account: LiveAccount
    resources: tuple[StateResource, ...]


def read_state(path: Path, *, account_id: str = "", region: str = "") -> State:
    """Reads a state that `terraform show -json` wrote.

    Args:
        path: the file.
        account_id: the account whose secrets are meant; empty for the only one in the state.
        region: their Region; empty for the only one in the state.

    Raises:
        SecretgenError: it cannot be read, or holds no secret of that account and Region.
    """
    return parse_state(read_bytes(path), str(path), account_id=account_id, region=region)


def parse_state(data: bytes, file: str, *, account_id: str = "", region: str = "") -> State:
    """Reads a state from its bytes, as `read_state` does."""
    found = documents(data, file, _without_values)
    if len(found) != 1 or not isinstance(found[0], dict):
        raise SecretgenError(f"{file} is not a state", _HINT, file)
    try:
        resources = list(_resources(_root_module(found[0], file)))
        _check_objects(resources, file)
        secrets = tuple(_secrets(resources))
        keys = tuple(_keys(resources))
        listed = sorted(_listed(resources), key=lambda r: r.address)
    except (RecordError, AttributeError, KeyError, TypeError) as error:
        why = (
            error.summary if isinstance(error, RecordError) else "a resource has an unexpected form"
        )
        raise SecretgenError(f"{file} cannot be read: {why}", _HINT, file) from None
    _check_addresses(listed, file)
    account, partition, place = only_place(secrets, file, account_id, region)
    here = (s for s in secrets if (s.account_id, s.region) == (account, place))
    picture = LiveAccount(
        account,
        place,
        partition,
        tuple(sorted(here, key=lambda s: s.name)),
        tuple(sorted(keys, key=lambda k: (k.region, k.arn))),
    )
    return State(picture, tuple(listed))


def _check_objects(resources: Iterable[Mapping[str, Any]], file: str) -> None:
    """Refuses secrets and keys that the next apply would destroy, wherever they have moved.

    Raises:
        SecretgenError: one is tainted, or left over from a replacement.
    """
    for resource in resources:
        if resource["type"] not in {SECRET, KEY}:
            continue
        if resource.get("tainted"):
            hint = f"Run `terraform untaint '{resource['address']}'` first."
            raise SecretgenError(f"{file}: {resource['address']} is tainted", hint, file)
        if resource.get("deposed_key"):
            summary = f"{file}: {resource['address']} has an object that is still to be deleted"
            raise SecretgenError(summary, "Plan and apply the old configuration first.", file)


def _check_addresses(resources: Iterable[StateResource], file: str) -> None:
    """Refuses a secret or key that is managed at two addresses.

    Raises:
        SecretgenError: there is one.
    """
    found: dict[str, str] = {}
    for resource in resources:
        if resource.type in {SECRET, KEY} and resource.arn:
            first = found.setdefault(resource.arn, resource.address)
            if first != resource.address:
                summary = f"{file} holds {resource.arn} at {first} and at {resource.address}"
                hint = f"Run `terraform state rm '{resource.address}'` first."
                raise SecretgenError(summary, hint, file)


def _without_values(pairs: Pairs) -> dict[str, Any]:
    """Makes a dict of an object, without values and without what is not read at all."""
    members = {
        name: value
        for name, value in pairs
        if name not in _VALUES and not (name in _UNREAD and isinstance(value, dict))
    }
    kind = members.get("type", SECRET)
    if "values" in members and not (isinstance(kind, str) and kind in _READ_TYPES):
        del members["values"]
    return members


def _root_module(document: Mapping[str, Any], file: str) -> Mapping[str, Any]:
    """Returns the root module of a state, or of the state before a plan."""
    if "resources" in document and "serial" in document:
        raise SecretgenError(f"{file} is a raw state file of Terraform", _HINT, file)
    before = document.get("prior_state", document)
    values = before.get("values") if isinstance(before, dict) else None
    root = values.get("root_module") if isinstance(values, dict) else None
    version = document.get("format_version")
    if not isinstance(version, str) or not isinstance(root, dict | None):
        raise SecretgenError(f"{file} is not a state", _HINT, file)
    if version.partition(".")[0] not in _FORMATS:
        hint = "Use a version of secretgen that supports this format."
        raise SecretgenError(f"{file} has an unsupported format_version: {version}", hint, file)
    return root or {}


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in module.get("resources") or ():
        if resource.get("mode") == "managed":
            yield resource
    for child in module.get("child_modules") or ():
        yield from _resources(child)


def _of_type(resources: Iterable[Mapping[str, Any]], kind: str) -> Iterator[Mapping[str, Any]]:
    return (r["values"] for r in resources if r["type"] == kind)


def _secrets(resources: list[Mapping[str, Any]]) -> Iterator[LiveSecret]:
    """Makes the secrets, by way of the answers that AWS would give about them."""
    policies = {
        v["secret_arn"]: v["policy"] for v in _of_type(resources, POLICY) if v.get("policy")
    }
    rotations = {_arn_in(v, "secret_id", "id"): v for v in _of_type(resources, ROTATION)}
    for values in _of_type(resources, SECRET):
        arn = values["arn"]
        yield secret_of({
            "ARN": arn,
            "Name": values["name"],
            "Description": values.get("description"),
            "KmsKeyId": values.get("kms_key_id"),
            "ReplicationStatus": [_replica(r) for r in values.get("replica") or ()],
            "Tags": _tags(values),
            "ResourcePolicy": policies.get(arn) or values.get("policy"),
            **_rotation(rotations.get(arn, values)),
        })  # fmt: skip


def _rotation(values: Mapping[str, Any]) -> dict[str, Any]:
    rules = (values.get("rotation_rules") or [{}])[0]
    enabled, function = values.get("rotation_enabled"), values.get("rotation_lambda_arn")
    if not (enabled or function or rules):
        return {}
    return {
        "RotationEnabled": True if enabled is None else enabled,
        "RotationLambdaARN": function,
        "RotationRules": {
            "AutomaticallyAfterDays": rules.get("automatically_after_days") or None,
            "ScheduleExpression": rules.get("schedule_expression"),
            "Duration": rules.get("duration"),
        },
    }


def _replica(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Region": values["region"],
        "KmsKeyId": values.get("kms_key_id"),
        "Status": values.get("status"),
        "StatusMessage": values.get("status_message"),
        "LastAccessedDate": values.get("last_accessed_date"),
    }


def _tags(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    tags = values.get("tags_all") or values.get("tags") or {}
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _keys(resources: list[Mapping[str, Any]]) -> Iterator[LiveKey]:
    aliases: dict[str, set[str]] = {}
    for values in _of_type(resources, ALIAS):
        aliases.setdefault(values.get("target_key_arn") or "", set()).add(values["name"])
    for values in _of_type(resources, KEY):
        in_store = values.get("custom_key_store_id") or values.get("xks_key_id")
        answer = {
            "Arn": values["arn"],
            "Description": values.get("description"),
            "KeyState": "Disabled" if values.get("is_enabled") is False else "Enabled",
            "KeyManager": "CUSTOMER",
            "MultiRegion": values.get("multi_region"),
            "Origin": "a custom key store" if in_store else "AWS_KMS",
            "KeySpec": values.get("customer_master_key_spec"),
            "KeyRotationEnabled": values.get("enable_key_rotation"),
            "RotationPeriodInDays": values.get("rotation_period_in_days"),
            "Tags": _tags(values),
            "Policy": values.get("policy"),
        }
        yield key_of(answer, aliases.get(values["arn"], ()))


_ARN_ATTRIBUTES = {
    SECRET: ("arn",),
    POLICY: ("secret_arn", "id"),
    # Older modules name the secret by its name, which `secret_id` then holds.
    ROTATION: ("secret_id", "id"),
    VERSION: ("arn", "secret_id"),
    KEY: ("arn",),
    ALIAS: ("target_key_arn",),
}
"""Attributes with the ARN of the secret or key that a resource is or belongs to."""


def _listed(resources: Iterable[Mapping[str, Any]]) -> Iterator[StateResource]:
    for resource in resources:
        kind = resource["type"]
        arn = _arn_in(resource.get("values") or {}, *_ARN_ATTRIBUTES.get(kind, ()))
        yield StateResource(resource["address"], kind, arn)


def _arn_in(values: Mapping[str, Any], *names: str) -> str:
    """Returns the first attribute that is an ARN; empty for none."""
    found = (values.get(name) for name in names)
    return next((v for v in found if isinstance(v, str) and v.startswith("arn:")), "")
