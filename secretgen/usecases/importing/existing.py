"""Import entries for what a spec has already: for an environment whose state is lost."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from secretgen.live.account import LiveAccount
from secretgen.model.changes import key_of
from secretgen.model.changes import secret as secret_subject
from secretgen.model.environment import Environment
from secretgen.model.names import name_prefix, rotation_statement_id
from secretgen.usecases.importing.import_options import Options
from secretgen.usecases.importing.spec_entries import Entry


class Rebuilding(Struct, frozen=True):
    """What brings an environment back into a state.

    Args:
        entries: entries of `changes`.
        commands: commands to run before the apply. Terraform creates again what they remove:
            names of keys, and permissions of functions, which change nothing for a secret.
        written: secrets whose value Terraform would write again.
    """

    entries: tuple[Entry, ...] = ()
    commands: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


def rebuilding(environment: Environment, account: LiveAccount, options: Options) -> Rebuilding:
    """Returns how the secrets and keys of an environment come into an empty state.

    Args:
        environment: the environment.
        account: what there is.
        options: which secrets are meant; the keys of others come in as well.
    """
    known = {entry.name for entry in environment.changes.imports}
    found = [*_secrets(environment, account, options), *_keys(environment, account)]
    entries = tuple(entry for name, entry, _ in found if name not in known)
    commands = {command for name, _, command in found if command and name not in known}
    secrets = [secret for secret in environment.secrets if secret.value.version is not None]
    written = (s.name for s in secrets if str(secret_subject(s.name)) not in known)
    return Rebuilding(entries, tuple(sorted(commands)), tuple(written))


def _secrets(
    environment: Environment, account: LiveAccount, options: Options
) -> Iterator[tuple[str, Entry, str]]:
    live_secrets = {secret.name: secret for secret in account.secrets if not secret.deleted}
    for secret in environment.secrets:
        live = live_secrets.get(secret.name)
        if live is None or not options.wants(live.name, live.tags):
            continue
        subject = str(secret_subject(secret.name))
        entry: Entry = {"to": subject, "id": live.arn}
        if secret.manages_policy and live.policy is not None:
            entry["policy"] = True
        if secret.rotation and live.rotates:
            entry["rotation"] = True
        function = secret.rotation.lambda_arn if secret.rotation else None
        command = ""
        if function:
            statement = rotation_statement_id(environment.name, name_prefix(secret.name))
            command = (
                f"aws lambda remove-permission --region {account.region}"
                f" --function-name {function} --statement-id {statement}"
            )
        yield subject, {"import": entry}, command


def _keys(environment: Environment, account: LiveAccount) -> Iterator[tuple[str, Entry, str]]:
    for key in environment.keys:
        subject = str(key_of(key.name, dedicated=key.dedicated))
        for regional in key.regions:
            live = account.key(key.alias, regional.region)
            if live is None:
                continue
            entry: Entry = {"to": subject, "id": live.id}
            name = subject
            if regional is not key.regions[0]:
                entry["region"] = regional.region
                name = f"{subject}.replicas.{regional.region}"
            command = f"aws kms delete-alias --region {regional.region} --alias-name {key.alias}"
            yield name, {"import": entry}, command
