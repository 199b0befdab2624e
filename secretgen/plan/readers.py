"""What the plan of a reader's account does to its roles."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.change.role_alterations import ReaderRole, reader_leaves, role_handed_over
from secretgen.model.environment import Account, Environment
from secretgen.plan.document import PlanDocument, ResourceChange
from secretgen.plan.planned_hazards import Seen

_ROLE = "aws_iam_role"
_POLICIES = frozenset({
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_ssoadmin_permission_set_inline_policy",
    "aws_ssoadmin_customer_managed_policy_attachment",
})  # fmt: skip


def reader_hazards(plan: PlanDocument, account: str, environment: Environment) -> Iterator[Seen]:
    """Yields the roles that leave or are replaced, each once.

    Args:
        plan: the plan.
        account: the account, by its name in the spec; empty for the plan of another root module.
        environment: the environment as the spec describes it.
    """
    found = next((a for a in environment.accounts if a.name == account), None)
    if found is None:
        return
    told = set()
    for change in sorted(plan.changes, key=lambda c: c.type != _ROLE):
        if change.type != _ROLE and change.type not in _POLICIES:
            continue
        if not (change.leaves or change.replaced or change.forgotten):
            continue
        role = _role(change)
        if role in told or (change.replaced and change.type != _ROLE):
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
            f"Terraform deletes the role in {account.id} and creates it again: whoever uses it is"
            " out in between, and what names its unique id, such as a policy that AWS has"
            " resolved, stays without it."
        )
    else:
        detail = f"Whoever uses it in {account.id} can no longer read, from the apply on."
    named = ReaderRole(account.name, role)
    if change.forgotten and change.type == _ROLE:
        found = role_handed_over(named)
    else:
        found = reader_leaves(named, detail, replaced=change.replaced)
    return Seen(found, change.address, environment.aws.region)
