"""What becomes of KMS keys, and which secrets get another one."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.change import alterations as words
from secretgen.change.comparison import Comparison
from secretgen.change.effects import Change, days
from secretgen.change.losses import KeyLoss, key_leaves
from secretgen.model.changes import Subject, key_of, key_part, own_key, secret, shared_key
from secretgen.model.environment import Key
from secretgen.model.secret import DEDICATED, Secret


def losses(comparison: Comparison) -> Iterator[Change]:
    """Yields the keys that leave, in one Region or in all: protected ones, and those in use.

    A key is in use when it encrypts a secret that is forgotten and so stays in AWS.
    """
    for old in comparison.before.keys:
        if _is_removed_with_its_secret(old, comparison):
            continue
        new = comparison.keys_after.get(_subject(old))
        end = new or _moved_to(old, comparison)
        if end is not None:
            yield from _regional_losses(old, end, comparison)
        if new is None and (old.deletion_protection or _forgotten(old, comparison)):
            yield key_leaves(_loss(old, comparison))


def _moved_to(key: Key, comparison: Comparison) -> Key | None:
    """Returns what a key is called from now on; None when it does not move."""
    to = comparison.moved_to(_subject(key))
    return comparison.keys_after.get(to) if to else None


def _subject(key: Key) -> Subject:
    return key_of(key.name, dedicated=key.dedicated)


def _forgotten(key: Key, comparison: Comparison) -> tuple[str, ...]:
    """Returns the forgotten secrets that a key encrypts."""
    users = (s.name for s in _users(key, comparison) if s.name not in comparison.secrets_after)
    return tuple(name for name in users if comparison.changes.forgotten(secret(name)))


def _is_removed_with_its_secret(key: Key, comparison: Comparison) -> bool:
    """Returns whether a key is part of a secret that leaves, so that its loss is reported there."""
    is_known = key.name in comparison.secrets_before
    return key.dedicated and is_known and key.name not in comparison.secrets_after


def _loss(key: Key, comparison: Comparison) -> KeyLoss:
    subject = _subject(key)
    return KeyLoss(
        key.name,
        key.dedicated,
        key.deletion_window_days,
        users=tuple(s.name for s in _users(key, comparison) if s.name in comparison.secrets_after),
        likely_name="" if key.dedicated else comparison.likely_keys.get(key.name, ""),
        allowing=(subject,),
        forgotten=_forgotten(key, comparison),
        is_forgotten=comparison.changes.forgotten(subject),
        moved_to=comparison.changes.moved_to(subject),
        is_moved=comparison.moved_to(subject) is not None,
    )


def _users(key: Key, comparison: Comparison) -> list[Secret]:
    """Returns the secrets that a key encrypted."""
    if key.dedicated:
        found = comparison.secrets_before.get(key.name)
        return [found] if found else []
    return [s for s in comparison.before.secrets if s.kms_key == key.name]


def _regional_losses(old: Key, new: Key, comparison: Comparison) -> Iterator[Change]:
    """Yields the Regions that a key leaves, unless that is reported of the replicas there."""
    stay = {regional.region for regional in new.regions}
    primary = comparison.before.aws.region
    for region in (regional.region for regional in old.regions):
        if region in stay or region == primary:
            continue  # another primary Region is a hazard of its own
        users = [s for s in _users(old, comparison) if s.has_own_replica_key(region)]
        staying = [s.name for s in users if _stays_in(s.name, region, comparison)]
        living = {s.name for s in users} & set(_forgotten(old, comparison))
        part = own_key(old.name) if old.dedicated else key_part(old.name, region)
        is_kept = comparison.changes.forgotten(part) or part in comparison.forgotten_key_parts
        is_told = not staying and any(s.deletion_protection for s in users)
        if (is_told or not old.deletion_protection) and not living and not is_kept:
            continue
        yield key_leaves(
            KeyLoss(
                old.name,
                old.dedicated,
                old.deletion_window_days,
                regions=(region,),
                users=tuple(staying),
                forgotten=tuple(sorted(living)),
                allowing=(part,),
                is_forgotten=is_kept,
            )
        )


def _stays_in(name: str, region: str, comparison: Comparison) -> bool:
    now = comparison.secrets_after.get(name)
    return now is not None and any(replica.region == region for replica in now.replicas)


def alterations(comparison: Comparison) -> Iterator[Change]:
    """Yields the secrets and replicas that get another key, and keys that protect less."""
    for old, new in comparison.kept:
        if old.kms_key != new.kms_key and comparison.moved_to(_used_key(old)) != _used_key(new):
            yield words.key_changes(old.name, old.kms_key, new.kms_key)
        keys = {replica.region: replica.kms_key for replica in old.replicas}
        for replica in new.replicas:
            if replica.region in keys and keys[replica.region] != replica.kms_key:
                before = keys[replica.region] or old.kms_key
                after = replica.kms_key or new.kms_key
                yield words.key_changes(old.name, before, after, region=replica.region)
    for key in comparison.before.keys:
        now = comparison.keys_after.get(_subject(key)) or _moved_to(key, comparison)
        if now and not now.dedicated:
            yield from _slower(key, now)


def _used_key(secret: Secret) -> Subject:
    dedicated = secret.kms_key == DEDICATED
    return key_of(secret.name if dedicated else secret.kms_key, dedicated=dedicated)


def _slower(old: Key, new: Key) -> Iterator[Change]:
    for field, what, sign in (
        ("rotation_period_days", "the rotation period", 1),
        ("deletion_window_days", "the deletion window", -1),
    ):
        before, after = getattr(old, field), getattr(new, field)
        if (after - before) * sign > 0:
            path = ("keys", new.name, field)
            yield words.slower(shared_key(new.name), path, what, days(before), days(after))
