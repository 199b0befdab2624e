"""What becomes of secrets, of their replicas and of the rotation of services' secrets."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.change import alterations as words
from secretgen.change.comparison import Comparison
from secretgen.change.effects import Change, days
from secretgen.change.losses import (
    SecretLoss,
    region_leaves,
    replica_leaves,
    secret_leaves,
    service_secret_leaves,
)
from secretgen.model.changes import Kind, Subject, own_key, secret
from secretgen.model.names import name_prefix, rotation_permission
from secretgen.model.schedule import hours_between
from secretgen.model.secret import Field, RotationSchedule, Secret, Source


def losses(comparison: Comparison) -> Iterator[Change]:
    """Yields the protected secrets, replicas and Regions that leave."""
    for old in comparison.before.secrets:
        if old.deletion_protection and old.name not in comparison.secrets_after:
            yield secret_leaves(_loss(old, comparison))
    services = {service.name: service for service in comparison.after.service_secrets}
    for service in comparison.before.service_secrets:
        now = services.get(service.name)
        if now is None or now.arn != service.arn:
            yield service_secret_leaves(service.name, replaced=now is not None)
    replicas = [
        change for old, new in comparison.kept for change in _replicas(old, new, comparison)
    ]
    yield from replicas
    told = {change.path[-1] for change in replicas}
    yield from (change for change in _regions(comparison) if change.subject.name not in told)


def _loss(old: Secret, comparison: Comparison) -> SecretLoss:
    return SecretLoss(
        old.name,
        old.recovery_window_days,
        has_own_key=own_key(old.name) in comparison.keys_before,
        replicas=tuple(replica.region for replica in old.replicas),
        likely_name=comparison.likely_secrets.get(old.name, ""),
    )


def _replicas(old: Secret, new: Secret, comparison: Comparison) -> Iterator[Change]:
    if not old.deletion_protection:
        return
    key = comparison.keys_before.get(own_key(old.name))
    with_key = {regional.region for regional in key.regions} if key else set()
    for region in _left(old, new):
        yield replica_leaves(
            old.name,
            region,
            has_own_key=region in with_key,
            is_last=not new.replicas,
        )


def _left(old: Secret, new: Secret) -> list[str]:
    """Returns the Regions that a secret has no replica in any more."""
    stay = {replica.region for replica in new.replicas}
    return [replica.region for replica in old.replicas if replica.region not in stay]


def _regions(comparison: Comparison) -> Iterator[Change]:
    """Yields the Regions whose provider leaves while keys or alarms are still there."""
    before, after = comparison.before, comparison.after
    if before.aws.region != after.aws.region:
        return  # a hazard of its own
    kept = {after.aws.region, *after.replica_regions, *comparison.changes.regions}
    for region in before.replica_regions:
        users = [s.name for s in before.secrets if any(r.region == region for r in s.replicas)]
        has_keys = any(region == r.region for key in before.keys for r in key.regions)
        if region not in kept and (before.monitoring or has_keys):
            yield region_leaves(region, users)


def alterations(comparison: Comparison) -> Iterator[Change]:
    """Yields what is dangerous about secrets that stay."""
    yield from _not_invoked(comparison)
    for old, new in comparison.kept:
        yield from _rotation(old, new)
        if new.recovery_window_days < old.recovery_window_days:
            yield words.slower(
                Subject(Kind.SECRETS, old.name),
                ("secrets", old.name, "recovery_window_days"),
                "the recovery window",
                days(old.recovery_window_days),
                days(new.recovery_window_days),
            )
        if old.deletion_protection and not new.deletion_protection:
            yield words.protection_off(old.name)
        yield from _policy(old, new, comparison)
    services = {service.name: service for service in comparison.after.service_secrets}
    for service in comparison.before.service_secrets:
        now = services.get(service.name)
        if now:
            subject = Subject(Kind.SERVICE_SECRETS, service.name)
            yield from rotation_slower(subject, service.rotation, now.rotation)


def _not_invoked(comparison: Comparison) -> Iterator[Change]:
    """Yields the forgotten secrets whose function may no longer be invoked for them."""
    kept = {_permission(s) for s in comparison.after.secrets}
    kept |= {str(forget.what) for forget in comparison.changes.forgets}
    for old in comparison.before.secrets:
        is_forgotten = comparison.changes.forgotten(Subject(Kind.SECRETS, old.name))
        permission = _permission(old)
        if permission and is_forgotten and permission not in kept:
            function = old.rotation.lambda_arn if old.rotation else None
            yield words.rotation_fails(old.name, str(function), permission)


def _permission(secret: Secret) -> str:
    """Returns the address of the permission by which it rotates; empty when there is none."""
    function = secret.rotation.lambda_arn if secret.rotation else None
    label = rotation_permission(function, name_prefix(secret.name)) if function else ""
    return label and f"aws_lambda_permission.{label}"


def _policy(old: Secret, new: Secret, comparison: Comparison) -> Iterator[Change]:
    """Yields that a resource policy is left as it is, or overwritten without having been read."""
    if old.policy is new.policy:
        return
    imports = comparison.changes.imports
    if not any(entry.policy and entry.to.name == new.name for entry in imports):
        yield words.policy_switched(new.name, managed=new.manages_policy)


def _rotation(old: Secret, new: Secret) -> Iterator[Change]:
    if old.rotation and not new.rotation:
        yield words.rotation_ends(old.name)
    elif new.rotation and not old.rotation:
        yield words.rotation_begins(new.name, immediately=new.rotation.immediately)
    elif old.rotation and new.rotation:
        yield from rotation_slower(secret(old.name), old.rotation, new.rotation)


def rotation_slower(
    subject: Subject, old: RotationSchedule, new: RotationSchedule
) -> Iterator[Change]:
    """Yields that something rotates more seldom, if it does.

    Args:
        subject: the secret, or the secret of a service.
        old: when it rotated.
        new: when it rotates from now on.
    """
    hours, hours_now = (hours_between(r.every_days, r.schedule) for r in (old, new))
    if hours is None or hours_now is None or hours_now <= hours:
        return
    field = "every_days" if new.every_days is not None else "schedule"
    path = (subject.kind.value, subject.name, "rotation", field)
    yield words.slower(subject, path, "rotation", _when(old), _when(new))


def _when(rotation: RotationSchedule) -> str:
    if rotation.every_days is not None:
        return f"every {days(rotation.every_days)}"
    return str(rotation.schedule)


def value_alterations(comparison: Comparison) -> Iterator[Change]:
    """Yields the values that would be overwritten, and those that would not be written."""
    for old, new in comparison.kept:
        rotates = bool(old.rotation or new.rotation)
        before, after = old.value.version, new.value.version
        if rotates and after is not None and after != before:
            yield words.value_overwritten(
                old.name, before, after, path=("value",) if before is None else ("value", "version")
            )
        elif before is None and after is not None:
            yield words.live_value_written(old.name, before, after, path=("value",))
        elif old.value.source is new.value.source is Source.JSON and before == after:
            yield from _not_written(old, new, rotates=rotates)


def _not_written(old: Secret, new: Secret, *, rotates: bool) -> Iterator[Change]:
    fields = {field.name: field for field in old.value.fields}
    fields_now = {field.name: field for field in new.value.fields}
    written = [f.name for f in new.value.fields if f.source is not Source.LITERAL]
    for name in sorted(fields.keys() | fields_now.keys()):
        before, after = fields.get(name), fields_now.get(name)
        if before == after:
            continue
        yield words.literal_not_written(
            old.name,
            name,
            ("secrets", old.name, "value", "fields", name, *_literal(before, after)),
            written=written,
            rotates=rotates,
            version=new.value.version or 1,
        )


def _literal(before: Field | None, after: Field | None) -> tuple[str, ...]:
    """Returns where a literal stands that only gets another value."""
    both = (before, after)
    is_literal = all(field and field.source is Source.LITERAL for field in both)
    return ("literal",) if is_literal else ()
