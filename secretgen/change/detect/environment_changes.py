"""What becomes of the environment as a whole: its place, its root modules, its readers' roles."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.change import alterations as words
from secretgen.change import role_alterations as role_words
from secretgen.change.comparison import Comparison
from secretgen.change.effects import Change, all_of
from secretgen.model.changes import Kind, Subject, secret
from secretgen.model.environment import Environment
from secretgen.model.secret import DEDICATED

_NEW_ENVIRONMENT = (
    " To move, write a second spec for the new environment, copy the values, switch the readers, "
    "and then remove the secrets of this one."
)
_NO_STATE = (
    "Terraform would find no state there, and create everything again. Copy the state first: "
    "`terraform init -migrate-state` in the folder of the environment."
)
_PLACES = {
    ("name",): "environment name",
    ("aws", "account_id"): "account",
    ("aws", "partition"): "partition",
    ("aws", "region"): "primary Region",
    ("backend", "bucket"): "state bucket",
    ("backend", "key"): "state key",
    ("backend", "region"): "Region of the state bucket",
}
"""What Terraform begins again with, in words."""
_CONSEQUENCES = {
    ("name",): (
        "The default key of the state follows the name, and so do the aliases of the keys. To"
        " rename the environment, set `backend.key` to the current key, run `terraform"
        " plan` in the new folder, and delete the old folder."
    ),
    ("aws", "account_id"): (
        "Terraform would create everything again there, and would no longer manage the old "
        f"account.{_NEW_ENVIRONMENT}"
    ),
    ("aws", "partition"): f"AWS cannot move anything between partitions.{_NEW_ENVIRONMENT}",
    ("aws", "region"): (
        "Terraform would create everything again there, and would no longer manage the secrets "
        f"of the old Region.{_NEW_ENVIRONMENT}"
    ),
}


def alterations(comparison: Comparison) -> Iterator[Change]:
    """Yields what is dangerous about the environment as a whole."""
    yield from _places(comparison)
    yield from _folders(comparison)
    yield from _trail(comparison)
    yield from _roles(comparison)
    yield from _permission_sets(comparison)
    yield from _taken(comparison)
    yield from _forgotten(comparison)


def _places(comparison: Comparison) -> Iterator[Change]:
    for path, what in _PLACES.items():
        old, new = (_at(environment, path) for environment in (comparison.before, comparison.after))
        if old != new:
            detail = _CONSEQUENCES.get(path, _NO_STATE)
            yield words.identity_changed(path, what, str(old), str(new), detail)


def _at(value: object, path: tuple[str, ...]) -> object:
    for name in path:
        value = getattr(value, name)
    return value


def _folders(comparison: Comparison) -> Iterator[Change]:
    """Yields the root modules that leave with their folders."""
    ids = {account.id: account.name for account in comparison.after.accounts}
    names = {account.name for account in comparison.after.accounts}
    for account in comparison.before.accounts:
        if account.name in names:
            continue
        roles = all_of([role.name for role in account.roles])
        renamed = ids.get(account.id)
        detail = (
            f"The account is now called {renamed}: move the state of this folder to"
            f" consumers/{renamed} before you apply there."
            if renamed
            else "Run `terraform destroy` in this folder before you delete it."
        )
        yield words.folder_leaves(
            Subject(Kind.ACCOUNTS, account.name),
            ("accounts", account.name),
            f"consumers/{account.name}",
            f"the roles {roles} of account {account.id}",
            detail,
        )
    if comparison.before.backend.bootstrap and not comparison.after.backend.bootstrap:
        yield words.folder_leaves(
            words.ENVIRONMENT,
            ("backend", "bootstrap"),
            "bootstrap",
            "the state bucket, its key and the lock table",
            "Hand its state over to the team that manages them from now on.",
        )


def _roles(comparison: Comparison) -> Iterator[Change]:
    """Yields the roles that leave accounts that stay, or come again in another account."""
    now = {account.name: account for account in comparison.after.accounts}
    for account in comparison.before.accounts:
        after = now.get(account.name)
        if after is None:
            continue
        roles = {role.name: role for role in after.roles}
        for role in account.roles:
            new, named = roles.get(role.name), role_words.ReaderRole(account.name, role.name)
            if new is None:
                secrets = sorted({*(read.secret for read in role.reads), *role.writes})
                what = "detach its policies" if role.existing else "destroy it"
                detail = (
                    f"It would lose {all_of(secrets)} as soon as this environment is applied, and"
                    f" {named.folder} would {what}."
                )
                yield role_words.reader_leaves(named, detail, replaced=False)
            elif account.id != after.id:
                detail = (
                    f"The role in {account.id} would lose its access as soon as this environment is"
                    f" applied; the one in {after.id} gets it once {named.folder} is applied there."
                )
                yield role_words.reader_leaves(named, detail, replaced=True)
            elif new.existing and not role.existing:
                yield role_words.role_handed_over(named)
            elif role.existing and new.trust:
                yield role_words.role_taken_over(named)
            elif new.trust and role.for_instances and not new.for_instances:
                yield role_words.profile_leaves(named)


def _permission_sets(comparison: Comparison) -> Iterator[Change]:
    """Yields the permission sets that no secret names any more.

    Only policies of secrets name them, so they are no roles of an account that was read back.
    """
    before, after = (_secrets_of_permission_sets(e) for e in (comparison.before, comparison.after))
    names = _account_names(comparison)
    for account, name in sorted(before.keys() - after.keys()):
        role = role_words.ReaderRole(names.get(account, account), name)
        places = sorted(before[account, name])
        now = [new for new, other in sorted(after.keys() - before.keys()) if other == name]
        yield role_words.permission_set_leaves(role, places, account, now)


def _secrets_of_permission_sets(
    environment: Environment,
) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Returns the secrets and fields that name each permission set, by account id and name."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for named in environment.secrets:
        for holder, roles in (("readers", named.readers), ("writers", named.writers)):
            for role in roles:
                if role.permission_set:
                    place = (named.name, holder)
                    found.setdefault((role.account_id, role.role), set()).add(place)
    return found


def _account_names(comparison: Comparison) -> dict[str, str]:
    """Returns the names of accounts by id, as far as the environments know them."""
    named: dict[str, str] = {}
    for environment in (comparison.before, comparison.after):
        roles = (r for s in environment.secrets for r in (*s.readers, *s.writers))
        named |= {role.account_id: role.account for role in roles if role.account}
        named |= {account.id: account.name for account in environment.accounts}
    return named


def _trail(comparison: Comparison) -> Iterator[Change]:
    before, after = comparison.before.monitoring, comparison.after.monitoring
    if before and before.cloudtrail and not (after and after.cloudtrail):
        yield words.trail_leaves()


def _taken(comparison: Comparison) -> Iterator[Change]:
    """Yields the secrets that roles which stay may no longer read or write."""
    names = _account_names(comparison)
    deployed = {(a.id, role.name) for a in comparison.after.accounts for role in a.roles}
    roles = deployed | _secrets_of_permission_sets(comparison.after).keys()
    for old, new in comparison.kept:
        for right, before, after in (
            ("read", old.readers, new.readers),
            ("write", old.writers, new.writers),
        ):
            stay = {(r.account_id, r.role) for r in after}
            taken = sorted({(r.account_id, r.role) for r in before} - stay)
            staying = [role for role in taken if role in roles]
            if staying:
                yield role_words.right_taken(
                    old.name,
                    [f"{names.get(account, account)}:{role}" for account, role in staying],
                    sorted({names[role[0]] for role in staying if role in deployed}),
                    right,
                )


def _forgotten(comparison: Comparison) -> Iterator[Change]:
    """Yields the roles of forgotten secrets, which leave the policy of the shared key."""
    shared = {key.name for key in comparison.after.keys if not key.dedicated}
    for old in comparison.before.secrets:
        subject = secret(old.name)
        is_gone = old.name not in comparison.secrets_after
        named = (*old.readers, *old.writers)
        if not is_gone or not comparison.changes.forgotten(subject) or not named:
            continue
        if old.kms_key == DEDICATED or old.kms_key not in shared:
            continue
        roles = sorted({f"{role.account_id}:{role.role}" for role in named})
        holder = "readers" if old.readers else "writers"
        yield role_words.readers_leave_key(old.name, roles, holder, old.kms_key)
