"""The picture from a Terraform state (`terraform show -json`), and the addresses in it.

A state holds values in clear. While the file is parsed, each object loses the fields that hold one,
outputs are dropped, and of resources of other types only type and address are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secretgen.errors import SecretgenError
from secretgen.live.account import LiveAccount, LiveKey, LiveReplica, LiveRotation, LiveSecret
from secretgen.live.json_text import Pairs, documents
from secretgen.live.place import only_place
from secretgen.live.records import RecordError, date_of, document_of
from secretgen.user_files import read_bytes

SECRET = "aws_secretsmanager_secret"  # noqa: S105 -- a type of Terraform's
POLICY = f"{SECRET}_policy"
ROTATION = f"{SECRET}_rotation"
VERSION = f"{SECRET}_version"
KEY = "aws_kms_key"
ALIAS = "aws_kms_alias"

_VALUES = frozenset({"secret_string", "secret_string_wo", "secret_binary", "secret_binary_wo"})
_UNREAD = frozenset({"outputs", "sensitive_values"})
_READ_TYPES = frozenset({SECRET, POLICY, ROTATION, VERSION, KEY, ALIAS})

_HINT = "Write it with `terraform show -json > state.json`."


@dataclass(frozen=True, slots=True)
class StateResource:
    """A managed resource of a state.

    Args:
        address: its address.
        type: its type.
        arn: ARN of the secret or key that it is or belongs to; empty if it belongs to none.
    """

    address: str
    type: str
    arn: str


@dataclass(frozen=True, slots=True)
class State:
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
    resources = list(_resources(_root_module(found[0], file)))
    try:
        secrets = tuple(_secrets(resources))
        keys = tuple(_keys(resources))
    except (RecordError, AttributeError, KeyError, TypeError) as error:
        why = error.summary if isinstance(error, RecordError) else "a resource has another form"
        raise SecretgenError(f"{file} cannot be understood: {why}", _HINT, file) from None
    account, partition, place = only_place(secrets, file, account_id, region)
    here = (s for s in secrets if (s.account_id, s.region) == (account, place))
    picture = LiveAccount(
        account,
        place,
        partition,
        tuple(sorted(here, key=lambda s: s.name)),
        tuple(sorted(keys, key=lambda k: (k.region, k.arn))),
    )
    return State(picture, tuple(sorted(_listed(resources), key=lambda r: r.address)))


def _without_values(pairs: Pairs) -> dict[str, Any]:
    """Makes a dict of an object, without values and without what is not read at all."""
    members = {
        name: value
        for name, value in pairs
        if name not in _VALUES and not (name in _UNREAD and isinstance(value, dict))
    }
    if "values" in members and members.get("type", SECRET) not in _READ_TYPES:
        del members["values"]
    return members


def _root_module(document: Mapping[str, Any], file: str) -> Mapping[str, Any]:
    """Returns the root module of a state, or of the state before a plan."""
    if "resources" in document and "serial" in document:
        raise SecretgenError(f"{file} is a state file of Terraform's own form", _HINT, file)
    before = document.get("prior_state", document)
    values = before.get("values") if isinstance(before, dict) else None
    root = values.get("root_module") if isinstance(values, dict) else None
    if "format_version" not in document or not isinstance(root, dict | None):
        raise SecretgenError(f"{file} is not a state", _HINT, file)
    return root or {}


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in module.get("resources", ()):
        if resource.get("mode") == "managed":
            yield resource
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def _of_type(resources: Iterable[Mapping[str, Any]], kind: str) -> Iterator[Mapping[str, Any]]:
    return (r["values"] for r in resources if r["type"] == kind)


def _secrets(resources: list[Mapping[str, Any]]) -> Iterator[LiveSecret]:
    policies = {
        v["secret_arn"]: v["policy"] for v in _of_type(resources, POLICY) if v.get("policy")
    }
    rotations = {v["secret_id"]: v for v in _of_type(resources, ROTATION)}
    for values in _of_type(resources, SECRET):
        arn = values["arn"]
        policy = policies.get(arn) or values.get("policy")
        yield LiveSecret(
            arn=arn,
            name=values["name"],
            description=values.get("description") or "",
            kms_key=values.get("kms_key_id") or "",
            rotation=_rotation(rotations.get(arn, values)),
            replicas=tuple(sorted(map(_replica, values.get("replica") or ()), key=_region)),
            tags=dict(sorted((values.get("tags_all") or values.get("tags") or {}).items())),
            policy=document_of(policy, f"policy of {values['name']}"),
        )


def _rotation(values: Mapping[str, Any]) -> LiveRotation | None:
    rules = (values.get("rotation_rules") or [{}])[0]
    enabled, function = values.get("rotation_enabled"), values.get("rotation_lambda_arn")
    if not (enabled or function or rules):
        return None
    return LiveRotation(
        enabled=enabled is not False,
        lambda_arn=function or "",
        every_days=rules.get("automatically_after_days") or None,
        schedule=rules.get("schedule_expression") or "",
        duration=rules.get("duration") or "",
    )


def _replica(values: Mapping[str, Any]) -> LiveReplica:
    return LiveReplica(
        region=values["region"],
        kms_key=values.get("kms_key_id") or "",
        status=values.get("status") or "",
        status_message=values.get("status_message") or "",
        last_accessed=date_of(values.get("last_accessed_date"), "last_accessed_date"),
    )


def _region(replica: LiveReplica) -> str:
    return replica.region


def _keys(resources: list[Mapping[str, Any]]) -> Iterator[LiveKey]:
    aliases: dict[str, set[str]] = {}
    for values in _of_type(resources, ALIAS):
        aliases.setdefault(values.get("target_key_arn") or "", set()).add(values["name"])
    for values in _of_type(resources, KEY):
        yield LiveKey(
            arn=values["arn"],
            aliases=tuple(sorted(aliases.get(values["arn"], ()))),
            description=values.get("description") or "",
            state="Disabled" if values.get("is_enabled") is False else "Enabled",
            manager="CUSTOMER",
            multi_region=values.get("multi_region") is True,
            origin="AWS_KMS",
            spec=values.get("customer_master_key_spec") or "",
            rotation_enabled=values.get("enable_key_rotation"),
            rotation_period_days=values.get("rotation_period_in_days"),
            tags=dict(sorted((values.get("tags_all") or values.get("tags") or {}).items())),
            policy=document_of(values.get("policy"), f"policy of {values['arn']}"),
        )


def _listed(resources: Iterable[Mapping[str, Any]]) -> Iterator[StateResource]:
    for resource in resources:
        values = resource.get("values") or {}
        kind = resource["type"]
        by_type = {
            SECRET: ("arn",),
            POLICY: ("secret_arn",),
            ROTATION: ("secret_id",),
            VERSION: ("arn", "secret_id"),
            KEY: ("arn",),
            ALIAS: ("target_key_arn",),
        }
        arn = next((values[n] for n in by_type.get(kind, ()) if values.get(n)), "")
        yield StateResource(resource["address"], kind, arn)
