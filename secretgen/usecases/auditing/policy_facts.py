"""The policies in AWS: statement by statement against those that are rendered, and evaluated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from secretgen.access.access_findings import Finding, Kind
from secretgen.access.access_report import access_report
from secretgen.access.policies import KeyPlace, Policies, rendered_policies, secret_title
from secretgen.model.changes import Subject
from secretgen.model.changes import secret as secret_subject
from secretgen.model.compare import Path
from secretgen.policy.documents import key_policy, secret_policy
from secretgen.policy.parse import Policy, UnsupportedPolicyError, parse_policy
from secretgen.rules.live_rules import ACCESS_BEYOND, NOT_KNOWN, POLICY_DIFFERS
from secretgen.usecases.auditing.fact import Fact, differing, key_path, key_subject
from secretgen.usecases.auditing.observed import Observed
from secretgen.usecases.auditing.statement_differences import statement_differences

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
        for different in statement_differences(expected, found, self._environment.aws.partition):
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
