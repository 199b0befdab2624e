"""Who gains and who loses what by a plan: its policies before and after, evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from secretgen.access.access_report import everyone
from secretgen.access.callers import Callers, Principal
from secretgen.access.policies import (
    KeyPlace,
    identity_arn,
    key_in,
    regions_of,
    rendered_policies,
)
from secretgen.access.policy_verdicts import Access, Answer, Verdict, access_of
from secretgen.model.changes import KEY, POLICY, SECRET
from secretgen.model.environment import Account, Environment
from secretgen.model.names import secret_module
from secretgen.model.secret import Secret
from secretgen.plan.access_sides import Side, as_before, key_place, policies_of, side_of
from secretgen.plan.document import PlanDocument, parsed
from secretgen.plan.owners import Owners
from secretgen.plan.planned_policies import after_of, before_of, identity_policies
from secretgen.policy.documents import canonical


class AccessChange(Struct, frozen=True, order=True):
    """What a principal can do with a secret in a Region from now on, or no longer.

    Args:
        secret: name of the secret.
        region: the Region.
        who: the role and its account, as the spec writes them, or a phrase.
        account: the spec's name for the account, or its id; empty for a phrase.
        right: `read` or `write`.
        gains: whether it is allowed from now on; False when it no longer is.
        declared: whether the spec names the role for it.
    """

    secret: str
    region: str
    who: str
    account: str
    right: str
    gains: bool
    declared: bool


def environment_access(
    environment: Environment, plan: PlanDocument, owners: Owners
) -> Iterator[AccessChange]:
    """Yields what the resource and key policies of an environment give and take.

    A secret that leaves is left out: nobody reads it any more. So is one whose policy cannot be
    evaluated, such as one that an import finds in AWS.

    Args:
        environment: the environment as the spec describes it.
        plan: the plan of the environment.
        owners: finds what an address belongs to.
    """
    callers = Callers(environment)
    before, after = (side_of(plan, owners, values) for values in (before_of, after_of))
    changes = {c.module: c for c in plan.changes if c.type == SECRET and not c.deposed}
    changed = _changed_keys(plan, owners)
    for secret in environment.secrets:
        module = f"module.{secret_module(secret.name)}"
        change = changes.get(module)
        if change is None or change.after is None:
            continue
        old = None if change.before is None else as_before(secret, change.before, before, module)
        if old == secret and module not in changed and not changed & _keys(environment, secret):
            continue
        yield from _of_secret(environment, callers, (old, before), (secret, after))


def _changed_keys(plan: PlanDocument, owners: Owners) -> set[KeyPlace | str]:
    """Returns the keys, and the modules of the secrets, whose policies differ."""
    found: set[KeyPlace | str] = set()
    for change in plan.changes:
        texts = [(values(change) or {}).get("policy") for values in (before_of, after_of)]
        old, new = (canonical(parsed(text)) for text in texts)
        if old == new and None not in texts:
            continue
        if change.type == POLICY:
            found.add(change.module)
        elif change.type == KEY and (place := key_place(owners, change)):
            found.add(place)
    return found


def _keys(environment: Environment, secret: Secret) -> set[KeyPlace | str]:
    return {key_in(secret, region) for region in regions_of(environment, secret)}


def _of_secret(
    environment: Environment,
    callers: Callers,
    before: tuple[Secret | None, Side],
    after: tuple[Secret, Side],
) -> Iterator[AccessChange]:
    """Compares what everyone can do with one secret."""
    secret, side = after
    old, side_before = before
    module = f"module.{secret_module(secret.name)}"
    now = policies_of(secret, side, module)
    was = policies_of(old, side_before, module) if old else None
    if now is None or (old is not None and was is None):
        return
    regions = regions_of(environment, secret)
    regions_before = regions_of(environment, old) if old else ()
    for region in dict.fromkeys((*regions, *regions_before)):
        people: set[Principal] = set()
        if region in regions:
            people |= set(everyone(now, callers, secret, region))
        if old and was and region in regions_before:
            people |= set(everyone(was, callers, old, region))
        if old is None:  # whoever IAM policies let in, in the account itself
            people -= {callers.own, *callers.exempt_from(secret)} - callers.named_by(secret)
        for who in sorted(people):
            new = prior = _NONE
            if region in regions:
                new = _rights(access_of(environment, now, who, secret, region), _by_resources)
            if old and was and region in regions_before:
                prior = _rights(access_of(environment, was, who, old, region), _by_resources)
            yield from _differences(secret, region, who, prior, new)


_Rights = tuple[tuple[bool, bool], tuple[bool, bool]]
"""For the read and for the write: whether it is allowed, and whether the spec declares it."""

_NONE: _Rights = ((False, False), (False, False))


def _rights(access: Access, is_allowed: Callable[[Verdict], bool]) -> _Rights:
    read, write = access.verdicts
    return (is_allowed(read), read.declared), (is_allowed(write), write.declared)


def _by_resources(verdict: Verdict) -> bool:
    """Returns whether neither the secret nor its key refuses, whatever identity policies say."""
    return Answer.NO not in (verdict.resource.answer, verdict.key.answer)


def _by_identity(verdict: Verdict) -> bool:
    """Returns whether the policies of the role do not refuse, whatever others say."""
    return verdict.identity.answer is not Answer.NO


def _differences(
    secret: Secret, region: str, who: Principal, before: _Rights, after: _Rights
) -> Iterator[AccessChange]:
    for right, (was, _), (is_now, declared) in zip(("read", "write"), before, after, strict=True):
        if was != is_now:
            account = who.account if who.is_role else ""
            yield AccessChange(
                secret.name, region, who.text, account, right, gains=is_now, declared=declared
            )


def consumer_access(
    environment: Environment, account: Account, plan: PlanDocument
) -> Iterator[AccessChange]:
    """Yields what the identity policies of the roles in an account give and take.

    Args:
        environment: the environment as the spec describes it.
        account: the account.
        plan: the plan of its root module.
    """
    before, after = (
        identity_policies(environment, account, plan, values) for values in (before_of, after_of)
    )
    rendered = rendered_policies(environment)
    callers = Callers(environment)
    for role in account.deployed_roles:
        arn = identity_arn(environment, account, role)
        sides = [replace(rendered, roles={arn: found[arn]}) for found in (before, after)]
        who = callers.find(account.id, role.name)
        if who is None or sides[0].roles == sides[1].roles:
            continue
        for secret in environment.secrets:
            for region in regions_of(environment, secret):
                prior, new = (
                    _rights(access_of(environment, policies, who, secret, region), _by_identity)
                    for policies in sides
                )
                yield from _differences(secret, region, who, prior, new)
