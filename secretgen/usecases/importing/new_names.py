"""Names for accounts and keys that a spec does not have yet; the same for the same account."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from secretgen.live.account import LiveKey
from secretgen.model.secret import AWS_MANAGED, DEDICATED

OWN_ACCOUNT = "here"
_MAX = 64
_OTHER = re.compile(r"[^A-Za-z0-9_-]+")


def account_names(ids: Iterable[str], known: Mapping[str, str], own_id: str) -> dict[str, str]:
    """Names accounts.

    Args:
        ids: their ids.
        known: the spec's names, by id.
        own_id: id of the account of the secrets.

    Returns:
        The names, by id: those of the spec, and new ones.
    """
    taken = {name.casefold() for name in known.values()}
    names = {}
    for account in sorted(set(ids)):
        name = OWN_ACCOUNT if account == own_id else f"account-{account}"
        names[account] = known.get(account) or _free(name, taken)
        taken.add(names[account].casefold())
    return names


def key_names(keys: Iterable[LiveKey], taken: Collection[str]) -> dict[str, str]:
    """Names keys after their first alias, or else after their id.

    Args:
        keys: the keys.
        taken: names that the spec has.

    Returns:
        The names, by ARN.
    """
    used = {name.casefold() for name in (*taken, DEDICATED, AWS_MANAGED)}
    names = {}
    for key in sorted(keys, key=lambda key: key.arn):
        alias = next(iter(key.aliases), "").removeprefix("alias/")
        plain = _OTHER.sub("-", alias).strip("-_")[:_MAX]
        names[key.arn] = _free(plain or f"key-{key.id[:8]}", used)
        used.add(names[key.arn].casefold())
    return names


def _free(name: str, taken: Collection[str]) -> str:
    if name.casefold() not in taken:
        return name
    number = 2
    while f"{name[: _MAX - 4]}-{number}".casefold() in taken:
        number += 1
    return f"{name[: _MAX - 4]}-{number}"
