"""The policies in AWS: statement by statement against those that are rendered, and evaluated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from secretgen.access.access_findings import Finding, Kind
from secretgen.access.access_report import access_report
from secretgen.access.policies import KeyPlace, Policies, rendered_policies, secret_title
from secretgen.model.changes import Subject
from secretgen.model.changes import secret as secret_subject
from secretgen.model.compare import BLOCK, Leaf, Path
from secretgen.policy.documents import canonical, key_policy, secret_policy
from secretgen.policy.parse import Policy, UnsupportedPolicyError, parse_policy
from secretgen.rules.live_rules import ACCESS_BEYOND, NOT_KNOWN, POLICY_DIFFERS
from secretgen.usecases.auditing.fact import Fact, differing, key_path, key_subject
from secretgen.usecases.auditing.observed import Observed

_SHOWN = 4
"""Further sentences about one policy that are shown."""
_REVIEW = "Review this policy by hand, or run `terraform apply` to restore it."


def policy_facts(observed: Observed) -> Iterator[Fact]:
    """Compares the policies of secrets and keys with the rendered ones, and evaluates them."""
    judged = _Judged(observed)
    yield from judged.differences()
    yield from judged.beyond()


class _Judged:
    """The policies that are known, and what they are about."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed
        self._environment = observed.environment
        self._secrets = {
            secret.name: live.policy
            for secret, live in observed.present
            if live.policy_known and secret.manages_policy
        }
        self._keys = {
            place: live.policy
            for place in observed.keys
            if (live := observed.key(place)) and live.policy is not None
        }

    def differences(self) -> Iterator[Fact]:
        """Yields each statement that is not what is rendered."""
        aws = self._environment.aws
        for secret in self._environment.secrets:
            if secret.name in self._secrets:
                yield from self._compared(
                    secret_subject(secret.name),
                    ("secrets", secret.name),
                    secret_policy(self._environment, secret),
                    self._secrets[secret.name],
                )
        for place, policy in self._keys.items():
            expected = key_policy(aws, self._observed.keys[place][1])
            path = key_path(place, self._observed.region)
            yield from self._compared(key_subject(place), path, expected, policy)

    def _compared(
        self, subject: Subject, path: Path, expected: Mapping[str, Any], found: Any
    ) -> Iterator[Fact]:
        for different in statement_differences(expected, found):
            yield differing(
                POLICY_DIFFERS,
                subject,
                (*path, "policy", *different.path),
                expected=different.expected,
                found=different.found,
                derived=True,
            )

    def beyond(self) -> Iterator[Fact]:
        """Yields what each policy allows beyond the spec, or that it cannot be judged."""
        rendered = rendered_policies(self._environment)
        secrets, keys = dict(rendered.secrets), dict(rendered.keys)
        unjudged: set[str] = set()
        for name, document in self._secrets.items():
            title = secret_title(name)
            try:
                secrets[name] = _parsed(title, document)
            except UnsupportedPolicyError as error:
                unjudged.add(title)
                path = ("secrets", name, "policy")
                yield Fact(NOT_KNOWN, secret_subject(name), path, error.summary, _REVIEW)
        for place, document in self._keys.items():
            try:
                keys[place] = _parsed(place.title, document)
            except UnsupportedPolicyError as error:
                unjudged.add(place.title)
                of_key = (*key_path(place, self._observed.region), "policy")
                yield Fact(NOT_KNOWN, key_subject(place), of_key, error.summary, _REVIEW)
        policies = replace(rendered, secrets=secrets, keys=keys)
        yield from self._opened(policies, unjudged)

    def _opened(self, policies: Policies, unjudged: set[str]) -> Iterator[Fact]:
        places = {place.title: place for place in policies.keys}
        found: dict[str | KeyPlace, list[Finding]] = defaultdict(list)
        for finding in access_report(self._environment, policies).findings:
            if finding.kind is Kind.BEYOND and finding.policy not in unjudged:
                found[places.get(finding.policy, finding.secret)].append(finding)
        for about, findings in found.items():
            if isinstance(about, KeyPlace):
                path, subject = key_path(about, self._observed.region), key_subject(about)
            else:
                path, subject = ("secrets", about), secret_subject(about)
            by_statement = sorted(findings, key=lambda finding: not finding.statement)
            texts = list(dict.fromkeys(map(_description, by_statement)))
            more = [f"{text}." for text in texts[1 : _SHOWN + 1]]
            if len(texts) > _SHOWN + 1:
                more.append(f"And {len(texts) - _SHOWN - 1} more.")
            detail = " ".join([*more, "Run `terraform apply` to restore the policy."])
            yield Fact(ACCESS_BEYOND, subject, (*path, "policy"), texts[0], detail)


