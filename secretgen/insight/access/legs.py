"""The three legs of a read or a write: identity policy, resource policy and key policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from secretgen.insight.access.callers import Principal
from secretgen.insight.access.policies import KeyPlace, Policies, key_in
from secretgen.model.environment import Environment
from secretgen.model.names import role_arn, secret_arn_pattern
from secretgen.model.secret import AWS_MANAGED, Reader, Secret
from secretgen.policy.documents import (
    DECRYPT,
    ENCRYPT,
    READ_ACTIONS,
    WRITE_ACTIONS,
    secrets_manager_endpoint,
)
from secretgen.policy.evaluate import Decision, Judgement, Request, judge
from secretgen.policy.parse import Policy

GET = "secretsmanager:GetSecretValue"
PUT = "secretsmanager:PutSecretValue"
_SUFFIX = "Ab1Cd2"
_KEY_ID = "mrk-0123456789abcdef0123456789abcdef"


class Answer(StrEnum):
    """Whether a leg, or the whole read or write, is allowed."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"
    """On a policy that this environment does not manage."""


@dataclass(frozen=True, slots=True)
class Leg:
    """What one policy says to a read or a write, and which statement of it, or why."""

    answer: Answer
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the three legs say to a read, or to a write.

    Args:
        declared: True when the spec names the principal as a reader, or as a writer.
    """

    declared: bool
    identity: Leg
    resource: Leg
    key: Leg

    @property
    def answer(self) -> Answer:
        """Whether it is allowed: no when any leg refuses, yes when all agree."""
        answers = {leg.answer for leg in (self.identity, self.resource, self.key)}
        return next(a for a in (Answer.NO, Answer.DEPENDS, Answer.YES) if a in answers)

    @property
    def open_to(self) -> bool:
        """True when all that keeps the principal out is a policy of its own account."""
        return Answer.NO not in (self.resource.answer, self.key.answer)


@dataclass(frozen=True, slots=True)
class Access:
    """What one principal can do with one secret in one Region."""

    secret: str
    region: str
    principal: Principal
    read: Verdict
    write: Verdict

    @property
    def declared(self) -> bool:
        """True when the spec names the principal as a reader or a writer of the secret."""
        return self.read.declared or self.write.declared

    @property
    def verdicts(self) -> tuple[Verdict, Verdict]:
        """What is said to a read, and to a write."""
        return self.read, self.write

    @property
    def shown(self) -> Verdict:
        """The one that tables explain: of a role that is a writer alone, the write."""
        is_writer_alone = self.write.declared and not self.read.declared
        is_write_refused = self.write.declared and self.write.answer is Answer.NO
        is_read_refused = self.read.declared and self.read.answer is Answer.NO
        write = is_writer_alone or (is_write_refused and not is_read_refused)
        return self.write if write else self.read


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that make up the read or the write of a secret in a Region.

    Args:
        secret_arn: an ARN such as AWS would give the secret.
        endpoint: the name by which KMS knows Secrets Manager there.
    """

    secret_arn: str
    key_arn: str
    endpoint: str

    def call(self, principal: Principal, action: str, *, secure: bool = True) -> Request:
        """Makes a call of Secrets Manager, over TLS unless told otherwise."""
        context = {"aws:securetransport": "true" if secure else "false"}
        return Request(principal.caller, action, self.secret_arn, context)

    def use_key(self, principal: Principal, action: str = DECRYPT) -> Request:
        """Makes the call of KMS that Secrets Manager makes in the caller's name."""
        context = {
            "aws:securetransport": "true",
            "kms:viaservice": self.endpoint,
            "kms:encryptioncontext:secretarn": self.secret_arn,
        }
        return Request(principal.caller, action, self.key_arn, context)


def calls_of(environment: Environment, secret: str, region: str, key: KeyPlace | str) -> Calls:
    """Makes the calls about a secret in a Region."""
    aws = environment.aws
    pattern = secret_arn_pattern(aws.partition, region, aws.account_id, secret)
    made_elsewhere = isinstance(key, str) and key != AWS_MANAGED
    return Calls(
        secret_arn=pattern.removesuffix("??????") + _SUFFIX,
        key_arn=str(key)
        if made_elsewhere
        else f"arn:{aws.partition}:kms:{region}:{aws.account_id}:key/{_KEY_ID}",
        endpoint=secrets_manager_endpoint(aws.partition, region),
    )


