"""All that an audit finds about one environment, with its place in the spec and what allows it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime

from msgspec import Struct

from secretgen.diagnostics import Diagnostic, Span, Stage
from secretgen.live.account import LiveKey, Refusal
from secretgen.live.session import PERMISSIONS, AwsError
from secretgen.model.changes import Kind, Subject
from secretgen.model.changes import secret as secret_subject
from secretgen.roundtrip.spec_places import spec_place
from secretgen.rules.live_rules import NOT_KNOWN
from secretgen.spec.load import LoadedSpec
from secretgen.usecases.auditing.fact import Fact, key_path, key_subject
from secretgen.usecases.auditing.health_facts import health_facts
from secretgen.usecases.auditing.observed import Observed
from secretgen.usecases.auditing.policy_facts import policy_facts
from secretgen.usecases.auditing.secret_facts import key_facts, secret_facts
from secretgen.usecases.auditing.usage_facts import usage_facts


class LiveFinding(Struct, frozen=True):
    """A finding about a live account.

    Args:
        fact: what it is about.
        finding: the finding.
        place: where the spec has what it is about; None for nowhere.
    """

    fact: Fact
    finding: Diagnostic
    place: Span | None

    @property
    def is_difference(self) -> bool:
        """Whether AWS differs from the spec, and nothing allows it."""
        return self.fact.difference is not None and not self.finding.allowed


def audit_environment(
    loaded: LoadedSpec, observed: Observed, *, today: str, known: Collection[str] = ()
) -> tuple[LiveFinding, ...]:
    """Compares an account with the spec.

    Args:
        loaded: the spec.
        observed: its environment next to the account.
        today: the date, as `2027-03-01`.
        known: names of secrets in that account and Region that other specs have.

    Returns:
        The findings, by place.

    Raises:
        AwsError: AWS refused a call, so that something is not known.
    """
    check_refusals(observed)
    now = datetime.combine(date.fromisoformat(today), datetime.min.time(), UTC)
    found = [_finding(loaded, fact, today) for fact in _facts(observed, now, known)]
    return tuple(sorted(found, key=lambda f: f.finding.sort_key))


def _facts(observed: Observed, now: datetime, known: Collection[str]) -> Iterator[Fact]:
    yield from health_facts(observed, now)
    yield from secret_facts(observed)
    yield from key_facts(observed)
    yield from policy_facts(observed)
    yield from unknown_facts(observed)
    yield from usage_facts(observed, now, known)


def _finding(loaded: LoadedSpec, fact: Fact, today: str) -> LiveFinding:
    place = _place(loaded, fact)
    finding = Diagnostic(
        fact.rule.id,
        fact.rule.severity,
        fact.summary,
        fact.detail,
        place or Span(loaded.file),
        fact.path,
        stage=Stage.LIVE,
    )
    about = {fact.subject, fact.subject.whole}
    if Kind.ENVIRONMENT in fact.rule.of:
        about.add(Subject(Kind.ENVIRONMENT))
    ignored = loaded.ignores.find(fact.rule.id, about, today) if fact.rule.of else None
    return LiveFinding(fact, finding.allow(ignored[1].reason) if ignored else finding, place)


def _place(loaded: LoadedSpec, fact: Fact) -> Span | None:
    """Finds the place in the spec; a tag of the environment is where its tags are."""
    environment = loaded.parts[1]
    match fact.path:
        case ("secrets" | "keys", name, *_, "tags", key) if key in environment.tags:
            own = next((s.tags for s in environment.secrets if s.name == name), {})
            if key not in own or "kms_key" in fact.path:
                return spec_place(loaded, ("tags", key))
    return spec_place(loaded, fact.path)


_ADD_TO_DUMP = (
    "Add the output of `aws kms describe-key` and the other KMS calls for it to the dump."
)
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
        missing = [] if live.replicas_known else ["replicas"]
        missing += [] if live.policy_known else ["resource policy"]
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
            key = key_path(place, observed.region)
            yield Fact(NOT_KNOWN, key_subject(place), key, summary, _ADD_TO_DUMP)
    for (arn, region), name in observed.kept_keys.items():
        kept = observed.account.key(arn, region)
        if kept is None or not kept.state:
            summary = f"{name}: the state of its key {arn} is not known"
            allow = "Allow kms:DescribeKey for the caller, or add an `ignore` entry with a reason."
            detail = allow if observed.account.is_asked else _ADD_TO_DUMP
            own_key = ("secrets", name, "kms_key")
            yield Fact(NOT_KNOWN, secret_subject(name), own_key, summary, detail)


def _missing(key: LiveKey | None, *, is_asked: bool) -> list[str]:
    """Lists what is not known of a key; its rotation and grants only where it is in use."""
    if key is None:
        return ["existence and state"]
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
