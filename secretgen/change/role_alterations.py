"""What a change does to the roles that read and write, put into words."""

from __future__ import annotations

from collections.abc import Sequence

from secretgen.change.effects import Change, Effect, path_of
from secretgen.change.hazards import READER_LEAVES
from secretgen.change.phrases import all_of
from secretgen.model.changes import Subject, secret
from secretgen.model.compare import Path

_HOLDERS = {"read": "readers", "write": "writers"}


def reader_leaves(
    subject: Subject, path: Path, role: str, *, replaced: bool, detail: str
) -> Change:
    """Describes that a role that reads or writes leaves or is replaced.

    Args:
        subject: its account, or a secret that it reads.
        path: where the model has it.
        role: the role.
        replaced: whether another role of that name comes in its place.
        detail: who is out, and until when.
    """
    what = "would be replaced" if replaced else "would lose its access"
    effect = Effect.REPLACE if replaced else Effect.DESTROY
    return Change(subject, path, effect, f"role {role} {what}", detail, READER_LEAVES)


def role_handed_over(subject: Subject, path: Path, role: str, folder: str) -> Change:
    """Describes that a role that was created here is managed elsewhere from now on.

    Args:
        subject: its account.
        path: where the model has it.
        role: the role.
        folder: the folder of its root module, relative to that of the environment.
    """
    return Change(
        subject,
        path,
        Effect.FORGET,
        f"role {role} would leave the state and stay in AWS",
        "Nothing here manages its trust, its boundary and its instance profile any more. Its own"
        f" policy is replaced by an attached one: access may fail for a moment while {folder} is"
        " applied.",
        READER_LEAVES,
    )


def role_taken_over(
    subject: Subject, path: Path, role: str, folder: str, block: tuple[str, str]
) -> Change:
    """Describes that a role that is managed elsewhere is to be created here.

    Args:
        subject: its account.
        path: where the model has it.
        role: the role.
        folder: the folder of its root module, relative to that of the environment.
        block: label of its block, and its name without a path.
    """
    label, name = block
    return Change(
        subject,
        path,
        Effect.CREATE,
        f"role {role} would be created, but it exists",
        f"The apply in {folder} fails with EntityAlreadyExists, and the role may have lost its"
        f" attached policy by then. Take it over first: terraform import aws_iam_role.{label}"
        f" {name}; the plan then shows what changes of it.",
        READER_LEAVES,
    )


def profile_leaves(subject: Subject, path: Path, role: str, folder: str) -> Change:
    """Describes that instances can no longer assume a role.

    Args:
        subject: its account.
        path: where the model has it.
        role: the role.
        folder: the folder of its root module, relative to that of the environment.
    """
    return Change(
        subject,
        path,
        Effect.DESTROY,
        f"role {role} would lose its instance profile",
        f"Instances that use it are without credentials as soon as {folder} is applied. Give them"
        " another instance profile first.",
        READER_LEAVES,
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
        "AWS denies it as soon as this environment is applied, because the policy of the secret no"
        " longer allows it."
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
        f"Its own policy no longer allows it as soon as {folder} is applied: whatever uses the role"
        " fails from then on."
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
