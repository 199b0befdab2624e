"""The resource and key policies of a plan, before it or after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from secretgen.access.policies import KeyPlace, Policies, secret_title
from secretgen.model.changes import KEY, POLICY, SECRET
from secretgen.model.secret import (
    AWS_MANAGED,
    AWS_MANAGED_ALIAS,
    DEDICATED,
    Replica,
    ResourcePolicy,
    Secret,
)
from secretgen.plan.document import Json, PlanDocument, ResourceChange, parsed
from secretgen.plan.owners import Owners
from secretgen.plan.planned_policies import Values, before_of
from secretgen.policy.parse import Policy, UnsupportedPolicyError, parse_policy


class Side(Struct, frozen=True):
    """The policies of a plan, before it or after it.

    Args:
        secrets: resource policies by the address of the module; None for one that cannot be
            evaluated.
        keys: key policies by the name of the key; None for one that cannot be evaluated.
        arns: keys by their ARNs and ids.
    """

    secrets: Mapping[str, Policy | None]
    keys: Mapping[str, Mapping[KeyPlace, Policy | None]]
    arns: Mapping[str, KeyPlace]


def key_place(owners: Owners, change: ResourceChange) -> KeyPlace | None:
    """Returns which key of the environment the change of a key is about; None for another one."""
    owner = owners.of(change.address)
    return KeyPlace(owner.name, owner.dedicated, owner.region) if owner.is_key else None


def side_of(plan: PlanDocument, owners: Owners, values: Values) -> Side:
    """Collects the policies of one side of a plan.

    Args:
        plan: the plan of an environment.
        owners: finds what an address belongs to.
        values: takes the values before the plan, or those after it.
    """
    secrets: dict[str, Policy | None] = {}
    keys: dict[str, dict[KeyPlace, Policy | None]] = {}
    arns: dict[str, KeyPlace] = {}
    for change in plan.changes:
        found = values(change)
        if found is None or change.deposed:
            continue
        if change.type == POLICY:
            secrets[change.module] = policy_of(secret_title(change.module), found)
        elif change.type == SECRET and values is before_of and found.get("policy") is not None:
            # What AWS has where no resource of the state manages it.
            secrets.setdefault(change.module, policy_of(secret_title(change.module), found))
        elif change.type == KEY and (place := key_place(owners, change)):
            keys.setdefault(place.name, {})[place] = policy_of(place.title, found)
            arns |= {str(found.get(name)): place for name in ("arn", "key_id") if found.get(name)}
    return Side(secrets, keys, arns)


def policy_of(title: str, values: Json) -> Policy | None:
    """Returns the policy of a resource; None for one that cannot be evaluated.

    Args:
        title: what the policy is of, for messages.
        values: the values of the resource.
    """
    if values.get("policy") == "":
        return Policy(title, ())
    try:
        return parse_policy(title, parsed(values.get("policy")))
    except UnsupportedPolicyError:
        return None


def as_before(secret: Secret, values: Json, side: Side, module: str) -> Secret:
    """Returns a secret with the key, the replicas and the management of its policy before."""
    replicas = [item for item in values.get("replica") or () if isinstance(item, Mapping)]
    key = _key_before(secret, values.get("kms_key_id"), side)
    is_known = secret.manages_policy and module in side.secrets
    found = (
        Replica(str(item.get("region")), _replica_key(key, item.get("kms_key_id"), side))
        for item in replicas
    )
    return replace(
        secret,
        kms_key=key,
        replicas=tuple(sorted(found, key=lambda r: r.region)),
        policy=ResourcePolicy.MANAGED if is_known else ResourcePolicy.UNMANAGED,
    )


def _key_before(secret: Secret, given: Any, side: Side) -> str:
    if _is_managed(given):
        return AWS_MANAGED
    place = side.arns.get(str(given))
    if place is None or (place.dedicated and place.name != secret.name):
        return _as_arn(given)
    return DEDICATED if place.dedicated else place.name


def _replica_key(key: str, given: Any, side: Side) -> str | None:
    if _is_managed(given):
        return None if key == AWS_MANAGED else AWS_MANAGED
    return None if str(given) in side.arns else _as_arn(given)


def _is_managed(key: Any) -> bool:
    return not key or str(key).endswith(AWS_MANAGED_ALIAS)


def _as_arn(key: Any) -> str:
    """Makes an ARN of what AWS knows a key by: nothing else of it matters here."""
    text = str(key)
    return text if text.startswith("arn:") else f"arn:aws:kms:::{text}"


def policies_of(secret: Secret, side: Side, module: str) -> Policies | None:
    """Returns the policies that decide over a secret; None where one cannot be evaluated."""
    policy = side.secrets.get(module)
    if module in side.secrets and policy is None:
        return None
    keys = {**side.keys.get(secret.name, {}), **side.keys.get(secret.kms_key, {})}
    if None in keys.values():
        return None
    return Policies(
        {secret.name: policy} if policy else {},
        {place: found for place, found in keys.items() if found},
        {},
    )
