"""What is broken in AWS, whatever the spec has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from secretgen.live.account import LiveKey, LiveSecret
from secretgen.model.changes import Kind, Subject
from secretgen.model.changes import secret as secret_subject
from secretgen.model.compare import Path
from secretgen.model.schedule import hours_between
from secretgen.rules.live_rules import (
    KEY_UNUSABLE,
    REPLICA_FAILED,
    ROTATION_FAILED,
    SECRET_MISSING,
    SECRET_PENDING_DELETION,
)
from secretgen.usecases.auditing.fact import Fact, key_path, key_subject
from secretgen.usecases.auditing.observed import Observed

_FAILED = "Failed"
_ENABLED = "Enabled"
_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"
_WINDOW = timedelta(days=1)
"""Rotation windows without a duration end with the day (RotationRulesType, Duration)."""


def health_facts(observed: Observed, now: datetime) -> Iterator[Fact]:
    """Finds what is broken.

    Args:
        observed: the environment and its account.
        now: the time at which this is judged, in UTC.
    """
    named = [
        *((secret_subject(s.name), s.name, observed.secret(s.name))
          for s in observed.environment.secrets),
        *((Subject(Kind.SERVICE_SECRETS, s.name), s.secret_name, observed.service_secret(s))
          for s in observed.environment.service_secrets),
    ]  # fmt: skip
    for subject, name, live in named:
        path = (subject.kind.value, subject.name)
        if live is None:
            yield _missing(observed, subject, path, name)
        elif live.deleted:
            yield _pending_deletion(subject, path, live, live.deleted.date())
        else:
            yield from _replicas(subject, path, live)
            yield from _rotation(subject, path, live, now)
    yield from _keys(observed)


def _missing(observed: Observed, subject: Subject, path: Path, name: str) -> Fact:
    account = observed.account
    summary = f"{name} does not exist in {account.account_id}, {account.region}"
    return Fact(
        SECRET_MISSING,
        subject,
        path,
        summary,
        "If it is new, run `terraform apply`. If it was deleted, look for the DeleteSecret call "
        "in CloudTrail.",
    )


def _pending_deletion(subject: Subject, path: Path, live: LiveSecret, day: date) -> Fact:
    return Fact(
        SECRET_PENDING_DELETION,
        subject,
        path,
        f"{live.name} is pending deletion: AWS deletes it after {day}",
        f"To keep it, run `aws secretsmanager restore-secret --secret-id {live.arn}"
        f" --region {live.region}`.",
    )


def _replicas(subject: Subject, path: Path, live: LiveSecret) -> Iterator[Fact]:
    for replica in live.replicas:
        if replica.status == _FAILED:
            why = f": {replica.status_message}" if replica.status_message else ""
            yield Fact(
                REPLICA_FAILED,
                subject,
                (*path, "replicas", replica.region),
                f"{live.name}: the replica in {replica.region} failed{why}",
                "Fix the cause, then remove the replica with `aws secretsmanager "
                f"remove-regions-from-replication --secret-id {live.arn} --remove-replica-regions "
                f"{replica.region} --region {live.region}`, and apply.",
            )


def _rotation(subject: Subject, path: Path, live: LiveSecret, now: datetime) -> Iterator[Fact]:
    if not live.rotation or not live.rotation.enabled:
        return
    place = (*path, "rotation")
    pending = [
        version
        for version, labels in live.versions.items()
        if _PENDING in labels and _CURRENT not in labels
    ]
    if pending:
        yield Fact(
            ROTATION_FAILED,
            subject,
            place,
            f"{live.name}: a rotation failed or is still running",
            f"Version {pending[0]} is labelled {_PENDING} only. Check the log of the rotation "
            f"function, then run `aws secretsmanager rotate-secret --secret-id {live.arn} --region "
            f"{live.region}`.",
        )
    due = due_by(live)
    if due and due < now:
        last = live.rotation.last_rotated
        since = f"; it last rotated on {last.date()}" if last else ""
        yield Fact(
            ROTATION_FAILED,
            subject,
            place,
            f"{live.name}: its rotation is overdue since {due.date()}{since}",
            "Check the log of the rotation function, and CloudTrail for RotationFailed.",
        )


def due_by(live: LiveSecret) -> datetime | None:
    """Returns when the next rotation has to be over; None for a secret that does not rotate.

    That is the day that AWS names, or else one interval after the last rotation.
    """
    rotation = live.rotation
    if not rotation or not rotation.enabled:
        return None
    if rotation.next_rotation:
        return rotation.next_rotation + _WINDOW
    base = rotation.last_rotated or live.last_changed or live.created
    hours = hours_between(rotation.every_days, rotation.schedule or None)
    return base + timedelta(hours=hours) + _WINDOW if base and hours else None


def _keys(observed: Observed) -> Iterator[Fact]:
    for place in observed.keys:
        live = observed.key(place)
        name = observed.keys[place][0].alias
        path = key_path(place, observed.region)
        if live or observed.account.is_asked:
            yield from _state(key_subject(place), path, f"{name} in {place.region}", live)
    for (arn, region), secret in observed.kept_keys.items():
        live = observed.account.key(arn, region)
        if live:
            yield from _state(secret_subject(secret), ("secrets", secret, "kms_key"), arn, live)


def _state(subject: Subject, path: Path, name: str, live: LiveKey | None) -> Iterator[Fact]:
    if live and live.state in (_ENABLED, ""):
        return
    if live is None:
        summary, detail = f"the key {name} does not exist", "Run `terraform apply` to create it."
    elif live.deletion:
        summary = f"the key {name} is pending deletion: {live.deletion.date()}"
        detail = (
            f"To keep it, run `aws kms cancel-key-deletion --key-id {live.arn}` and"
            f" `aws kms enable-key --key-id {live.arn}`, both with `--region {live.region}`."
        )
    else:
        summary = f"the key {name} is not enabled: {live.state}"
        detail = f"Run `aws kms enable-key --key-id {live.arn} --region {live.region}`."
    yield Fact(KEY_UNUSABLE, subject, path, summary, detail)
