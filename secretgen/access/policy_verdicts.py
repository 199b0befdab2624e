"""The verdicts on a read or a write: of identity policy, resource policy and key policy."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from secretgen.access.callers import Principal
from secretgen.access.policies import KeyPlace, Policies, key_in
from secretgen.model.environment import Environment
from secretgen.model.names import reader_arns, secret_arn_pattern
from secretgen.model.secret import AWS_MANAGED, Reader, Secret
from secretgen.policy.documents import (
    DECRYPT,
    ENCRYPT,
    READ_ACTIONS,
    WRITE_ACTIONS,
    secrets_manager_endpoint,
)
from secretgen.policy.evaluate import Caller, Decision, Judgement, Request, arns_like, judge
from secretgen.policy.parse import Policy

GET = "secretsmanager:GetSecretValue"
PUT = "secretsmanager:PutSecretValue"
_SUFFIX = "Ab1Cd2"
_KEY_ID = "mrk-0123456789abcdef0123456789abcdef"


class Answer(StrEnum):
    """Whether a policy_verdict, or the whole read or write, is allowed."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"
    """On a policy that this environment does not manage."""


class PolicyVerdict(Struct, frozen=True):
    """What one policy says to a read or a write, and which statement of it, or why."""

    answer: Answer
    reason: str


class Verdict(Struct, frozen=True):
    """The verdicts of the three policies on a read, or to a write.

    Args:
        declared: True when the spec names the principal as a reader, or as a writer.
    """

    declared: bool
    identity: PolicyVerdict
    resource: PolicyVerdict
    key: PolicyVerdict

    @property
    def by_policy(self) -> dict[str, PolicyVerdict]:
        """The verdict of each policy, by its name in reports."""
        return {
            "identity_policy": self.identity,
            "resource_policy": self.resource,
            "key_policy": self.key,
        }

    @property
    def answer(self) -> Answer:
        """Whether it is allowed: no when any policy denies it, yes when all allow it."""
        answers = {verdict.answer for verdict in self.by_policy.values()}
        return next(a for a in (Answer.NO, Answer.DEPENDS, Answer.YES) if a in answers)

    @property
    def open_to(self) -> bool:
        """True when all that keeps the principal out is a policy of its own account.

        Whom a resource policy lets in that is not managed here, nobody can know.
        """
        return self.resource.answer is Answer.YES and self.key.answer is not Answer.NO


class Access(Struct, frozen=True):
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


class Calls(Struct, frozen=True):
    """The calls that make up the read or the write of a secret in a Region.

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

    def use_key(self, caller: Caller, action: str = DECRYPT) -> Request:
        """Makes the call of KMS that Secrets Manager makes in the caller's name."""
        context = {
            "aws:securetransport": "true",
            "kms:viaservice": self.endpoint,
            "kms:encryptioncontext:secretarn": self.secret_arn,
        }
        return Request(caller, action, self.key_arn, context)


def calls_of(environment: Environment, secret: str, region: str, key: KeyPlace | str) -> Calls:
    """Makes the calls about a secret in a Region."""
    aws = environment.aws
    pattern = secret_arn_pattern(aws, secret, region)
    made_elsewhere = isinstance(key, str) and key != AWS_MANAGED
    return Calls(
        secret_arn=pattern.removesuffix("??????") + _SUFFIX,
        key_arn=str(key) if made_elsewhere else aws.arn("kms", f"key/{_KEY_ID}", region),
        endpoint=secrets_manager_endpoint(aws.partition, region),
    )


def access_of(
    environment: Environment, policies: Policies, principal: Principal, secret: Secret, region: str
) -> Access:
    """Evaluates what one principal can do with one secret in one Region.

    Within the account of the secret, the identity policy or the resource policy is enough, and the
    key policy leaves its account's callers to their identity policies; from another account, all
    three policies have to allow a call.
    """
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


_READ_ONLY = PolicyVerdict(Answer.NO, "a replica is read-only")
_IN_REPLICA = Verdict(declared=False, identity=_READ_ONLY, resource=_READ_ONLY, key=_READ_ONLY)


