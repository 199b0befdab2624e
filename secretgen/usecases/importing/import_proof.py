"""Whether a spec would deploy a secret as it is: its settings, and who may do what with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from secretgen.access.callers import Callers, Principal
from secretgen.model.environment import Environment
from secretgen.model.secret import Secret, Source
from secretgen.policy.documents import secret_policy
from secretgen.policy.evaluate import Decision, Request, judge
from secretgen.policy.parse import Policy, UnsupportedPolicyError, parse_policy
from secretgen.spec.characters import normal_form
from secretgen.usecases.importing.spec_entries import Candidate, own_tags

_DESCRIBE = "secretsmanager:DescribeSecret"
_ACTIONS = tuple(
    f"secretsmanager:{name}"
    for name in (
        "BatchGetSecretValue", "CancelRotateSecret", "DeleteResourcePolicy", "DeleteSecret",
        "DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds",
        "PutResourcePolicy", "PutSecretValue", "RemoveRegionsFromReplication",
        "ReplicateSecretToRegions", "RestoreSecret", "RotateSecret", "StopReplicationToReplica",
        "TagResource", "UntagResource", "UpdateSecret", "UpdateSecretVersionStage",
        "ValidateResourcePolicy",
    )
)  # fmt: skip
"""All actions on a secret (Service Authorization Reference)."""
_WITH_TLS = {"aws:securetransport": "true"}


def differences(candidate: Candidate, secret: Secret) -> Iterator[str]:
    """Yields what a spec says otherwise about a secret than AWS, in words."""
    live, rotation = candidate.secret, candidate.secret.rotation
    if secret.description != normal_form(live.description):
        yield "its description"
    if secret.value.source is not Source.EXTERNAL:
        yield "where its value comes from"
    if {r.region for r in secret.replicas} != {r.region for r in live.replicas}:
        yield "its replicas"
    if not own_tags(live).items() <= dict(secret.tags).items():
        yield "its tags"
    wanted = rotation if rotation and rotation.enabled else None
    if (secret.rotation is None) is not (wanted is None):
        yield "whether it rotates"
    if secret.rotation and wanted:
        said = (secret.rotation.lambda_arn, secret.rotation.schedule, secret.rotation.duration)
        if said != (wanted.lambda_arn, wanted.schedule or None, wanted.duration or None):
            yield "its rotation"


class AccessProof:
    """Compares resource policies with those that an environment would deploy.

    Args:
        environment: the environment.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._callers = Callers(environment)

    def compare(self, candidate: Candidate, secret: Secret) -> tuple[list[str], list[str]]:
        """Compares who may do what with a secret, before and after.

        Args:
            candidate: the secret as it is.
            secret: the secret as the environment has it.

        Returns:
            What differs, in words; and what is added that every reader and writer of a spec has:
            to describe the secret.
        """
        live = candidate.secret
        before = parse_policy(f"policy of {live.name}", live.policy or {"Statement": []})
        after = parse_policy("policy of the spec", secret_policy(self._environment, secret))
        differing, added = [], []
        roles = {(r.account_id, r.role): r.arn for r in candidate.access.roles if r.arn}
        found = self._principals(secret, before, after)
        for principal in sorted({self._as_it_is(p, roles) for p in found}):
            for caller, action in product(principal.callers, _ACTIONS):
                request = Request(caller, action, live.arn, _WITH_TLS)
                old, new = self._allowed(before, request), self._allowed(after, request)
                if old == new:
                    continue
                if action == _DESCRIBE and new is Decision.ALLOW:
                    added.append(principal.text)
                else:
                    words = "would gain" if new is Decision.ALLOW else "would lose"
                    differing.append(f"{principal.text} {words} {action}")
        return differing, sorted(set(added))

    def _principals(self, secret: Secret, *policies: Policy) -> set[Principal]:
        named: Iterable[Principal] = self._callers.named_in(policies)
        return {
            *named, *self._callers.named_by(secret), *self._callers.strangers, self._callers.own
        }  # fmt: skip

    def _as_it_is(self, principal: Principal, roles: Mapping[tuple[str, str], str]) -> Principal:
        """Returns the role that AWS has for a permission set where the policy tells which it is.

        An account has one role for each permission set that is assigned there.
        """
        is_set = principal.alternative is not None
        arn = roles.get((principal.caller.account, principal.role)) if is_set else None
        return self._callers.role(arn) if arn else principal

    def _allowed(self, policy: Policy, request: Request) -> Decision:
        """Returns the decision; nothing and a deny are the same for callers of other accounts."""
        decision = judge(policy, request).decision
        foreign = request.caller.account != self._environment.aws.account_id
        return Decision.NOTHING if decision is Decision.DENY and foreign else decision


__all__ = ["AccessProof", "UnsupportedPolicyError", "differences"]
