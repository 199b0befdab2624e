"""The readers' accounts, from the root module of each: who assumes its roles, what they read."""

from __future__ import annotations

import re
from typing import Any

from secretgen.hcl.nodes import ListValue, ObjectValue
from secretgen.model.compare import Path
from secretgen.model.environment import Account, Role
from secretgen.model.names import label
from secretgen.readback.fields import Fields
from secretgen.readback.providers import Settings, check_provider
from secretgen.readback.reads import read_policies
from secretgen.readback.root import Root
from secretgen.readback.values import Ref, leaf, says, shown, text, texts

_ROLE, _PROFILE = "aws_iam_role", "aws_iam_instance_profile"
_TRUSTED_ACTIONS = ("sts:AssumeRole", ["sts:AssumeRole", "sts:TagSession"])
_EC2 = re.compile(r"ec2\.amazonaws\.com(\.cn)?")


def read_account(root: Root, name: str, settings: Settings) -> Account:
    """Reads the root module for a reader's account.

    Args:
        root: its blocks.
        name: name of the account.
        settings: what the environment's locals say.
    """
    reader = _AccountReader(root, ("accounts", name), settings)
    account = reader.read(name)
    root.finish()
    return account


class _AccountReader:
    """Reads the blocks of one account, which depend on each other."""

    def __init__(self, root: Root, path: Path, settings: Settings) -> None:
        self._root = root
        self._path = path
        self._settings = settings
        self._account_id: Any = None
        self._service: Any = None

    def read(self, name: str) -> Account:
        """Reads all of the account but whether it is outside of the organization."""
        self._read_provider()
        for terraform in self._root.take_all("terraform"):
            terraform.skip("required_version")
            terraform.block("required_providers")
            terraform.finish()
        labels = [address[-1] for address in self._root.addresses("resource", _ROLE)]
        roles = {role_label: self._read_role(role_label) for role_label in labels}
        for role_label, role in roles.items():
            if label(str(role.name)) != role_label:
                path = self._root.path_of(("resource", _ROLE, role_label))
                self._root.notes.odd(path, label(str(role.name)), role_label)
        self._check_outputs(roles)
        return Account(
            name=name,
            id=self._account_id,
            trusted_service=self._service,
            in_organization=True,
            roles=tuple(sorted(roles.values(), key=lambda role: str(role.name))),
        )

    def _read_provider(self) -> None:
        provider = self._root.take("provider", "aws", path=self._path)
        if provider is None:
            self._root.lacks("provider", "aws")
            return
        ids = provider.get("allowed_account_ids", texts, "id")
        self._account_id = ids[0] if isinstance(ids, tuple) and len(ids) == 1 else ids
        check_provider(provider, region=self._settings.aws.region, tags=self._settings.tags)

    def _read_role(self, role_label: str) -> Role:
        name, path = (
            self._root.peek_text(argument, "resource", _ROLE, role_label)
            for argument in ("name", "path")
        )
        full_name = f"{(path or '').strip('/')}/{name or role_label}".lstrip("/")
        role_path = (*self._path, "roles", full_name)
        fields = self._root.take("resource", _ROLE, role_label, path=role_path)
        if fields is None:
            raise KeyError(role_label)
        fields.take("name", "name")
        fields.take("path", "name")
        fields.skip("description")
        self._read_trust(fields)
        fields.finish()
        self._check_profile(role_label, path, role_path)
        access = read_policies(self._root, role_label, role_path, self._settings.aws)
        return Role(full_name, access.reads, access.writes)

    def _read_trust(self, role: Fields) -> None:
        """Reads who may assume a role: one service, the same for all roles of the account."""
        document = role.document("assume_role_policy")
        statements = document.take("Statement") if document else None
        match statements:
            case ListValue((ObjectValue() as only,)):
                statement = Fields(only, only.span, self._path, role.notes)
            case _:
                path = (*role.path, "assume_role_policy")
                role.notes.odd(path, "one statement", leaf(statements), role.span)
                return
        if document:
            document.expect("Version", "2012-10-17")
            document.finish()
        principal = statement.object("Principal")
        if principal:
            service = principal.get("Service", text, "trusted_service")
            self._service = self._service or service
            if service != self._service:
                role.notes.odd((*self._path, "trusted_service"), self._service, service)
            principal.finish()
        statement.expect("Effect", "Allow")
        action = statement.take("Action")
        if action is None or not any(says(action, allowed) for allowed in _TRUSTED_ACTIONS):
            span = action.span if action else statement.span
            path = (*role.path, "assume_role_policy.Action")
            role.notes.odd(path, shown(_TRUSTED_ACTIONS[0]), leaf(action), span)
        condition = statement.object("Condition")
        if condition:
            condition.expect("StringEquals", {"aws:SourceAccount": self._account_id})
            condition.finish()
        statement.finish()

    def _check_profile(self, role_label: str, path: str | None, role_path: Path) -> None:
        """Looks at the instance profile of a role, which only instances need."""
        if not _EC2.fullmatch(str(self._service)):
            return
        profile = self._root.take("resource", _PROFILE, role_label, path=role_path)
        if profile is None:
            self._root.lacks("resource", _PROFILE, role_label)
            return
        profile.expect("name", Ref(_ROLE, role_label, "name"))
        profile.expect("role", Ref(_ROLE, role_label, "name"))
        profile.expect("path", path)
        profile.finish()

    def _check_outputs(self, roles: dict[str, Role]) -> None:
        outputs = {"role_arns": _ROLE}
        if _EC2.fullmatch(str(self._service)):
            outputs["instance_profile_arns"] = _PROFILE
        for name, resource in outputs.items():
            output = self._root.take("output", name)
            if output is None:
                self._root.lacks("output", name)
                continue
            arns = {role.name: Ref(resource, key, "arn") for key, role in roles.items()}
            output.skip("description")
            output.expect("value", arns)
            output.finish()
