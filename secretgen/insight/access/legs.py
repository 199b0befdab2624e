"""The three legs of a read: identity policy, resource policy and key policy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from secretgen.insight.access.callers import Principal
from secretgen.insight.access.policies import KeyPlace, Policies, key_in
from secretgen.model.environment import Environment
from secretgen.model.names import reader_arns, secret_arn_pattern
from secretgen.model.secret import AWS_MANAGED, Secret
from secretgen.policy.documents import READ_ACTIONS, secrets_manager_endpoint
from secretgen.policy.evaluate import (
    Caller,
    Decision,
    Judgement,
    Request,
    arns_like,
    judge,
)
from secretgen.policy.parse import Policy

DECRYPT = "kms:Decrypt"
GET = "secretsmanager:GetSecretValue"
_SUFFIX = "Ab1Cd2"
_KEY_ID = "mrk-0123456789abcdef0123456789abcdef"


class Answer(StrEnum):
    """Whether a leg, or the whole read, is allowed."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"
    """On a policy that this environment does not manage."""


@dataclass(frozen=True, slots=True)
class Leg:
    """What one policy says to a read, and which statement of it, or why."""

    answer: Answer
    reason: str


@dataclass(frozen=True, slots=True)
class Access:
    """What the three legs say to one principal about one secret in one Region.

    Args:
        declared: True when the spec names the principal as a reader of the secret.
    """

    secret: str
    region: str
    principal: Principal
    declared: bool
    identity: Leg
    resource: Leg
    key: Leg

    @property
    def answer(self) -> Answer:
        """Whether the principal can read: no when any leg refuses, yes when all agree."""
        answers = {leg.answer for leg in (self.identity, self.resource, self.key)}
        return next(a for a in (Answer.NO, Answer.DEPENDS, Answer.YES) if a in answers)

    @property
    def open_to(self) -> bool:
        """True when all that keeps the principal out is a policy of its own account."""
        return Answer.NO not in (self.resource.answer, self.key.answer)


@dataclass(frozen=True, slots=True)
class Read:
    """The calls that make up the read of a secret in a Region.

    Args:
        secret_arn: an ARN such as AWS would give the secret.
        endpoint: the name by which KMS knows Secrets Manager there.
    """

    secret_arn: str
    key_arn: str
    endpoint: str

    def call(self, caller: Caller, action: str, *, secure: bool = True) -> Request:
        """Makes a call of Secrets Manager, over TLS unless told otherwise."""
        context = {"aws:securetransport": "true" if secure else "false"}
        return Request(caller, action, self.secret_arn, context)

    def decrypt(self, caller: Caller) -> Request:
        """Makes the call of KMS that Secrets Manager makes in the caller's name."""
        context = {
            "aws:securetransport": "true",
            "kms:viaservice": self.endpoint,
            "kms:encryptioncontext:secretarn": self.secret_arn,
        }
        return Request(caller, DECRYPT, self.key_arn, context)


def read_of(environment: Environment, secret: str, region: str, key: KeyPlace | str) -> Read:
    """Makes the read of a secret in a Region."""
    aws = environment.aws
    pattern = secret_arn_pattern(aws.partition, region, aws.account_id, secret)
    made_elsewhere = isinstance(key, str) and key != AWS_MANAGED
    return Read(
        secret_arn=pattern.removesuffix("??????") + _SUFFIX,
        key_arn=str(key)
        if made_elsewhere
        else f"arn:{aws.partition}:kms:{region}:{aws.account_id}:key/{_KEY_ID}",
        endpoint=secrets_manager_endpoint(aws.partition, region),
    )


def access_of(
    environment: Environment, policies: Policies, principal: Principal, secret: Secret, region: str
) -> Access:
    """Evaluates one principal's read of one secret in one Region.

    Within the account of the secret, the identity policy or the resource policy is enough, and the
    key policy leaves its account's callers to their identity policies; from another account, all
    three policies have to allow the read.
    """
    key = key_in(secret, region)
    read = read_of(environment, secret.name, region, key)
    partition, caller = environment.aws.partition, principal.caller
    readers = tuple(arn for r in secret.readers for arn in reader_arns(partition, r))
    declared = bool(readers) and bool(arns_like(readers).fullmatch(caller.arn))
    is_own = caller.account == environment.aws.account_id
    actions = READ_ACTIONS if declared else [GET]
    calls = [read.call(who, action) for who in principal.callers for action in actions]
    decrypts = [read.decrypt(who) for who in principal.callers]
    policy = policies.secrets.get(secret.name)
    key_policy = policies.keys.get(key) if isinstance(key, KeyPlace) else None
    left = [*calls, *decrypts]
    if is_own:
        left = [*_not_allowed_to_itself(policy, calls)]
        left += [] if key == AWS_MANAGED else _not_allowed_to_itself(key_policy, decrypts)
    return Access(
        secret=secret.name,
        region=region,
        principal=principal,
        declared=declared,
        identity=_identity(policies, principal, left),
        resource=_resource(policy, calls, is_own=is_own),
        key=_key(key, key_policy, decrypts, is_own=is_own),
    )


NOT_MANAGED = "not managed here"
NOT_NEEDED = "not needed within the account"
_NO_POLICY = Leg(Answer.NO, "there is no such policy")


def _not_allowed_to_itself(policy: Policy | None, requests: list[Request]) -> list[Request]:
    """Returns the requests that a resource's policy does not allow to the caller by name."""
    judgements = [(r, judge(policy, r) if policy else None) for r in requests]
    return [r for r, j in judgements if not j or j.decision is not Decision.ALLOW or j.delegated]


def _identity(policies: Policies, principal: Principal, requests: list[Request]) -> Leg:
    arn = principal.identity or principal.caller.arn
    if not arn:
        return Leg(Answer.YES, "needs none")
    policy = policies.roles.get(arn)
    if policy is None:
        return Leg(Answer.DEPENDS, NOT_MANAGED) if requests else Leg(Answer.YES, NOT_NEEDED)
    leg = _all_of(policy, requests)
    if leg.answer is Answer.YES and principal.alternative:
        return Leg(Answer.DEPENDS, f"{leg.reason}: once it is in the permission set")
    return leg


def _resource(policy: Policy | None, calls: list[Request], *, is_own: bool) -> Leg:
    if policy is None:
        return _NO_POLICY
    if not is_own:
        return _all_of(policy, calls)
    judgements = [judge(policy, call) for call in calls]
    denied = next((j for j in judgements if j.decision is Decision.DENY), None)
    if denied:
        return _refusal(denied, "")
    return _all_of(policy, calls) if _allows_all(judgements) else Leg(Answer.YES, NOT_NEEDED)


def _allows_all(judgements: list[Judgement]) -> bool:
    return all(judgement.decision is Decision.ALLOW for judgement in judgements)


def _key(
    key: KeyPlace | str, policy: Policy | None, decrypts: list[Request], *, is_own: bool
) -> Leg:
    if key == AWS_MANAGED and is_own:
        return Leg(Answer.YES, "AWS-managed key")
    if key == AWS_MANAGED:
        return Leg(Answer.NO, "an AWS-managed key serves its own account only")
    if isinstance(key, str):
        return Leg(Answer.DEPENDS, NOT_MANAGED)
    return _all_of(policy, decrypts) if policy else _NO_POLICY


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
