"""What a change does to the roles that read and write, put into words."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from secretgen.change.effects import Change, Effect, all_of, path_of
from secretgen.change.hazards import READER_LEAVES
from secretgen.model.changes import Kind, Subject, secret
from secretgen.model.compare import Path
from secretgen.model.names import label

_HOLDERS = {"read": "readers", "write": "writers"}


class ReaderRole(Struct, frozen=True):
    """A role of a reader's account, as changes name it.

    Args:
        account: the account, by its name in the spec.
        role: the role, with its path.
    """

    account: str
    role: str

    def change(self, effect: Effect, what: str, detail: str, attribute: Path = ()) -> Change:
        """Makes a change of it.

        Args:
            effect: what Terraform does.
            what: what happens to the role, to complete "role … would …".
            detail: what that means.
            attribute: the attribute, below the role.
        """
        return Change(
            Subject(Kind.ACCOUNTS, self.account),
            ("accounts", self.account, "roles", self.role, *attribute),
            effect,
            f"role {self.account}:{self.role} would {what}",
            detail,
            READER_LEAVES,
        )

    @property
    def folder(self) -> str:
        """The folder of its root module, relative to that of the environment."""
        return f"consumers/{self.account}"


def reader_leaves(role: ReaderRole, detail: str, *, replaced: bool) -> Change:
    """Describes that a role that reads or writes leaves or is replaced.

    Args:
        role: the role.
        detail: who is out, and until when.
        replaced: whether another role of that name comes in its place.
    """
    if replaced:
        return role.change(Effect.REPLACE, "be replaced", detail)
    return role.change(Effect.DESTROY, "lose its access", detail)


def permission_set_leaves(
    role: ReaderRole, places: Sequence[tuple[str, str]], account: str, now: Sequence[str]
) -> Change:
    """Describes that the role of a permission set is no longer named by any secret.

    Args:
        role: the permission set.
        places: the secrets that named it, each with the field: `readers` or `writers`.
        account: id of its account.
        now: ids of the accounts in which a permission set of its name is named instead.
    """
    secrets = sorted({name for name, _ in places})
    detail = (
        f"The role of the permission set in {account} would lose {all_of(secrets)} as soon as this"
        " environment is applied"
    )
    detail += f"; the role in {all_of(now)} gets access then." if now else "."
    # Secrets name it, and no root module: it is a change of the first of them.
    name, holder = places[0]
    change = reader_leaves(role, detail, replaced=bool(now))
    return replace(change, path=(*path_of(secret(name)), holder))


def readers_leave_key(name: str, roles: Sequence[str], holder: str, key: str) -> Change:
    """Describes that the roles of a forgotten secret leave the policy of its shared key.

    Args:
        name: the secret.
        roles: the roles.
        holder: the field of the secret that named them.
        key: the key.
    """
    subject = secret(name)
    return Change(
        subject,
        (*path_of(subject), holder),
        Effect.DESTROY,
        f"role {all_of(roles)} would lose its access",
        f"The secret {name} stays in AWS, but its roles leave the policy of the shared key {key}:"
        " they can no longer use it once this is applied.",
        READER_LEAVES,
    )


def role_handed_over(role: ReaderRole) -> Change:
    """Describes that a role that was created here is managed elsewhere from now on."""
    return role.change(
        Effect.FORGET,
        "leave the state and stay in AWS",
        "This environment no longer manages its trust policy, permissions boundary and instance"
        " profile. Its own policy is replaced by an attached one: access may fail for a moment"
        f" while {role.folder} is applied.",
        ("existing",),
    )


def role_taken_over(role: ReaderRole) -> Change:
    """Describes that a role that is managed elsewhere is to be created here."""
    name = role.role.rpartition("/")[2]
    return role.change(
        Effect.CREATE,
        "be created, but it exists",
        f"The apply in {role.folder} fails with EntityAlreadyExists, and the role may have lost its"
        " attached policy by then. Import it first: terraform import"
        f" aws_iam_role.{label(role.role)} {name}; the plan then shows what changes of it.",
        ("existing",),
    )


def profile_leaves(role: ReaderRole) -> Change:
    """Describes that instances can no longer assume a role."""
    return role.change(
        Effect.DESTROY,
        "lose its instance profile",
        f"Instances with this profile lose their credentials as soon as {role.folder} is applied. "
        "Give them another instance profile first.",
        ("trust",),
    )


def right_taken(name: str, roles: Sequence[str], accounts: Sequence[str], right: str) -> Change:
    """Describes that roles that stay lose a right to a secret that stays.

    Args:
        name: the secret.
        roles: the roles, as the spec writes them.
        accounts: their accounts, by the names of the spec.
        right: `read` or `write`.
    """
    detail = (
        "AWS denies access as soon as this environment is applied, because the policy of the "
        "secret no longer allows it."
    )
    if accounts:
        folders = all_of([f"consumers/{account}" for account in accounts])
        detail += f" To remove it from the policies of the roles, apply {folders}."
    return _right_taken(name, roles, right, detail)


def identity_right_taken(name: str, role: str, folder: str, right: str) -> Change:
    """Describes that the policy of a role no longer names a secret that stays.

    Args:
        name: the secret.
        role: the role, as the spec writes it.
        folder: the folder of its root module, relative to that of the environment.
        right: `read` or `write`.
    """
    detail = (
        f"Its own policy no longer allows it as soon as {folder} is applied: callers that use the "
        "role then fail."
    )
    return _right_taken(name, [role], right, detail)


def _right_taken(name: str, roles: Sequence[str], right: str, detail: str) -> Change:
    subject = secret(name)
    return Change(
        subject,
        (*path_of(subject), _HOLDERS[right]),
        Effect.UPDATE,
        f"{all_of(roles)} could no longer {right} secret {name}",
        detail,
        READER_LEAVES,
    )