class _Judged(Struct, frozen=True):
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
        aws, caller, key = self.environment.aws, self.principal.caller, self._key
        named = tuple(arn for role in roles for arn in reader_arns(aws.partition, role))
        declared = bool(named) and bool(arns_like(named).fullmatch(caller.arn))
        is_own = caller.account == aws.account_id
        calls = calls_of(self.environment, self.secret.name, self.region, key)
        needed = actions if declared else [least]
        asked = [calls.call(who, a) for who in self.principal.callers for a in needed]
        used = [calls.use_key(who, use) for who in self.principal.callers for use in uses]
        policy = self.policies.secrets.get(self.secret.name)
        key_policy = self.policies.keys.get(key) if isinstance(key, KeyPlace) else None
        left = [*asked, *used]
        if is_own:
            left = _not_allowed_to_itself(policy, asked)
            left += [] if key == AWS_MANAGED else _not_allowed_to_itself(key_policy, used)
        return Verdict(
            declared=declared,
            identity=_identity(self.policies, self.principal, left),
            resource=_resource(self.secret, policy, asked, is_own=is_own),
            key=_key(key, key_policy, used, is_own=is_own),
        )

    @property
    def _key(self) -> KeyPlace | str:
        return key_in(self.secret, self.region)


NOT_MANAGED = "not managed here"
NOT_NEEDED = "not required within the account"
_NO_POLICY = PolicyVerdict(Answer.NO, "the policy does not exist")


def _not_allowed_to_itself(policy: Policy | None, requests: list[Request]) -> list[Request]:
    """Returns the requests that a resource's policy does not allow to the caller by name."""
    judgements = [(r, judge(policy, r) if policy else None) for r in requests]
    return [r for r, j in judgements if not j or j.decision is not Decision.ALLOW or j.delegated]


def _identity(policies: Policies, principal: Principal, requests: list[Request]) -> PolicyVerdict:
    arn = principal.identity or principal.caller.arn
    if not arn:
        return PolicyVerdict(Answer.YES, "needs none")
    policy = policies.roles.get(arn)
    if policy is None:
        return (
            PolicyVerdict(Answer.DEPENDS, NOT_MANAGED)
            if requests
            else PolicyVerdict(Answer.YES, NOT_NEEDED)
        )
    policy_verdict = _all_of(policy, requests)
    if policy_verdict.answer is Answer.YES and principal.alternative:
        return PolicyVerdict(
            Answer.DEPENDS, f"{policy_verdict.reason}, once it is in the permission set"
        )
    return policy_verdict


def _resource(
    secret: Secret, policy: Policy | None, calls: list[Request], *, is_own: bool
) -> PolicyVerdict:
    if not secret.manages_policy:
        return PolicyVerdict(Answer.DEPENDS, NOT_MANAGED)
    if policy is None:
        return _NO_POLICY
    if not is_own:
        return _all_of(policy, calls)
    judgements = [judge(policy, call) for call in calls]
    denied = next((j for j in judgements if j.decision is Decision.DENY), None)
    if denied:
        return _refusal(denied, "")
    allowed = all(judgement.decision is Decision.ALLOW for judgement in judgements)
    return _all_of(policy, calls) if allowed else PolicyVerdict(Answer.YES, NOT_NEEDED)


def _key(
    key: KeyPlace | str, policy: Policy | None, uses: list[Request], *, is_own: bool
) -> PolicyVerdict:
    if key == AWS_MANAGED and is_own:
        return PolicyVerdict(Answer.YES, "AWS-managed key")
    if key == AWS_MANAGED:
        return PolicyVerdict(Answer.NO, "only its own account can use an AWS-managed key")
    if isinstance(key, str):
        return PolicyVerdict(Answer.DEPENDS, NOT_MANAGED)
    return _all_of(policy, uses) if policy else _NO_POLICY


def _all_of(policy: Policy, requests: list[Request]) -> PolicyVerdict:
    """Asks a policy for several requests: it has to allow each."""
    statements: list[str] = []
    for request in requests:
        judgement = judge(policy, request)
        if judgement.decision is not Decision.ALLOW:
            return _refusal(judgement, request.action)
        statements.append(judgement.statement)
    return PolicyVerdict(Answer.YES, ", ".join(dict.fromkeys(statements)))


def _refusal(judgement: Judgement, action: str) -> PolicyVerdict:
    denied = judgement.decision is Decision.DENY
    reason = f"denied by {judgement.statement}" if denied else f"{action} is not allowed"
    return PolicyVerdict(Answer.NO, reason)
