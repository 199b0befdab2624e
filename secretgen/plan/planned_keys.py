"""What a plan does to keys and to rotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec.structs import replace

from secretgen.change import alterations as words
from secretgen.change.detect.secret_changes import rotation_slower
from secretgen.change.effects import Change, days
from secretgen.change.losses import KeyLoss, key_leaves, service_secret_leaves
from secretgen.model.changes import KMS_KEY, Kind, Subject, own_key, replica, secret
from secretgen.model.secret import RotationSchedule
from secretgen.plan.document import Json, ResourceChange
from secretgen.plan.owners import Owner
from secretgen.plan.secret_values import PlannedSecrets, forgotten


class PlannedKeys:
    """Describes changes of keys.

    Args:
        secrets: the secrets of the plan.
        region: the environment's primary Region.
    """

    def __init__(self, secrets: PlannedSecrets, region: str) -> None:
        self._secrets = secrets
        self._region = region

    def changes(self, change: ResourceChange, owner: Owner) -> Iterator[Change]:
        """Yields what happens to a key.

        Args:
            change: the change of the key.
            owner: what it belongs to.
        """
        before, after = change.before or {}, change.after or {}
        if change.leaves or change.replaced or change.forgotten:
            yield self._key_leaves(change, owner)
            return
        if not owner.is_key or not before or not after:
            return
        for attribute, field, what, is_slower in (
            ("rotation_period_in_days", "rotation_period_days", "the rotation period", 1),
            ("deletion_window_in_days", "deletion_window_days", "the deletion window", -1),
        ):
            old, new = before.get(attribute), after.get(attribute)
            if not (isinstance(old, int) and isinstance(new, int) and old):  # 0: no rotation yet
                continue
            if (new - old) * is_slower > 0:
                path = (*_path(owner.subject), field)
                yield words.slower(owner.subject.whole, path, what, days(old), days(new))

    def _key_leaves(self, change: ResourceChange, owner: Owner) -> Change:
        before = change.before or {}
        arn = before.get("arn")
        is_replica = owner.region != self._region
        users = [
            name
            for name in self._secrets.users(arn)
            if not is_replica or owner.region in self._secrets.regions_after(name)
        ]
        window = before.get("deletion_window_in_days")
        name = owner.name or change.address
        found = key_leaves(
            KeyLoss(
                name,
                owner.dedicated,
                window if isinstance(window, int) else None,
                regions=(owner.region,) if is_replica else (),
                users=tuple(users),
                forgotten=tuple(self._secrets.forgotten_users(arn)),
                allowing=self._allowing(change, owner) if is_replica else (),
                replaced=change.replaced,
            )
        )
        if not owner.is_key:
            subject, path = Subject(Kind.ENVIRONMENT), ("environment",)
            what = f"key {change.address} would be {'replaced' if change.replaced else 'destroyed'}"
            found = replace(
                found, subject=subject, path=path, summary=what, options=(), allowing=()
            )
        if change.forgotten:
            return forgotten(found, found.summary.split(" would ")[0])
        return found

    def _allowing(self, change: ResourceChange, owner: Owner) -> tuple[Subject, ...]:
        """Lists what an entry may name that allows the loss of a key in a replica Region."""
        if owner.dedicated:
            stays = owner.region in self._secrets.regions_after(owner.name)
            own, with_replica = own_key(owner.name), replica(owner.name, owner.region)
            return (own,) if stays else (with_replica, own)
        regional = Subject(Kind.KEYS, owner.name, f"replicas.{owner.region}")
        users = self._secrets.users((change.before or {}).get("arn"))
        stay = any(owner.region in self._secrets.regions_after(user) for user in users)
        return (regional, *(() if stay else (replica(user, owner.region) for user in users)))


def _path(subject: Subject) -> tuple[str, ...]:
    own = (KMS_KEY,) if subject.part else ()
    return (subject.kind.value, subject.name, *own)


def rotation_changes(
    change: ResourceChange, owner: Owner, of: ResourceChange | None
) -> Iterator[Change]:
    """Yields what happens to a rotation.

    Args:
        change: the change of the rotation.
        owner: what it belongs to.
        of: the change of its secret; None for one that is not in the plan.
    """
    before, after = change.before or {}, change.after or {}
    if owner.subject.kind is Kind.SERVICE_SECRETS:
        yield from _of_service(change, owner)
        return
    stays = of is None or (of.before is not None and of.after is not None)
    is_kept = of is not None and of.forgotten and change.leaves
    name = str(((of.before if of else None) or {}).get("name") or owner.name)
    if not (stays or is_kept) or not name:
        return
    if change.forgotten or change.leaves:
        yield words.rotation_ends(name)
    elif "create" in change.actions:
        yield words.rotation_begins(name, immediately=after.get("rotate_immediately") is not False)
    else:
        yield from rotation_slower(secret(name), _schedule(before), _schedule(after))


def permission_changes(
    change: ResourceChange, rotations: Iterable[ResourceChange], secrets: PlannedSecrets
) -> Iterator[Change]:
    """Yields the forgotten secrets whose function may no longer be invoked for them.

    Args:
        change: the change of the permission.
        rotations: the rotations of the plan.
        secrets: the secrets of the plan.
    """
    permission = change.before or {}
    function, pattern = (str(permission.get(name)) for name in ("function_name", "source_arn"))
    for rotation in rotations if change.leaves else ():
        before = (rotation.before or {}).get("rotation_lambda_arn")
        of = secrets.by_module.get(rotation.module)
        found = of.before if of is not None and of.forgotten else None
        if found and before == function and fnmatchcase(str(found.get("arn")), pattern):
            yield words.rotation_fails(str(found.get("name")), function, change.address)


def _of_service(change: ResourceChange, owner: Owner) -> Iterator[Change]:
    if change.leaves or change.replaced or change.forgotten:
        found = service_secret_leaves(owner.name, replaced=change.replaced)
        what = f"rotation of service secret {owner.name}"
        yield forgotten(found, what) if change.forgotten else found
    elif change.before and change.after:
        old, new = _schedule(change.before), _schedule(change.after)
        yield from rotation_slower(owner.subject, old, new)


def _schedule(values: Json) -> RotationSchedule:
    blocks = values.get("rotation_rules") or [{}]
    rules: Mapping[str, Any] = blocks[0] if isinstance(blocks[0], dict) else {}
    every, schedule = rules.get("automatically_after_days"), rules.get("schedule_expression")
    return RotationSchedule(
        (every or None) if isinstance(every, int) else None, str(schedule) if schedule else None
    )
