"""What of a secret or a key in AWS differs from the spec.

Of a secret: attributes, tags, key, replicas and rotation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from secretgen.access.policies import KeyPlace, key_in
from secretgen.live.account import LiveKey, LiveRotation, LiveSecret
from secretgen.model.changes import Kind, Subject
from secretgen.model.changes import secret as subject_of
from secretgen.model.compare import Path
from secretgen.model.environment import Environment, Key
from secretgen.model.names import PROTECTION_TAG, rotation_function_arn
from secretgen.model.secret import AWS_MANAGED, RotationSchedule, Secret, Source
from secretgen.policy.protection import PROTECTED, UNPROTECTED
from secretgen.rules.live_rules import (
    KEY_DIFFERS,
    REPLICAS_DIFFER,
    ROTATION_DIFFERS,
    SECRET_DIFFERS,
)
from secretgen.rules.rule import Rule
from secretgen.usecases.auditing.fact import Fact, differing, key_path, key_subject
from secretgen.usecases.auditing.observed import Observed, live_key_name

_AWS_TAGS = "aws:"
_SEED_LABEL = "terraform"
"""Staging label of the version that Terraform wrote (`templates/module/main.tf.j2`)."""
_REMOVE_REPLICA = (
    "Terraform never removes the last replica of a secret: use"
    " `aws secretsmanager remove-regions-from-replication`; or add it to `replicas`."
)
_LABEL_GONE = (
    "Without that label AWS drops the version after two new values, and Terraform would write the"
    " old value again. `aws secretsmanager update-secret-version-stage` puts it back."
)


def secret_facts(observed: Observed) -> Iterator[Fact]:
    """Compares the secrets with the spec."""
    for secret, live in observed.present:
        subject, path = subject_of(secret.name), ("secrets", secret.name)
        differs = partial(differing, SECRET_DIFFERS, subject)
        if live.is_replica:
            yield differs(
                (*path, "region"),
                expected=observed.region,
                found=live.primary_region or live.primary_account,
                derived=True,
                detail="It is a replica of a secret elsewhere, and cannot be changed here.",
            )
        if live.description != secret.description:
            expected, found = secret.description or None, live.description or None
            yield differs((*path, "description"), expected=expected, found=found)
        tags = secret_tags(observed.environment, secret)
        yield from tag_facts(SECRET_DIFFERS, subject, path, tags, live.tags)
        yield from _label(secret, live)
        yield from _key(observed, secret, live, observed.region, (*path, "kms_key"))
        yield from _replicas(observed, secret, live)
        yield from _secret_rotation(observed.environment, secret, live)
    for service, live in observed.present_services:
        subject = Subject(Kind.SERVICE_SECRETS, service.name)
        rotation = ("service_secrets", service.name, "rotation")
        yield from _rotation(subject, rotation, service.rotation, live.rotation)


def secret_tags(environment: Environment, secret: Secret) -> dict[str, str]:
    """Returns the tags that a secret has to have."""
    protected = {PROTECTION_TAG: PROTECTED} if secret.deletion_protection else {}
    return {**environment.tags, **secret.tags, **protected}


def tag_facts(
    rule: Rule, subject: Subject, path: Path, expected: Mapping[str, str], found: Mapping[str, str]
) -> Iterator[Fact]:
    """Compares tags; those that AWS itself sets are nobody's."""
    own = {key: value for key, value in found.items() if not key.startswith(_AWS_TAGS)}
    for key in sorted(expected.keys() | own.keys()):
        wanted, there = expected.get(key), own.get(key)
        if wanted != there:
            derived = key == PROTECTION_TAG
            yield differing(
                rule, subject, (*path, "tags", key), expected=wanted, found=there, derived=derived
            )


def _label(secret: Secret, live: LiveSecret) -> Iterator[Fact]:
    """A version that Terraform wrote keeps a label of its own."""
    labels = {label for stages in live.versions.values() for label in stages}
    if secret.value.source is not Source.EXTERNAL and live.versions and _SEED_LABEL not in labels:
        path = ("secrets", secret.name, "value", "label")
        yield differing(
            SECRET_DIFFERS,
            subject_of(secret.name),
            path,
            expected=_SEED_LABEL,
            found=None,
            derived=True,
            detail=_LABEL_GONE,
        )


def _key(
    observed: Observed, secret: Secret, live: LiveSecret, region: str, path: Path
) -> Iterator[Fact]:
    """Compares the key of a secret, or of its replica, with the one that the spec has."""
    wanted, name = key_in(secret, region), live_key_name(live, region)
    shown = _shown_key(observed, name, region)
    expected, derived = str(wanted), False
    if wanted == AWS_MANAGED:
        same = observed.is_aws_managed(name, region)
    elif isinstance(wanted, KeyPlace):
        key = observed.key(wanted)  # its own absence is found elsewhere
        same = key is None or observed.is_same_key(name, key.arn, region)
        expected, derived = observed.keys[wanted][0].alias, True
    else:
        same = observed.is_same_key(name, str(wanted), region)
    if not same:
        subject = subject_of(secret.name)
        yield differing(
            SECRET_DIFFERS, subject, path, expected=expected, found=shown, derived=derived
        )