def access_of(
    environment: Environment, policies: Policies, principal: Principal, secret: Secret, region: str
) -> Access:
    """Evaluates what one principal can do with one secret in one Region."""
    judged = _Judged(environment, policies, principal, secret, region)
    is_replica = region != environment.aws.region
    return Access(
        secret=secret.name,
        region=region,
        principal=principal,
        read=judged.verdict(secret.readers, READ_ACTIONS, GET, [DECRYPT]),
        write=_IN_REPLICA
        if is_replica
        else judged.verdict(secret.writers, WRITE_ACTIONS, PUT, ENCRYPT),
    )


_READ_ONLY = Leg(Answer.NO, "a replica is read-only")
_IN_REPLICA = Verdict(declared=False, identity=_READ_ONLY, resource=_READ_ONLY, key=_READ_ONLY)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A principal and a secret in a Region."""

    environment: Environment
    policies: Policies
    principal: Principal
    secret: Secret
    region: str

    def verdict(
        self, roles: Iterable[Reader], actions: list[str], least: str, uses: list[str]
    ) -> Verdict:
        """Evaluates a read, or a write.

        Args:
            roles: the roles that the spec names for it.
            actions: all that these are allowed.
            least: the action that anybody else would need.
            uses: what it takes of the key.
        """
        aws, caller = self.environment.aws, self.principal.caller
        declared = caller.arn in {role_arn(aws.partition, r.account_id, r.role) for r in roles}
        is_own = caller.account == aws.account_id and not declared
        key = key_in(self.secret, self.region)
        calls = calls_of(self.environment, self.secret.name, self.region, key)
        asked = [calls.call(self.principal, a) for a in (actions if declared else [least])]
        used = [calls.use_key(self.principal, use) for use in uses]
        return Verdict(
            declared=declared,
            identity=_identity(self.policies, [*asked, *used], is_own=is_own),
            resource=_resource(self.policies.secrets.get(self.secret.name), asked, is_own=is_own),
            key=_key(self.policies, key, used, is_own=is_own),
        )


NOT_MANAGED = "not managed here"
_NO_POLICY = Leg(Answer.NO, "there is no such policy")


def _identity(policies: Policies, requests: list[Request], *, is_own: bool) -> Leg:
    arn = requests[0].caller.arn
    if not arn:
        return Leg(Answer.YES, "needs none")
    policy = None if is_own else policies.roles.get(arn)
    return _all_of(policy, requests) if policy else Leg(Answer.DEPENDS, NOT_MANAGED)


def _resource(policy: Policy | None, requests: list[Request], *, is_own: bool) -> Leg:
    if policy is None:
        return _NO_POLICY
    if not is_own:
        return _all_of(policy, requests)
    judgements = [judge(policy, request) for request in requests]
    denied = next((j for j in judgements if j.decision is Decision.DENY), None)
    return _refusal(denied, "") if denied else Leg(Answer.YES, "not needed within the account")


def _key(policies: Policies, key: KeyPlace | str, uses: list[Request], *, is_own: bool) -> Leg:
    if key == AWS_MANAGED and is_own:
        return Leg(Answer.YES, "AWS-managed key")
    if key == AWS_MANAGED:
        return Leg(Answer.NO, "an AWS-managed key serves its own account only")
    if isinstance(key, str):
        return Leg(Answer.DEPENDS, NOT_MANAGED)
    policy = policies.keys.get(key)
    return _all_of(policy, uses) if policy else _NO_POLICY


def _all_of(policy: Policy, requests: list[Request]) -> Leg:
    """Asks a policy for several requests: it has to allow each."""
    statements: list[str] = []
    for request in requests:
        judgement = judge(policy, request)
        if judgement.decision is not Decision.ALLOW:
            return _refusal(judgement, request.action)
        statements.append(judgement.statement)
    return Leg(Answer.YES, ", ".join(dict.fromkeys(statements)))


def _refusal(judgement: Judgement, action: str) -> Leg:
    denied = judgement.decision is Decision.DENY
    reason = f"denied by {judgement.statement}" if denied else f"{action} is not allowed"
    return Leg(Answer.NO, reason)
