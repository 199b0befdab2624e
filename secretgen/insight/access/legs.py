"""The three legs of a read: identity policy, resource policy and key policy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from secretgen.insight.access.callers import Principal
from secretgen.insight.access.policies import KeyPlace, Policies, key_in
from secretgen.model.environment import Environment
from secretgen.model.names import role_arn, secret_arn_pattern
from secretgen.model.secret import AWS_MANAGED, Secret
from secretgen.policy.documents import READ_ACTIONS, secrets_manager_endpoint
from secretgen.policy.evaluate import Decision, Judgement, Request, judge
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

    def call(self, principal: Principal, action: str, *, secure: bool = True) -> Request:
        """Makes a call of Secrets Manager, over TLS unless told otherwise."""
        context = {"aws:securetransport": "true" if secure else "false"}
        return Request(principal.caller, action, self.secret_arn, context)

    def decrypt(self, principal: Principal) -> Request:
        """Makes the call of KMS that Secrets Manager makes in the caller's name."""
        context = {
            "aws:securetransport": "true",
            "kms:viaservice": self.endpoint,
            "kms:encryptioncontext:secretarn": self.secret_arn,
        }
        return Request(principal.caller, DECRYPT, self.key_arn, context)


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
    """Evaluates one principal's read of one secret in one Region."""
    key = key_in(secret, region)
    read = read_of(environment, secret.name, region, key)
    partition, caller = environment.aws.partition, principal.caller
    readers = {role_arn(partition, r.account_id, r.role) for r in secret.readers}
    declared = caller.arn in readers
    is_own = caller.account == environment.aws.account_id and not declared
    calls = [read.call(principal, action) for action in (READ_ACTIONS if declared else [GET])]
    decrypt = read.decrypt(principal)
    return Access(
        secret=secret.name,
        region=region,
        principal=principal,
        declared=declared,
        identity=_identity(policies, [*calls, decrypt], is_own=is_own),
        resource=_resource(policies.secrets.get(secret.name), calls, is_own=is_own),
        key=_key(policies, key, decrypt, is_own=is_own),
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


def _key(policies: Policies, key: KeyPlace | str, decrypt: Request, *, is_own: bool) -> Leg:
    if key == AWS_MANAGED and is_own:
        return Leg(Answer.YES, "AWS-managed key")
    if key == AWS_MANAGED:
        return Leg(Answer.NO, "an AWS-managed key serves its own account only")
    if isinstance(key, str):
        return Leg(Answer.DEPENDS, NOT_MANAGED)
    policy = policies.keys.get(key)
    return _all_of(policy, [decrypt]) if policy else _NO_POLICY


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