def _shown_key(observed: Observed, name: str, region: str) -> str:
    if observed.is_aws_managed(name, region):
        return AWS_MANAGED
    key = observed.account.key(name, region)
    return key.arn if key else name


def _replicas(observed: Observed, secret: Secret, live: LiveSecret) -> Iterator[Fact]:
    if not live.replicas_known:
        return
    differs = partial(differing, REPLICAS_DIFFER, subject_of(secret.name))
    wanted = {replica.region for replica in secret.replicas}
    there = {replica.region for replica in live.replicas}
    for region in sorted(wanted | there):
        place = ("secrets", secret.name, "replicas", region)
        if region not in there:
            yield differs(place, expected=region, found=None)
        elif region not in wanted:
            yield differs(place, expected=None, found=region, detail=_REMOVE_REPLICA)
        else:
            yield from _key(observed, secret, live, region, (*place, "kms_key"))


def _secret_rotation(environment: Environment, secret: Secret, live: LiveSecret) -> Iterator[Fact]:
    subject, path = subject_of(secret.name), ("secrets", secret.name, "rotation")
    rotation = secret.rotation
    if rotation is None:
        if live.rotation and live.rotation.enabled:
            found = live.rotation.lambda_arn or "on"
            yield differing(ROTATION_DIFFERS, subject, path, expected=None, found=found)
        return
    yield from _rotation(subject, path, rotation, live.rotation)
    if live.rotation and live.rotation.enabled:
        function = rotation.lambda_arn or rotation_function_arn(environment, secret.name)
        if live.rotation.lambda_arn != function:
            yield differing(
                ROTATION_DIFFERS,
                subject,
                (*path, "lambda_arn"),
                expected=function,
                found=live.rotation.lambda_arn or None,
                derived=rotation.lambda_arn is None,
            )


def _rotation(
    subject: Subject, path: Path, wanted: RotationSchedule, found: LiveRotation | None
) -> Iterator[Fact]:
    """Compares when a secret rotates.

    AWS works out `AutomaticallyAfterDays` of a schedule expression as well.
    """
    differs = partial(differing, ROTATION_DIFFERS, subject)
    if found is None or not found.enabled:
        off = None if found is None else False
        yield differs((*path, "enabled"), expected=True, found=off, derived=True)
        return
    every_days = None if wanted.schedule and found.schedule else found.every_days or None
    for name, expected, there in (
        ("every_days", wanted.every_days, every_days),
        ("schedule", wanted.schedule, found.schedule or None),
        ("duration", wanted.duration, found.duration or None),
    ):
        if expected != there:
            yield differs((*path, name), expected=expected, found=there)


_DEFAULT_PERIOD = 365
"""Days between two rotations of a key where GetKeyRotationStatus names none, as before 2024."""


def key_facts(observed: Observed) -> Iterator[Fact]:
    """Compares the keys of the environment with the spec."""
    for place, (key, _) in observed.keys.items():
        path = key_path(place, observed.region)
        live = observed.key(place)
        known = observed.account.is_asked or bool(live and live.aliases)
        if known and observed.key_with_alias(place) is None:
            differs = partial(differing, KEY_DIFFERS, key_subject(place))
            yield differs((*path, "alias"), expected=key.alias, found=None, derived=True)
        if live:
            yield from _differences(observed.environment, place, path, live, key)


def key_tags(environment: Environment, key: Key) -> dict[str, str]:
    """Returns the tags that a key has to have."""
    protected = PROTECTED if key.deletion_protection else UNPROTECTED
    return {**environment.tags, PROTECTION_TAG: protected}


def _differences(
    environment: Environment, place: KeyPlace, path: Path, live: LiveKey, key: Key
) -> Iterator[Fact]:
    subject = key_subject(place)
    differs = partial(differing, KEY_DIFFERS, subject)
    if live.description != key.description:
        found = live.description or None
        yield differs((*path, "description"), expected=key.description, found=found)
    if live.rotation_enabled is False:
        yield differs((*path, "rotation_enabled"), expected=True, found=False, derived=True)
    elif live.rotation_enabled:
        period = live.rotation_period_days or _DEFAULT_PERIOD
        if period != key.rotation_period_days:
            days = (*path, "rotation_period_days")
            yield differs(days, expected=key.rotation_period_days, found=period)
    if live.tags_known:
        yield from tag_facts(KEY_DIFFERS, subject, path, key_tags(environment, key), live.tags)
