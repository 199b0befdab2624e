"""What a plan does to keys."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from secretgen.change import alterations as words
from secretgen.change.effects import Change
from secretgen.change.losses import KeyLoss, key_leaves
from secretgen.change.phrases import days
from secretgen.model.changes import KMS_KEY, Kind, Subject, own_key, replica
from secretgen.plan.document import ResourceChange
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
            subject = Subject(Kind.ENVIRONMENT)
            summary = (
                f"key {change.address} would be {'replaced' if change.replaced else 'destroyed'}"
            )
            found = replace(
                found,
                subject=subject,
                path=("environment",),
                summary=summary,
                options=(),
                allowing=(),
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
