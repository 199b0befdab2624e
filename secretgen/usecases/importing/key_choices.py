"""What a spec calls the key of a secret: by its ARN, under a new name, or AWS's own."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct, field

from secretgen.live.account import LiveAccount, LiveKey, LiveSecret
from secretgen.model.names import PROTECTION_TAG
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS, DEDICATED
from secretgen.policy.protection import PROTECTED
from secretgen.spec.schema import Spec
from secretgen.usecases.importing.policy_meaning import statements_of

_KEY_ARN = ":key/"


class UnknownKeyError(Exception):
    """A key whose ARN is not known."""


class KeyChoices(Struct):
    """The keys of an import.

    Args:
        account: the account.
        adopted: names of the keys that come into the spec, by ARN.
        kept: why a key that was to be adopted is not, by ARN.
    """

    account: LiveAccount
    adopted: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    def of_secret(self, secret: LiveSecret) -> str:
        """Returns the `kms_key` of a secret.

        Raises:
            UnknownKeyError: the source does not say which key an alias or id means.
        """
        return self._choice(secret.kms_key, secret.region)

    def of_replica(self, kms_key: str, region: str) -> str:
        """Returns the key of a replica: an ARN, or `aws-managed`."""
        return self._choice(kms_key, region, may_adopt=False)

    def _choice(self, name: str, region: str, *, may_adopt: bool = True) -> str:
        if not name or name.endswith(AWS_MANAGED_ALIAS):
            return AWS_MANAGED
        key = self.account.key(name, region)
        if key and key.is_aws_managed:
            return AWS_MANAGED
        arn = key.arn if key else self._arn(name, region)
        return self.adopted.get(arn, arn) if may_adopt else arn

    def _arn(self, name: str, region: str) -> str:
        if name.startswith("arn:") and _KEY_ARN in name:
            return name
        if name.startswith(("arn:", "alias/")):
            raise UnknownKeyError(f"{name} refers to an unknown key")
        return f"arn:{self.account.partition}:kms:{region}:{self.account.account_id}:key/{name}"


def adopt(account: LiveAccount, secrets: Iterable[LiveSecret], spec: Spec) -> KeyChoices:
    """Chooses the keys that come into a spec: those of which it can say all that they are.

    Args:
        account: the account.
        secrets: the secrets that come in.
        spec: the spec, with the keys and tags that it has.
    """
    tags = {**spec.tags, PROTECTION_TAG: PROTECTED}
    choices = KeyChoices(account)
    users: dict[str, LiveKey] = {}
    for secret in secrets:
        key = account.key(secret.kms_key) if secret.kms_key else None
        if key is None or key.is_aws_managed:
            continue
        obstacle = next(_obstacles(key, account, tags), "") or _replica_obstacle(secret)
        if obstacle:
            choices.kept.setdefault(key.arn, obstacle)
        users[key.arn] = key
    fit = [key for arn, key in users.items() if arn not in choices.kept]
    choices.adopted.update(key_names(fit, spec.keys))
    return choices


def _replica_obstacle(secret: LiveSecret) -> str:
    for replica in secret.replicas:
        if not replica.kms_key or replica.kms_key.endswith(AWS_MANAGED_ALIAS):
            return f"the replica of {secret.name} in {replica.region} has the AWS-managed key"
    return ""


def _obstacles(key: LiveKey, account: LiveAccount, tags: Mapping[str, str]) -> Iterator[str]:
    """Yields each reason why a key cannot be adopted."""
    if key.account_id != account.account_id:
        yield f"it belongs to the account {key.account_id}"
    if key.multi_region:
        yield "Terraform would replace a multi-Region key"
    if key.state != "Enabled":
        yield f"its state is {key.state or 'unknown'}"
    if key.origin not in {"", "AWS_KMS"}:
        yield f"its key material comes from {key.origin}"
    if key.policy is None:
        yield "its policy is unknown"
    lost = sorted(k for k, v in key.tags.items() if tags.get(k) != v and k[:4] != "aws:")
    if lost or not key.tags_known:
        yield f"Terraform would remove or change its tags: {', '.join(lost) or 'unknown'}"
    root = f"arn:{account.partition}:iam::{account.account_id}:root"
    for statement in statements_of(key.policy or {}):
        if not _is_administration(statement, root, account.account_id):
            yield f"its policy allows others to use it: {json.dumps(statement, sort_keys=True)}"
    if key.grants:
        yield "grants allow others to use it"


def _is_administration(statement: object, root: str, account_id: str) -> bool:
    if not isinstance(statement, dict):
        return False
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, dict) and len(principal) == 1 else None
    return (
        statement.get("Effect") == "Allow"
        and named in (root, [root], account_id, [account_id])
        and statement.get("Action") in ("kms:*", ["kms:*"])
        and statement.get("Resource") in ("*", ["*"])
        and not statement.get("Condition")
    )


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
