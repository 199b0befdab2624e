"""Requests that must fail, put to the policies.

They catch what no look at a single Allow statement can: a Deny that is gone, narrowed or
undone. And they say what a statement that is too wide lets a principal do.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from msgspec import Struct
from msgspec.structs import replace

from secretgen.access.access_findings import Finding, Kind
from secretgen.access.callers import Callers, Principal
from secretgen.access.policies import KeyPlace, Policies, key_in, regions_of
from secretgen.access.policy_verdicts import GET, PUT, Calls, calls_of
from secretgen.model.environment import Aws, Environment
from secretgen.model.names import reader_arns
from secretgen.model.secret import Secret
from secretgen.policy.documents import DECRYPT, VALUE_ACTIONS, secrets_manager_endpoint
from secretgen.policy.evaluate import Decision, Request, arns_like, judge
from secretgen.policy.parse import Policy

_SECRET_CHANGES = ("secretsmanager:PutResourcePolicy", PUT)
_KEY_USES = {DECRYPT: "decrypt", "kms:GenerateDataKey": "encrypt"}
_KEY_CHANGES = ("kms:CreateGrant", "kms:PutKeyPolicy")
_NO_SECRET = "a-secret-of-no-spec"  # noqa: S105
_NO_REGION = "xx-nowhere-1"
_NO_ORGANIZATION = ("", "o-0000000000")
_ORGANIZATION = "aws:principalorgid"
_VIA_SERVICE = "kms:viaservice"
_SECRET_ARN = "kms:encryptioncontext:secretarn"  # noqa: S105


class _Probe(Struct, frozen=True):
    """A request that a policy must not allow.

    Args:
        summary: what the policy does if it allows it, to complete "This policy …".
        denied: True when not allowing is not enough: the policy must deny it, whatever
            other policies allow.
    """

    policy: Policy
    request: Request
    summary: str
    denied: bool = False


class _Target(Struct, frozen=True):
    """A secret in a Region, its policies, and everyone outside who might reach for it."""

    environment: Environment
    secret: Secret
    region: str
    calls: Calls
    policy: Policy | None
    key_policy: Policy | None
    outsiders: tuple[Principal, ...]


def probe(environment: Environment, policies: Policies, callers: Callers) -> list[Finding]:
    """Puts requests that must fail to every secret and key.

    Returns:
        Those that do not fail, sorted.
    """
    found: set[Finding] = set()
    for target in _targets(environment, policies, callers):
        probes = [*_changes(target), *_decryption(target)]
        if target.policy:
            probes += _denied(target, target.policy, callers.own)
            probes += _exclusive_probes(target, target.policy, callers)
        for item in probes:
            judgement = judge(item.policy, item.request)
            passed = {Decision.ALLOW, Decision.NOTHING} if item.denied else {Decision.ALLOW}
            if judgement.decision in passed:
                found.add(
                    Finding(
                        Kind.BEYOND,
                        item.policy.title,
                        "" if item.denied else judgement.statement,
                        item.summary,
                        target.secret.name,
                    )
                )
    return sorted(found)


def outsiders(
    policies: Policies, callers: Callers, secret: Secret, region: str
) -> tuple[Principal, ...]:
    """Lists everyone outside of the environment's account who might read a secret, sorted."""
    documents = (policies.secrets.get(secret.name), _key_policy(policies, secret, region))
    named = callers.named_in(policy for policy in documents if policy)
    own_account = callers.own.caller.account
    everyone = {*named, *callers.named_by(secret), *callers.strangers}
    return tuple(sorted(p for p in everyone if p.caller.account != own_account))


def _key_policy(policies: Policies, secret: Secret, region: str) -> Policy | None:
    key = key_in(secret, region)
    return policies.keys.get(key) if isinstance(key, KeyPlace) else None


def _targets(environment: Environment, policies: Policies, callers: Callers) -> Iterator[_Target]:
    for secret in environment.secrets:
        policy = policies.secrets.get(secret.name)
        for region in regions_of(environment, secret):
            yield _Target(
                environment=environment,
                secret=secret,
                region=region,
                calls=calls_of(environment, secret.name, region, key_in(secret, region)),
                policy=policy,
                key_policy=_key_policy(policies, secret, region),
                outsiders=outsiders(policies, callers, secret, region),
            )


