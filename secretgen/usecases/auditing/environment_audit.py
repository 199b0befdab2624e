"""All that an audit finds about one environment, with its place in the spec and what allows it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime

from msgspec import Struct

from secretgen.diagnostics import Diagnostic, Span, Stage
from secretgen.model.changes import Kind, Subject
from secretgen.roundtrip.spec_places import spec_place
from secretgen.spec.load import LoadedSpec
from secretgen.usecases.auditing.fact import Fact
from secretgen.usecases.auditing.health_facts import health_facts
from secretgen.usecases.auditing.key_facts import key_facts
from secretgen.usecases.auditing.observed import Observed
from secretgen.usecases.auditing.policy_facts import policy_facts
from secretgen.usecases.auditing.secret_facts import secret_facts
from secretgen.usecases.auditing.unknown_facts import check_refusals, unknown_facts
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
