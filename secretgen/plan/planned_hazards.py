"""What a plan does that loses something: the same changes as between two specs, with addresses."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from secretgen.change import alterations as words
from secretgen.change.effects import Change, Option, days, yaml_text
from secretgen.change.losses import SecretLoss, deleted_in_aws, replica_leaves, secret_leaves
from secretgen.model.address import Address
from secretgen.model.changes import KEY, POLICY, ROTATION, SECRET, VERSION, own_key, secret
from secretgen.model.environment import Environment
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS
from secretgen.plan.access_sides import policy_of
from secretgen.plan.document import Json, PlanDocument, ResourceChange, without_instances
from secretgen.plan.owners import Owner, Owners
from secretgen.plan.planned_keys import PlannedKeys, permission_changes, rotation_changes
from secretgen.plan.secret_values import (
    PlannedSecrets,
    forgotten,
    is_protected,
    replicas_of,
    same_key,
)
from secretgen.plan.unrendered_resources import is_of_template

_PERMISSION = "aws_lambda_permission"
_TRAIL = "aws_cloudtrail"
_ALARM_KEYS = {"aws_kms_key.alarms": (), "aws_kms_key.trail": (words.trail_leaves(),)}
"""What the loss of a key comes to that encrypts no secret. A topic keeps no messages."""
_NOT_EVALUATED = (
    "The current policy has elements that secretgen does not evaluate, so who would lose access is "
    "unknown. Compare it with the rendered policy in the plan."
)


class Seen(Struct, frozen=True):
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
    yield from found.lost()


class _Hazards:
    """Looks at one change after another, with the others of the plan at hand."""

    def __init__(self, plan: PlanDocument, environment: Environment, owners: Owners) -> None:
        self._environment = environment
        self._owners = owners
        self._current = [c for c in plan.changes if c.mode == "managed" and not c.deposed]
        self._secrets = PlannedSecrets(plan)
        self._rotations = [c for c in self._current if c.type == ROTATION]
        self._keys = PlannedKeys(self._secrets, environment.aws.region)
        self._likely = self._secrets.likely_names
        self._keys_left = {
            (owner.subject, owner.region): change
            for change in self._current
            if change.type == KEY and (change.leaves or change.replaced)
            for owner in (owners.of(change.address),)
        }
        self._lost = plan.lost
        self._lost_keys = {str((c.before or {}).get("arn")) for c in plan.lost if c.type == KEY}
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
        elif change.address in _ALARM_KEYS and change.leaves and not owner.name:
            found = iter(_ALARM_KEYS[change.address])
        elif change.type == KEY:
            found = self._keys.changes(change, owner)
        elif change.type == VERSION:
            found = self._of_version(change, owner)
        elif change.type == ROTATION:
            found = rotation_changes(change, owner, self._secrets.by_module.get(change.module))
        elif change.type == _PERMISSION:
            found = permission_changes(change, self._rotations, self._secrets)
        elif change.type == POLICY:
            found = self._of_policy(change)
        elif change.type == _TRAIL and (change.leaves or change.replaced):
            found = iter([words.trail_leaves()])
        else:
            return
        address = [Address(without_instances(change.address))] if change.forgotten else []
        is_foreign = not owner.name and not is_of_template(change, self._owners)
        for item in found:
            region = _region_of(item) or item.subject.region or owner.region
            options = _by_address(item.options, change) if is_foreign else item.options
            by_address = replace(item, options=options, allowing=(*item.allowing, *address))
            yield Seen(by_address, change.address, region)

    def lost(self) -> Iterator[Seen]:
        """Yields what was deleted in AWS and is needed still."""
        created = {change.address for change in self._current if change.created}
        for change in self._lost:
            before, owner = change.before or {}, self._owners.of(change.address)
            region, is_new = f" --region {owner.region}", change.address in created
            if change.type == SECRET and is_new:
                name = str(before.get("name"))
                restore = f"aws secretsmanager restore-secret --secret-id {quote(name)}{region}"
                found = deleted_in_aws(secret(name), f"secret {name}", restore)
                yield Seen(found, change.address, owner.region)
            elif change.type == KEY:
                users = [] if is_new else self._secrets.users(before.get("arn"))
                key = f" --key-id {quote(str(before.get('key_id')))}{region}"
                restore = f"aws kms cancel-key-deletion{key} && aws kms enable-key{key}"
                found = deleted_in_aws(owner.subject, f"key {change.address}", restore, users=users)
                if is_new or users:
                    yield Seen(found, change.address, owner.region)

    def _of_secret(self, change: ResourceChange) -> Iterator[Change]:
        before, after = change.before or {}, change.after or {}
        name = str(before.get("name") or after.get("name"))
        if change.leaves or change.replaced or change.forgotten:
            yield self._secret_leaves(name, change)
        elif change.before is not None and change.actions == ("update",):
            yield from self._secret_changes(name, before, after, change.unknown)
        if is_protected(before) and change.after is not None and not is_protected(after):
            yield words.protection_off(name)

    def _secret_leaves(self, name: str, change: ResourceChange) -> Change:
        before = change.before or {}
        window = before.get("recovery_window_in_days")
        loss = SecretLoss(
            name,
            window if isinstance(window, int) else None,
            has_own_key=(own_key(name), self._environment.aws.region) in self._keys_left,
            replicas=tuple(sorted(replicas_of(before))),
            likely_name=self._likely.get(name, ""),
            replaced=change.replaced,
        )
        found = secret_leaves(loss)
        return forgotten(found, f"secret {name}") if change.forgotten else found

    def _secret_changes(
        self, name: str, before: Json, after: Json, unknown: Json
    ) -> Iterator[Change]:
        old, new = replicas_of(before), replicas_of(after)
        for region in sorted(old.keys() - new.keys()):
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
        if str(old) in self._lost_keys or (not is_new_key and same_key(old, new)):
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

    def _of_version(self, change: ResourceChange, owner: Owner) -> Iterator[Change]:
        writes = "create" in change.actions or change.actions == ("update",)
        of = self._secrets.by_module.get(change.module)
        if not writes or (of is not None and of.created):
            return
        name = str(((of.after if of else None) or {}).get("name") or owner.name or change.address)
        before = (change.before or {}).get("secret_string_wo_version")
        after = (change.after or {}).get("secret_string_wo_version")
        yield words.live_value_written(name, before, after)

    def _of_policy(self, change: ResourceChange) -> Iterator[Change]:
        of = self._secrets.by_module.get(change.module)
        if of is None or of.before is None or of.after is None:
            return
        name = str(of.before.get("name"))
        if change.created and of.before.get("policy"):
            yield words.policy_switched(name, managed=True)
        elif change.forgotten:
            yield words.policy_switched(name, managed=False)
        elif change.actions == ("update",) and policy_of(name, change.before or {}) is None:
            yield replace(words.policy_switched(name, managed=True), detail=_NOT_EVALUATED)


def _by_address(options: tuple[Option, ...], change: ResourceChange) -> tuple[Option, ...]:
    """Returns how to allow that something leaves that secretgen did not render."""
    kept = tuple(option for option in options if option.entry.startswith("destroy"))
    if change.replaced:
        return kept
    meaning = "stays in AWS, no longer managed by Terraform"
    return (*kept, Option(f"forget: {yaml_text(without_instances(change.address))}", meaning))


def _region_of(change: Change) -> str:
    """Returns the Region of a replica that a change is about; empty for none."""
    path = change.path
    for name in ("replicas", "regions"):
        if name in path[2:-1] or path[-2:-1] == (name,):
            return str(path[path.index(name, 2) + 1])
    return ""
