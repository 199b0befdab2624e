"""View of who applies which root module of an environment, in which order, with which state."""

from __future__ import annotations

from msgspec import Struct

from secretgen.model.environment import Environment
from secretgen.model.layout import RootKind
from secretgen.model.names import permission_set_file
from secretgen.model.roots import ORDER, roots_of

_ROLES = {
    RootKind.BOOTSTRAP: "an administrator, once",
    RootKind.ENVIRONMENT: "the role that applies, see below",
    RootKind.CONSUMER: "a role there that manages IAM roles",
}


class ApplyView(Struct, frozen=True):
    """One line of the table of root modules.

    Args:
        folder: relative to that of the environment; empty for the environment itself.
        account: name of the reader's account; empty for the account of the environment.
        file: what is attached in IAM Identity Center; None where Terraform is run.
        state: where the state is; empty where there is none.
    """

    order: str
    folder: str
    account: str
    account_id: str
    role: str
    file: str | None
    state: str


def apply_views(environment: Environment) -> tuple[ApplyView, ...]:
    """Makes the lines, in the order of the applies."""
    names = {f"consumers/{account.name}": account.name for account in environment.accounts}
    lines = [
        ApplyView(
            order=str(root.order),
            folder="" if root.kind is RootKind.ENVIRONMENT else root.name,
            account=names.get(root.name, ""),
            account_id=root.account_id,
            role=_ROLES[root.kind],
            file=None,
            state=f"{root.state_bucket or 'your bucket'}/{root.state_key}",
        )
        for root in roots_of(environment)
    ]
    lines += [
        ApplyView(
            order=str(ORDER[RootKind.CONSUMER]),
            folder=f"consumers/{account.name}",
            account=account.name,
            account_id=account.id,
            role="an administrator of IAM Identity Center",
            file=permission_set_file(role.name),
            state="",
        )
        for account in environment.accounts
        for role in account.roles
        if role.permission_set
    ]
    return tuple(lines)
