"""What a plan does that loses something: the same changes as between two specs, with addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from secretgen.change import alterations as words
from secretgen.change.effects import Change, Effect
from secretgen.change.losses import (
    KeyLoss,
    SecretLoss,
    key_leaves,
    replica_leaves,
    secret_leaves,
    service_secret_leaves,
)
from secretgen.change.phrases import days
from secretgen.model.changes import (
    KEY,
    ROTATION,
    SECRET,
    VERSION,
    Kind,
    Subject,
    own_key,
    replica,
    secret,
)
from secretgen.model.environment import Environment
from secretgen.model.names import PROTECTION_TAG
from secretgen.model.schedule import hours_between
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS
from secretgen.plan.document import Json, PlanDocument, ResourceChange
from secretgen.plan.owners import Owner, Owners
from secretgen.plan.planned_renames import likely_names


@dataclass(frozen=True, slots=True)
class Seen:
    """A change that a plan makes, with the place where it shows.

    Args:
        change: the change.
        address: address of the resource.
        region: Region of what is changed.
    """

    change: Change
    address: str
    region: str


def hazards(plan: PlanDocument, environment: Environment, owners: Owners) -> Iterator[Seen]:
    """Yields what an environment's plan loses, overwrites or weakens.

    Args:
        plan: the plan.
        environment: the environment as the spec describes it.
        owners: finds what an address belongs to.
    """
    found = _Hazards(plan, environment, owners)
    for change in plan.changes:
        if change.mode == "managed":
            yield from found.of(change)


class _Hazards:
    """Looks at one change after another, with the others of the plan at hand."""

    def __init__(self, plan: PlanDocument, environment: Environment, owners: Owners) -> None:
        self._environment = environment
        self._owners = owners
        self._current = [c for c in plan.changes if c.mode == "managed" and not c.deposed]
        self._secrets = {c.module: c for c in self._current if c.type == SECRET}
        self._likely = likely_names(list(self._secrets.values()))
        self._keys_left = {
            (owner.subject, owner.region): change
            for change in self._current
            if change.type == KEY and (change.leaves or change.replaced)
            for owner in (owners.of(change.address),)
        }
        self._key_names = {
            str((c.before or {}).get("arn")): self._title(owners.of(c.address))
            for c in self._current
            if c.type == KEY and c.before
        }

    def of(self, change: ResourceChange) -> Iterator[Seen]:
        owner = self._owners.of(change.address)
        found: Iterator[Change]
        if change.type == SECRET:
            found = self._of_secret(change)
        elif change.type == KEY:
            found = self._of_key(change, owner)
        elif change.type == VERSION:
            found = self._of_version(change, owner)
        elif change.type == ROTATION:
            found = self._of_rotation(change, owner)
        else:
            return
        for item in found:
            region = item.subject.region or owner.region
            yield Seen(item, change.address, _region_of(item) or region)

    def _of_secret(self, change: ResourceChange) -> Iterator[Change]:
        before, after = change.before or {}, change.after or {}
        name = str(before.get("name") or after.get("name"))
        if change.leaves or change.replaced or change.forgotten:
            yield self._secret_leaves(name, change)
        elif change.before is not None and change.actions == ("update",):
            yield from self._secret_changes(name, before, after, change.unknown)
        if _is_protected(before) and change.after is not None and not _is_protected(after):
            yield words.protection_off(name)

    def _secret_leaves(self, name: str, change: ResourceChange) -> Change:
        before = change.before or {}
        window = before.get("recovery_window_in_days")
        loss = SecretLoss(
            name,
            window if isinstance(window, int) else None,
            has_own_key=(own_key(name), self._environment.aws.region) in self._keys_left,
            replicas=tuple(sorted(_replicas(before))),
            likely_name=self._likely.get(name, ""),
            replaced=change.replaced,
        )
        found = secret_leaves(loss)
        return _forgotten(found, f"secret {name}") if change.forgotten else found

    def _secret_changes(
        self, name: str, before: Json, after: Json, unknown: Json
    ) -> Iterator[Change]:
        old, new = _replicas(before), _replicas(after)
        is_computed = unknown.get("replica") is True
        for region in sorted(old.keys() - new.keys()) if not is_computed else ():
            key = (own_key(name), region) in self._keys_left
            yield replica_leaves(name, region, has_own_key=key, is_last=not new)
        yield from self._key_changes(name, before, after, unknown, "")
        masks = unknown.get("replica")
        by_region = {
            region: masks[index]
            for index, region in enumerate(new)
            if isinstance(masks, list) and index < len(masks) and isinstance(masks[index], dict)
        }
        for region in old.keys() & new.keys():
            mask = by_region.get(region, {})
            yield from self._key_changes(name, old[region], new[region], mask, region)
        window, window_now = (v.get("recovery_window_in_days") for v in (before, after))
        if isinstance(window, int) and isinstance(window_now, int) and window_now < window:
            path = ("secrets", name, "recovery_window_days")
            what = "the recovery window"
            yield words.slower(secret(name), path, what, days(window), days(window_now))

    def _key_changes(
        self, name: str, before: Json, after: Json, unknown: Json, region: str
    ) -> Iterator[Change]:
        old = before.get("kms_key_id")
        is_new_key = unknown.get("kms_key_id") is True
        new = None if is_new_key else after.get("kms_key_id")
        if not is_new_key and _same_key(old, new):
            return
        planned = self._spec_key(name, region) if is_new_key else self._key_title(new)
        yield words.key_changes(name, self._key_title(old), planned, region=region)

    def _spec_key(self, name: str, region: str) -> str:
        """Returns the key that the spec gives to a secret, in its words."""
        found = next((s for s in self._environment.secrets if s.name == name), None)
        if found is None:
            return "a new key"
        of_replica = next((r.kms_key for r in found.replicas if r.region == region), None)
        return of_replica or found.kms_key

    def _key_title(self, arn: Any) -> str:
        if not arn or str(arn).endswith(AWS_MANAGED_ALIAS):
            return AWS_MANAGED
        return self._key_names.get(str(arn), str(arn))

    @staticmethod
    def _title(owner: Owner) -> str:
        return "dedicated" if owner.dedicated else owner.name

    def _of_key(self, change: ResourceChange, owner: Owner) -> Iterator[Change]:
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
            if isinstance(old, int) and isinstance(new, int) and (new - old) * is_slower > 0:
                path = (*_path(owner.subject), field)
                yield words.slower(owner.subject.whole, path, what, days(old), days(new))

    def _key_leaves(self, change: ResourceChange, owner: Owner) -> Change:
        before = change.before or {}
        arn = before.get("arn")
        is_replica = owner.region != self._environment.aws.region
        users = [
            name
            for name in self._users(arn)
            if not is_replica or owner.region in self._regions_after(name)
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
            return _forgotten(found, found.summary.split(" would ")[0])
        return found

    def _users(self, key_arn: Any) -> list[str]:
        """Lists the secrets that a key encrypted and that stay."""
        changes = (c for c in self._secrets.values() if c.before and c.after is not None)
        return sorted(
            str(c.before["name"]) for c in changes if c.before and _uses(c.before, key_arn)
        )

    def _regions_after(self, name: str) -> set[str]:
        """Returns the Regions in which a secret has a replica from now on."""
        changes = (c.after for c in self._secrets.values() if c.after)
        return {r for after in changes if after.get("name") == name for r in _replicas(after)}

    def _allowing(self, change: ResourceChange, owner: Owner) -> tuple[Subject, ...]:
        """Lists what an entry may name that allows the loss of a key in a replica Region."""
        if owner.dedicated:
            stays = owner.region in self._regions_after(owner.name)
            own, with_replica = own_key(owner.name), replica(owner.name, owner.region)
            return (own,) if stays else (with_replica, own)
        regional = Subject(Kind.KEYS, owner.name, f"replicas.{owner.region}")
        users = self._users((change.before or {}).get("arn"))
        stay = any(owner.region in self._regions_after(user) for user in users)
        return (regional, *(() if stay else (replica(user, owner.region) for user in users)))

    def _of_version(self, change: ResourceChange, owner: Owner) -> Iterator[Change]:
        writes = "create" in change.actions or change.actions == ("update",)
        of = self._secrets.get(change.module)
        if not writes or (of is not None and of.created):
            return
        name = str(((of.after if of else None) or {}).get("name") or owner.name or change.address)
        before = (change.before or {}).get("secret_string_wo_version")
        after = (change.after or {}).get("secret_string_wo_version")
        yield words.live_value_written(name, before, after)

    def _of_rotation(self, change: ResourceChange, owner: Owner) -> Iterator[Change]:
        before, after = change.before or {}, change.after or {}
        if owner.subject.kind is Kind.SERVICE_SECRETS:
            yield from self._of_service(change, owner)
            return
        of = self._secrets.get(change.module)
        stays = of is None or (of.before is not None and of.after is not None)
        name = str(((of.before if of else None) or {}).get("name") or owner.name)
        if not stays or not name:
            return
        if change.forgotten or change.leaves:
            yield words.rotation_ends(name)
        elif "create" in change.actions:
            yield words.rotation_begins(
                name, immediately=after.get("rotate_immediately") is not False
            )
        else:
            yield from _slower(secret(name), before, after)

    def _of_service(self, change: ResourceChange, owner: Owner) -> Iterator[Change]:
        if change.leaves or change.replaced or change.forgotten:
            found = service_secret_leaves(owner.name, replaced=change.replaced)
            what = f"rotation of service secret {owner.name}"
            yield _forgotten(found, what) if change.forgotten else found
        elif change.before and change.after:
            yield from _slower(owner.subject, change.before, change.after)


def _slower(subject: Subject, before: Json, after: Json) -> Iterator[Change]:
    old, new = (_rules(values) for values in (before, after))
    hours, hours_now = (hours_between(days_, schedule) for days_, schedule in (old, new))
    if hours is None or hours_now is None or hours_now <= hours:
        return
    field = "every_days" if new[0] is not None else "schedule"
    path = (subject.kind.value, subject.name, "rotation", field)
    yield words.slower(subject, path, "rotation", *(_when(*rules) for rules in (old, new)))


def _rules(values: Json) -> tuple[int | None, str | None]:
    blocks = values.get("rotation_rules") or [{}]
    rules: Mapping[str, Any] = blocks[0] if isinstance(blocks[0], dict) else {}
    every, schedule = rules.get("automatically_after_days"), rules.get("schedule_expression")
    return (every or None) if isinstance(every, int) else None, str(schedule) if schedule else None


def _when(every: int | None, schedule: str | None) -> str:
    return f"every {days(every)}" if every is not None else str(schedule)


def _forgotten(found: Change, what: str) -> Change:
    """Describes that something leaves the state, and nothing manages it any more."""
    return replace(
        found,
        effect=Effect.FORGET,
        summary=f"{what} would leave the state",
        detail="It stays in AWS as it is, and Terraform no longer manages it.",
        options=tuple(option for option in found.options if option.entry.startswith("forget")),
    )


def _replicas(values: Json) -> dict[str, Json]:
    """Returns the replicas of a secret by Region."""
    return {
        str(item.get("region")): item
        for item in values.get("replica") or []
        if isinstance(item, dict)
    }


def _uses(values: Json, key_arn: Any) -> bool:
    """Tells whether a secret or a replica of it is encrypted with a key."""
    keys = [values.get("kms_key_id"), *(r.get("kms_key_id") for r in _replicas(values).values())]
    return key_arn is not None and key_arn in keys


def _is_protected(values: Json) -> bool:
    return (values.get("tags") or {}).get(PROTECTION_TAG) == "true"


def _same_key(old: Any, new: Any) -> bool:
    if old == new:
        return True
    managed = [not key or str(key).endswith(AWS_MANAGED_ALIAS) for key in (old, new)]
    if any(managed):
        return all(managed)
    return str(new).rpartition("/")[2] == str(old)  # the id of the key and its ARN


def _path(subject: Subject) -> tuple[str, ...]:
    own = ("kms_key",) if subject.part else ()
    return (subject.kind.value, subject.name, *own)


def _region_of(change: Change) -> str:
    """Returns the Region of a replica that a change is about; empty for none."""
    path = change.path
    for name in ("replicas", "regions"):
        if name in path[2:-1] or path[-2:-1] == (name,):
            return str(path[path.index(name, 2) + 1])
    return ""
