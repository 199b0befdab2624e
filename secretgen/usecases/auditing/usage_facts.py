"""What is noteworthy about an account: values that are missing or unread, grants, other secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from secretgen.live.account import LiveGrant, LiveKey, LiveSecret
from secretgen.model.changes import Kind, Subject
from secretgen.model.changes import secret as secret_subject
from secretgen.model.compare import Path
from secretgen.rules.live_rules import GRANT, NO_VALUE, NOT_MANAGED, NOT_READ
from secretgen.usecases.auditing.fact import Fact, key_path, key_subject
from secretgen.usecases.auditing.observed import Observed

UNREAD = timedelta(days=90)
"""Security Hub, SecretsManager.3, its default."""
_STACK_TAG = "aws:cloudformation:stack-id"
_SERVICE_MARK = "!"
_DECRYPTS = frozenset({"Decrypt", "ReEncryptFrom", "CreateGrant", "GenerateDataKey"})


def usage_facts(observed: Observed, now: datetime, known: Collection[str]) -> Iterator[Fact]:
    """Finds what is noteworthy.

    Args:
        observed: the environment and its account.
        now: the time at which this is judged, in UTC.
        known: names of the secrets that other specs of the project have in this account and
            Region.
    """
    for secret, live in observed.present:
        path = ("secrets", secret.name)
        if not live.has_value:
            summary = f"{secret.name} has no value"
            detail = "Reading it fails until a value is stored."
            yield Fact(NO_VALUE, secret_subject(secret.name), (*path, "value"), summary, detail)
        elif is_unread(live, now):
            yield Fact(NOT_READ, secret_subject(secret.name), path, _unread(live))
    yield from _grants(observed)
    yield from _others(observed, known)


def last_read(live: LiveSecret) -> datetime | None:
    """Returns when a secret was last read, in any Region; None for never."""
    days = [live.last_accessed, *(replica.last_accessed for replica in live.replicas)]
    return max((day for day in days if day), default=None)


def is_unread(live: LiveSecret, now: datetime) -> bool:
    """Returns whether a secret that is old enough was not read for `UNREAD`."""
    since = last_read(live) or live.created
    return since is not None and now - since > UNREAD


def _unread(live: LiveSecret) -> str:
    day = last_read(live)
    if day:
        return f"{live.name} was last read on {day.date()}"
    return f"{live.name} was never read since it was created on {live.created:%Y-%m-%d}"


def _grants(observed: Observed) -> Iterator[Fact]:
    """Yields grants on the keys of the environment, and on those created elsewhere that decrypt."""
    for place in observed.keys:
        live = observed.key(place)
        for grant in (live and live.grants) or ():
            path = key_path(place, observed.region)
            yield _grant(key_subject(place), path, observed.keys[place][0].alias, grant)
    for (arn, region), secret in observed.kept_keys.items():
        live = observed.account.key(arn, region)
        for grant in (live and live.grants) or ():
            if _DECRYPTS.intersection(grant.operations):
                path = ("secrets", secret, "kms_key")
                yield _grant(secret_subject(secret), path, _shown(live, arn), grant)


def _shown(key: LiveKey | None, arn: str) -> str:
    return key.aliases[0] if key and key.aliases else arn


def _grant(subject: Subject, path: Path, key: str, grant: LiveGrant) -> Fact:
    operations = ", ".join(grant.operations)
    summary = f"a grant on {key} allows {grant.grantee} to use it: {operations}"
    return Fact(
        GRANT,
        subject,
        path,
        summary,
        f"Its id is {grant.id}. Run `aws kms revoke-grant` to remove it.",
    )


def _others(observed: Observed, known: Collection[str]) -> Iterator[Fact]:
    environment = observed.environment
    ours = {secret.name for secret in environment.secrets} | set(known)
    arns = {service.arn for service in environment.service_secrets}
    for live in observed.account.secrets:
        owned = (
            live.owning_service
            or _SERVICE_MARK in live.name
            or _STACK_TAG in live.tags
            or live.is_replica
            or live.deleted
        )
        if live.name not in ours and live.arn not in arns and not owned:
            yield Fact(
                NOT_MANAGED,
                Subject(Kind.SECRETS, live.name),
                ("environment",),
                f"{live.name} is in no spec of this project",
                f"To manage it, run `secretgen import` with `--include '{live.name}'`.",
            )
