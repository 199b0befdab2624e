"""Secrets, accounts and keys as entries of a spec."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping

from msgspec import Struct, field

from secretgen.live.account import LiveAccount, LiveKey, LiveReplica, LiveRotation, LiveSecret
from secretgen.model.changes import secret as secret_subject
from secretgen.model.changes import shared_key
from secretgen.model.names import PROTECTION_TAG
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS, DEDICATED
from secretgen.spec.account_schema import DEFAULT_ROLE, AccountSpec
from secretgen.spec.emit import Plain
from secretgen.spec.schema import Spec
from secretgen.usecases.importing.key_choices import KeyChoices
from secretgen.usecases.importing.policy_meaning import Access, RoleOf

Entry = dict[str, Plain]

_OF_AWS = "aws:"
_DEFAULT_KEY_ROTATION = 365
UNMANAGED = "unmanaged"
_ALIAS = re.compile(r"(?:^|:)alias/")


class Candidate(Struct, frozen=True):
    """A secret that comes in.

    Args:
        secret: the secret.
        access: what its policy says.
        unmanaged: whether its policy stays as it is, because a spec cannot express it.
    """

    secret: LiveSecret
    access: Access = field(default_factory=Access)
    unmanaged: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return self.secret.name


def secret_entry(
    candidate: Candidate, spec: Spec, keys: KeyChoices, roles: Mapping[RoleOf, Plain]
) -> Entry:
    """Writes a secret as an entry: what differs from AWS's and the spec's defaults.

    Args:
        candidate: the secret.
        spec: the spec, whose `defaults` an entry overrides.
        keys: what the spec calls keys.
        roles: what it calls roles.

    Raises:
        UnknownKeyError: its key is not known.
    """
    secret, access = candidate.secret, candidate.access
    found: dict[str, tuple[Plain, Plain]] = {
        "description": (secret.description, ""),
        "kms_key": (keys.of_secret(secret), DEDICATED),
        "value": ({"from": "external"}, {"from": "external"}),
        "readers": ([roles[role] for role in access.readers], []),
        "writers": ([roles[role] for role in access.writers], []),
        "exclusive": (None if access.exempt is None else {"except": list(access.exempt)}, None),
        "policy": (UNMANAGED if candidate.unmanaged else "managed", "managed"),
        "replicas": (_replicas(secret, keys), []),
        "rotation": (_rotation(secret.rotation), None),
        "tags": (own_tags(secret), {}),
    }
    defaults = spec.defaults.model_fields_set
    return {
        name: value
        for name, (value, default) in found.items()
        if value != default or (name in defaults and name != "tags")
    }


def own_tags(secret: LiveSecret) -> dict[str, str]:
    """Returns the tags of a secret that are its owner's: not AWS's, and not the protection tag."""
    return {
        key: value
        for key, value in secret.tags.items()
        if not key.lower().startswith(_OF_AWS) and key != PROTECTION_TAG
    }


def import_entry(candidate: Candidate) -> Entry:
    """Writes the entry of `changes` that imports a secret."""
    secret = candidate.secret
    entry: Entry = {"to": str(secret_subject(secret.name)), "id": secret.arn}
    if secret.policy is not None and not candidate.unmanaged:
        entry["policy"] = True
    if secret.rotates:
        entry["rotation"] = True
    return {"import": entry}


def ignore_entries(candidate: Candidate, keys: KeyChoices) -> list[Plain]:
    """Writes the entries of `ignore` for a secret whose key gets its ARN in the place of an alias.

    A plan shows that as a change of the key, and does not tell which key an alias is. The same
    entries would allow the replacement of a replica: then a person has to add them.
    """
    secret, alias = candidate.secret, candidate.secret.kms_key
    replicas_stay = secret.replicas_known and not replaced_replicas(secret, keys)
    if not (_ALIAS.search(alias) and replicas_stay) or keys.of_secret(secret) == AWS_MANAGED:
        return []
    of, reason = str(secret_subject(candidate.name)), f"{alias} is an alias of this key"
    return [{"rule": rule, "of": of, "reason": reason} for rule in ("SG509", "SG515")]


def replaced_replicas(secret: LiveSecret, keys: KeyChoices) -> list[LiveReplica]:
    """Returns the replicas that Terraform would replace: their key has another name in AWS."""
    replicas = [(r, keys.of_replica(r.kms_key, r.region)) for r in secret.replicas if r.kms_key]
    written = {AWS_MANAGED: AWS_MANAGED_ALIAS}
    return [r for r, key in replicas if r.kms_key != written.get(key, key)]


def key_entry(key: LiveKey) -> Entry:
    """Writes an adopted key."""
    entry: Entry = {}
    if key.description:
        entry["description"] = key.description
    if key.rotation_period_days not in {None, _DEFAULT_KEY_ROTATION}:
        entry["rotation_period_days"] = key.rotation_period_days
    return entry


def key_import_entry(name: str, key: LiveKey) -> Entry:
    """Writes the entry of `changes` that imports a key."""
    return {"import": {"to": str(shared_key(name)), "id": key.id}}


def account_entries(
    roles: Iterable[RoleOf], names: Mapping[str, str], known: Mapping[str, AccountSpec]
) -> dict[str, Entry]:
    """Writes the accounts that a spec does not have, with their roles, which exist already.

    Args:
        roles: the roles that are to be named, once for each secret.
        names: what the spec calls accounts, by id.
        known: the accounts that it has, by name.
    """
    by_account: dict[str, Counter[str]] = {}
    settings: dict[tuple[str, str], Plain] = {}
    for role in roles:
        settings[role.account_id, role.role] = _settings(role)
        by_account.setdefault(role.account_id, Counter())[role.role] += 1
    entries: dict[str, Entry] = {}
    for account, counted in sorted(by_account.items()):
        if names[account] in known:
            continue
        entries[names[account]] = {"id": account}
        most = min(counted, key=lambda role: (-counted[role], role))
        if most != DEFAULT_ROLE:
            entries[names[account]]["role"] = most
        entries[names[account]]["roles"] = {
            name: settings[account, name] for name in sorted(counted)
        }
    return entries


def new_roles(
    roles: Iterable[RoleOf],
    names: Mapping[str, str],
    known: Mapping[str, AccountSpec],
    declared: Container[tuple[str, str]],
) -> dict[str, Entry]:
    """Writes the roles that accounts of a spec do not have, by the name of the account.

    Args:
        roles: the roles that are to be named.
        names: what the spec calls accounts, by id.
        known: the accounts that it has, by name.
        declared: account and name of each role that its secrets name already.
    """
    found: dict[str, Entry] = {}
    for role in sorted(set(roles)):
        account = names[role.account_id]
        if account not in known or (account, role.role) in declared:
            continue
        if role.role not in known[account].roles:
            found.setdefault(account, {})[role.role] = _settings(role)
    return found


def _settings(role: RoleOf) -> Plain:
    """Writes how a role that exists is created: by a permission set, or by anybody else."""
    return {"permission_set": True} if role.permission_set else {"existing": True}


def role_texts(
    roles: Iterable[RoleOf],
    names: Mapping[str, str],
    known: Mapping[str, AccountSpec],
    new: Mapping[str, Entry],
) -> dict[RoleOf, Plain]:
    """Returns how readers and writers name roles: the account's own role by the account alone."""
    texts: dict[RoleOf, Plain] = {}
    for role in set(roles):
        account = names[role.account_id]
        own = known[account].role if account in known else new[account].get("role", DEFAULT_ROLE)
        texts[role] = account if role.role == own else {"account": account, "role": role.role}
    return texts


def _replicas(secret: LiveSecret, keys: KeyChoices) -> list[Plain]:
    found: list[Plain] = []
    for replica in secret.replicas:
        key = keys.of_replica(replica.kms_key, replica.region)
        plain = key == AWS_MANAGED == keys.of_secret(secret)
        found.append(replica.region if plain else {"region": replica.region, "kms_key": key})
    return found


def _rotation(rotation: LiveRotation | None) -> Entry | None:
    if rotation is None or not rotation.enabled:
        return None
    entry: Entry = {"lambda_arn": rotation.lambda_arn}
    if rotation.schedule:
        entry["schedule"] = rotation.schedule
    elif rotation.every_days:
        entry["every_days"] = rotation.every_days
    if rotation.duration:
        entry["duration"] = rotation.duration
    return entry


def adopted(account: LiveAccount, keys: KeyChoices) -> dict[str, LiveKey]:
    """Returns the adopted keys by their new names."""
    by_arn = {key.arn: key for key in account.keys}
    return {name: by_arn[arn] for arn, name in sorted(keys.adopted.items(), key=lambda x: x[1])}
