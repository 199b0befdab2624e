"""What was not looked at, by control: without it, no control is met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from secretgen.live.account import LiveKey, LiveSecret
from secretgen.usecases.auditing.observed import Observed


def undated(
    secrets: Iterable[LiveSecret], last: Callable[[LiveSecret], datetime | None]
) -> Iterator[str]:
    """Yields each secret with neither a last event nor a date of creation to count from."""
    for secret in secrets:
        if last(secret) is None and secret.created is None:
            yield f"{secret.name}: CreatedDate not known"


def unlabelled(rotating: Iterable[LiveSecret]) -> Iterator[str]:
    """Yields each rotating secret whose rotation cannot be judged by its labels and dates."""
    for secret in rotating:
        dated = secret.rotation and (secret.rotation.next_rotation or secret.rotation.last_rotated)
        missing = [] if secret.versions else ["staging labels"]
        missing += [] if dated else ["NextRotationDate and LastRotatedDate"]
        if missing:
            yield f"{secret.name}: {', '.join(missing)} not known"


def unsynced(secrets: Iterable[LiveSecret]) -> Iterator[str]:
    """Yields each replica that AWS does not report as in sync; failed ones are exceptions."""
    for secret in secrets:
        for replica in secret.replicas:
            if replica.status != "InSync":
                status = replica.status or "not known"
                yield f"{secret.name}: status of the replica in {replica.region} is {status}"


def absent_keys(observed: Observed) -> Iterator[str]:
    """Yields each key of the environment that the source does not describe."""
    for name, key in _keys(observed):
        if key is None or not key.state:
            yield f"{name}: not described"


def unrotated_keys(observed: Observed) -> Iterator[str]:
    """Yields each key of the environment whose rotation is not known."""
    for name, key in _keys(observed):
        if key is None or key.rotation_enabled is None:
            yield f"{name}: rotation not known"


def unjudged_access(observed: Observed) -> Iterator[str]:
    """Yields each policy that is not known or not managed, and each key with unknown grants."""
    for secret, live in observed.present:
        if not secret.manages_policy:
            yield f"{secret.name}: its policy is unmanaged and is not evaluated"
        elif not live.policy_known:
            yield f"{secret.name}: resource policy not known"
    for name, key in _keys(observed):
        if key is None or key.policy is None:
            yield f"{name}: key policy not known"
        elif key.grants is None:
            yield f"{name}: grants not known"


def unlisted(observed: Observed) -> Iterator[str]:
    """Yields that the source does not hold the list of all secrets, if it does not."""
    if not observed.account.is_listed:
        yield "the dump holds no complete answer of list-secrets"


def _keys(observed: Observed) -> Iterator[tuple[str, LiveKey | None]]:
    for place in observed.keys:
        yield f"{observed.keys[place][0].alias} in {place.region}", observed.key(place)
