"""What plans take from readers and writers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secretgen.access.policies import regions_of
from secretgen.change.role_alterations import (
    ReaderRole,
    identity_right_taken,
    reader_leaves,
    right_taken,
    role_handed_over,
)
from secretgen.model.changes import POLICY
from secretgen.model.environment import Account, Environment
from secretgen.model.names import secret_module
from secretgen.plan.access_changes import AccessChange
from secretgen.plan.document import PlanDocument, ResourceChange
from secretgen.plan.planned_hazards import Seen

_ROLE = "aws_iam_role"
_POLICIES = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")


def reader_hazards(plan: PlanDocument, account: str, environment: Environment) -> Iterator[Seen]:
    """Yields the roles that leave, are replaced or lose their last policy, each once.

    Args:
        plan: the plan.
        account: the account, by its name in the spec; empty for the plan of another root module.
        environment: the environment as the spec describes it.
    """
    found = next((a for a in environment.accounts if a.name == account), None)
    if found is None:
        return
    told = set()
    kept = {(c.after or {}).get("role") for c in plan.changes if c.type in _POLICIES}
    for change in sorted(plan.changes, key=lambda c: c.type != _ROLE):
        is_role = change.type == _ROLE
        if not is_role and (change.type not in _POLICIES or change.replaced):
            continue
        if not (change.leaves or change.replaced or change.forgotten):
            continue
        role = _role(change)
        if role in told or (role in kept and not is_role):
            continue
        told.add(role)
        yield _leaving(change, role, found, environment)


def _role(change: ResourceChange) -> str:
    before = change.before or {}
    name = before.get("name") if change.type == _ROLE else before.get("role")
    return str(name or change.address)


def _leaving(change: ResourceChange, role: str, account: Account, environment: Environment) -> Seen:
    if change.replaced:
        detail = (
            f"Terraform deletes the role in {account.id} and creates it again: its users have no "
            "access in between, and policies in which AWS has replaced its ARN by its unique id "
            "no longer match it."
        )
    else:
        detail = f"After the apply, its users in {account.id} can no longer read."
    named = ReaderRole(account.name, role)
    if change.forgotten and change.type == _ROLE:
        found = role_handed_over(named)
    else:
        found = reader_leaves(named, detail, replaced=change.replaced)
    return Seen(found, change.address, environment.aws.region)


def taken_hazards(
    changes: Iterable[AccessChange], environment: Environment, account: str = ""
) -> Iterator[Seen]:
    """Yields the rights of roles that the spec no longer names, and that a plan takes from them.

    What a plan takes from a role that the spec does name differs from what is rendered.

    Args:
        changes: who gains and who loses what.
        environment: the environment as the spec describes it.
        account: the account of which the plan is; empty for the plan of the environment.
    """
    regions = {s.name: regions_of(environment, s) for s in environment.secrets}
    lost: dict[tuple[str, str], list[AccessChange]] = {}
    for change in changes:
        is_taken = not (change.gains or change.declared) and change.account
        if is_taken and change.region in regions[change.secret]:
            lost.setdefault((change.secret, change.right), []).append(change)
    known = {a.name for a in environment.accounts}
    for (secret, right), found in lost.items():
        roles = list(dict.fromkeys(c.who for c in found))
        region = found[0].region
        if account:
            folder = f"consumers/{account}"
            for role in roles:
                yield Seen(identity_right_taken(secret, role, folder, right), "", region)
        else:
            accounts = list(dict.fromkeys(c.account for c in found if c.account in known))
            address = f"module.{secret_module(secret)}.{POLICY}.this"
            yield Seen(right_taken(secret, roles, accounts, right), address, region)