def _changes(target: _Target) -> Iterator[_Probe]:
    """Nobody outside may change a secret or its key; only writers may put a value."""
    partition = target.environment.aws.partition
    writers = tuple(arn for w in target.secret.writers for arn in reader_arns(partition, w))
    for who in target.outsiders:
        for action in _SECRET_CHANGES:
            is_writer = bool(writers) and bool(arns_like(writers).fullmatch(who.caller.arn))
            if target.policy is None or (action == PUT and is_writer):
                continue
            request = target.calls.call(who.caller, action)
            yield _Probe(target.policy, request, f"allows {who.text} to call {action}")
        if target.key_policy is None:
            continue
        for action in _KEY_CHANGES:
            request = target.calls.use_key(who.caller, action)
            yield _Probe(target.key_policy, request, f"allows {who.text} to call {action}")


def _decryption(target: _Target) -> Iterator[_Probe]:
    """Nobody outside may use a key but through Secrets Manager there, and for their secrets."""
    if target.key_policy is None:
        return
    aws, key = target.environment.aws, key_in(target.secret, target.region)
    other_secret = calls_of(target.environment, _NO_SECRET, target.region, key).secret_arn
    other_region = secrets_manager_endpoint(aws.partition, _NO_REGION)
    for who, (action, verb) in product(target.outsiders, _KEY_USES.items()):
        request = target.calls.use_key(who.caller, action)
        context = dict(request.context)
        for how, changed in (
            ("without Secrets Manager", {_VIA_SERVICE: None}),
            ("through another Region", {_VIA_SERVICE: other_region}),
            ("data of no secret", {_SECRET_ARN: None}),
            ("data of another secret", {_SECRET_ARN: other_secret}),
        ):
            keys = {k: v for k, v in {**context, **changed}.items() if v is not None}
            yield _Probe(
                target.key_policy,
                replace(request, context=keys),
                f"allows {who.text} to {verb} {how}",
            )


def _exclusive_probes(target: _Target, policy: Policy, callers: Callers) -> Iterator[_Probe]:
    """Nobody but those named uses the value of an exclusive secret, regardless of IAM."""
    secret = target.secret
    if secret.exclusive is None:
        return
    named = callers.named_in([policy])
    allowed = callers.named_by(secret) | callers.exempt_from(secret)
    for who in sorted({callers.own, *target.outsiders, *named} - allowed):
        for action in VALUE_ACTIONS:
            if not who.caller.service:
                summary = f"does not deny {action} to {who.text}"
                request = target.calls.call(who.caller, action)
                yield _Probe(policy, request, summary, denied=True)


def _denied(target: _Target, policy: Policy, own: Principal) -> Iterator[_Probe]:
    """Without TLS nobody gets in; from outside the organization, none but the exempt."""
    aws, calls = target.environment.aws, target.calls
    for action in (GET, *_SECRET_CHANGES):
        for who in (own, *target.outsiders):
            yield _Probe(
                policy,
                calls.call(who.caller, action, secure=False),
                "does not deny requests without TLS",
                denied=True,
            )
        for who in _members(target) if aws.organization_id else ():
            for organization in _other_organizations(aws, policy):
                stranger = replace(who.caller, organization=organization)
                yield _Probe(
                    policy,
                    calls.call(stranger, action),
                    f"does not deny {who.account} when it is outside {aws.organization_id}",
                    denied=True,
                )


def _other_organizations(aws: Aws, policy: Policy) -> set[str]:
    """No organization, one that nobody names, and whichever the policy names but ours."""
    named = {
        value.replace("*", "x").replace("?", "x")
        for statement in policy.statements
        for condition in statement.conditions
        if condition.key == _ORGANIZATION
        for value in condition.values
    }
    return {*_NO_ORGANIZATION, *named} - {aws.organization_id}


def _members(target: _Target) -> list[Principal]:
    """Lists those whom the organization deny has to hit once they are outside."""
    exempt = {a.id for a in target.environment.accounts if not a.in_organization}
    return [w for w in target.outsiders if w.caller.account not in exempt and not w.caller.service]
