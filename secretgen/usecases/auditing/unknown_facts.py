"""What the source of a picture does not say: never a pass."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.live.account import LiveKey, Refusal
from secretgen.live.session import PERMISSIONS, AwsError
from secretgen.model.changes import secret as secret_subject
from secretgen.rules.live_rules import NOT_KNOWN
from secretgen.usecases.auditing.fact import Fact, key_path, key_subject
from secretgen.usecases.auditing.observed import Observed

_ACCOUNT = 4
"""Position of the account among the parts of an ARN."""


def check_refusals(observed: Observed) -> None:
    """Checks that AWS answered everything about what the account itself owns.

    Raises:
        AwsError: it refused a call.
    """
    own = observed.account.account_id
    refused = [r for r in observed.account.refused if _owner(r) in ("", own)]
    if refused:
        first, *more = refused
        others = f" (and {len(more)} more calls)" if more else ""
        raise AwsError(f"AWS denies {first.action} for {first.subject}{others}", PERMISSIONS)


def _owner(refusal: Refusal) -> str:
    parts = refusal.subject.split(":")
    return parts[_ACCOUNT] if len(parts) > _ACCOUNT else ""


def unknown_facts(observed: Observed) -> Iterator[Fact]:
    """Finds what is not known of secrets and keys of the environment."""
    for name in observed.undescribed:
        summary = f"{name}: everything but its resource policy not known"
        detail = "Add the output of `describe-secret` to the dump."
        yield Fact(NOT_KNOWN, secret_subject(name), ("secrets", name), summary, detail)
    for secret, live in observed.present:
        missing = [
            name
            for name, known in (
                ("replicas", live.replicas_known),
                ("resource policy", live.policy_known),
            )
            if not known
        ]
        if missing:
            summary = f"{secret.name}: {' and '.join(missing)} not known"
            detail = "Add the output of `describe-secret` and `get-resource-policy` to the dump."
            subject = secret_subject(secret.name)
            yield Fact(NOT_KNOWN, subject, ("secrets", secret.name), summary, detail)
    for place in observed.keys:
        live_key = observed.key(place)
        if live_key is None and observed.account.is_asked:
            continue  # it does not exist
        missing = _missing(live_key, is_asked=observed.account.is_asked)
        if missing:
            name = observed.keys[place][0].alias
            summary = f"the key {name} in {place.region}: {', '.join(missing)} not known"
            detail = (
                "Add the output of `aws kms describe-key` and the other KMS calls for it to "
                "the dump."
            )
            key = key_path(place, observed.region)
            yield Fact(NOT_KNOWN, key_subject(place), key, summary, detail)
    for (arn, region), name in observed.kept_keys.items():
        kept = observed.account.key(arn, region)
        if kept is None or not kept.state:
            summary = f"{name}: the state of its key {arn} is not known"
            detail = "Allow kms:DescribeKey for the caller, or add an `ignore` entry with a reason."
            own_key = ("secrets", name, "kms_key")
            yield Fact(NOT_KNOWN, secret_subject(name), own_key, summary, detail)


def _missing(key: LiveKey | None, *, is_asked: bool) -> list[str]:
    """Lists what is not known of a key; its rotation and grants only where it is in use."""
    if key is None:
        return ["whether it exists and is enabled"]
    in_use = key.state == "Enabled"
    facts = {
        "alias": bool(key.aliases) or is_asked,
        "state": bool(key.state),
        "rotation": key.rotation_enabled is not None or not in_use,
        "tags": key.tags_known,
        "policy": key.policy is not None,
        "grants": key.grants is not None or not in_use,
    }
    return [name for name, known in facts.items() if not known]
