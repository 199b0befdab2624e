"""What of a KMS key in AWS is not what the spec says."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.access.policies import KeyPlace
from secretgen.live.account import LiveKey
from secretgen.model.compare import Path
from secretgen.model.environment import Environment, Key
from secretgen.model.names import PROTECTION_TAG
from secretgen.policy.protection import PROTECTED, UNPROTECTED
from secretgen.rules.live_rules import KEY_DIFFERS
from secretgen.usecases.auditing.fact import Fact, differing, key_path, key_subject
from secretgen.usecases.auditing.observed import Observed
from secretgen.usecases.auditing.secret_facts import tag_facts

_DEFAULT_PERIOD = 365
"""Days between two rotations of a key where GetKeyRotationStatus names none, as before 2024."""


def key_facts(observed: Observed) -> Iterator[Fact]:
    """Compares the keys of the environment with what the spec says."""
    for place, (key, _) in observed.keys.items():
        path = key_path(place, observed.region)
        live = observed.key(place)
        known = observed.account.is_asked or bool(live and live.aliases)
        if known and observed.key_with_alias(place) is None:
            subject = key_subject(place)
            alias = (*path, "alias")
            yield differing(
                KEY_DIFFERS, subject, alias, expected=key.alias, found=None, derived=True
            )
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
    if live.description != key.description:
        yield differing(
            KEY_DIFFERS,
            subject,
            (*path, "description"),
            expected=key.description,
            found=live.description or None,
        )
    if live.rotation_enabled is False:
        enabled = (*path, "rotation_enabled")
        yield differing(KEY_DIFFERS, subject, enabled, expected=True, found=False, derived=True)
    elif live.rotation_enabled:
        period = live.rotation_period_days or _DEFAULT_PERIOD
        if period != key.rotation_period_days:
            days = (*path, "rotation_period_days")
            yield differing(
                KEY_DIFFERS, subject, days, expected=key.rotation_period_days, found=period
            )
    if live.tags_known:
        yield from tag_facts(KEY_DIFFERS, subject, path, key_tags(environment, key), live.tags)