def _description(finding: Finding) -> str:
    statement = f" ({finding.statement})" if finding.statement else ""
    return f"the {finding.policy}{statement} {finding.summary}"


def _parsed(title: str, document: Any) -> Policy:
    return Policy(title, ()) if document is None else parse_policy(title, document)


_CONDITION = "Condition"


class StatementDifference(Struct, frozen=True):
    """What two policies do not agree on.

    Args:
        path: the statement, by `Sid` or number, and the element of it that differs.
        expected: the element, or a block for a whole statement; None for none.
        found: the same in the other policy.
    """

    path: tuple[str, ...]
    expected: Leaf
    found: Leaf


class _Statement(Struct):
    """A statement: its `Sid`, its number, and its elements in one form."""

    sid: str
    number: int
    elements: dict[str, Any]

    @property
    def label(self) -> str:
        return self.sid or f"statement {self.number}"


def statement_differences(
    expected: Mapping[str, Any], found: Mapping[str, Any] | None
) -> Iterator[StatementDifference]:
    """Compares two policies. Order, a single item outside of a list and letter case say nothing.

    Args:
        expected: the policy as it is rendered.
        found: the policy in AWS; None for none.
    """
    ours, theirs = _statements(expected), _statements(found or {})
    for statement in list(ours):
        twin = next((t for t in theirs if t.elements == statement.elements), None)
        if twin:
            ours.remove(statement)
            theirs.remove(twin)
    for ours_left in ours:
        other = next((t for t in theirs if t.sid == ours_left.sid), None)
        if other is None:
            yield StatementDifference((ours_left.label,), BLOCK, None)
        else:
            theirs.remove(other)
            yield from _compared(ours_left, other)
    yield from (StatementDifference((t.label,), None, BLOCK) for t in theirs)


def _compared(one: _Statement, other: _Statement) -> Iterator[StatementDifference]:
    for name in sorted(one.elements.keys() | other.elements.keys()):
        left, right = one.elements.get(name), other.elements.get(name)
        if left != right:
            yield StatementDifference((one.label, name), left, right)


def _statements(document: Mapping[str, Any]) -> list[_Statement]:
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return [_statement(raw, number) for number, raw in enumerate(listed, 1)]


def _statement(raw: Any, number: int) -> _Statement:
    if not isinstance(raw, Mapping):
        return _Statement("", number, {"Statement": str(raw)})
    elements: dict[str, Any] = {}
    for name, value in canonical(raw).items():
        if name == _CONDITION and isinstance(value, Mapping):
            elements |= dict(_conditions(value))
        elif name in ("Principal", "NotPrincipal"):
            kinds = value if isinstance(value, Mapping) else {"AWS": value}
            elements |= {f"{name}.{kind}": named for kind, named in kinds.items()}
        elif name in ("Action", "NotAction"):
            actions = value if isinstance(value, list) else [value]
            elements[name] = canonical([str(action).lower() for action in actions])
        else:
            elements[name] = value
    return _Statement(str(raw.get("Sid", "")), number, elements)


def _conditions(conditions: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for operator, keys in conditions.items():
        for key, values in keys.items() if isinstance(keys, Mapping) else [("", keys)]:
            # IAM takes ArnEquals and ArnLike for the same.
            name = operator.replace("Equals", "Like") if operator.startswith("Arn") else operator
            yield f"{_CONDITION}.{name}.{key.lower()}", values
