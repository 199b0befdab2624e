"""The readers' accounts, from the root module of each: who assumes its roles, what they read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from secretgen.model.compare import Path
from secretgen.model.environment import Account, Role
from secretgen.model.names import label, provider_alias, role_arn
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_providers import Settings, check_provider
from secretgen.readback.read_root import Root
from secretgen.readback.read_trust import read_trust
from secretgen.readback.read_values import Parts, Ref, reference, texts, to_plain
from secretgen.readback.reads import existing_roles, read_policies

_ROLE, _PROFILE = "aws_iam_role", "aws_iam_instance_profile"
_EC2 = re.compile(r"ec2\.amazonaws\.com(\.cn)?")


def read_account(
    root: Root, name: str, settings: Settings, bus_regions: Iterable[str] = ()
) -> Account:
    """Reads the root module for a reader's account.

    Args:
        root: its blocks.
        name: name of the account.
        settings: what the environment's locals say.
        bus_regions: the Regions in which it gets events.
    """
    others = {*bus_regions} - {str(settings.aws.region)}
    regions = {provider_alias(region): region for region in others}
    reader = _AccountReader(root, ("accounts", name), settings, regions)
    account = reader.read(name)
    root.finish()
    return account


class _AccountReader:
    """Reads the blocks of one account, which depend on each other."""

    def __init__(
        self, root: Root, path: Path, settings: Settings, regions: Mapping[str, str]
    ) -> None:
        self._root = root
        self._regions = regions
        self._path = path
        self._settings = settings
        self._account_id: Any = None

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
                self._root.notes.add_unexpected(path, label(str(role.name)), role_label)
        for full_name in existing_roles(self._root):
            path = (*self._path, "roles", full_name)
            aws = self._settings.aws
            access = read_policies(self._root, full_name, path, aws, existing=True)
            roles[label(full_name)] = Role(full_name, access.reads, access.writes, existing=True)
        self._check_removed([key for key, role in roles.items() if role.existing])
        self._check_outputs(roles)
        return Account(
            name=name,
            id=self._account_id,
            in_organization=True,
            roles=tuple(sorted(roles.values(), key=lambda role: str(role.name))),
        )

    def _read_provider(self) -> None:
        provider = self._root.need("provider", "aws", path=self._path)
        if provider is None:
            return
        ids = provider.get("allowed_account_ids", texts, "id")
        self._account_id = ids[0] if isinstance(ids, tuple) and len(ids) == 1 else ids
        check_provider(provider, region=self._settings.aws.region, tags=self._settings.tags)
        missing = dict(self._regions)
        while other := self._root.take("provider", "aws", path=(*self._path, "providers")):
            region = missing.pop(str(other.get("alias")), None)
            other.expect("allowed_account_ids", [self._account_id])
            check_provider(other, region=region, tags=self._settings.tags)
        for alias in missing:
            self._root.lacks("provider", "aws", alias)

    def _read_role(self, role_label: str) -> Role:
        name, path = (
            self._root.peek_text(argument, "resource", _ROLE, role_label)
            for argument in ("name", "path")
        )
        full_name = f"{(path or '').strip('/')}/{name or role_label}".lstrip("/")
        role_path = (*self._path, "roles", full_name)
        fields = self._root.known("resource", _ROLE, role_label, path=role_path)
        fields.take("name", "name")
        fields.take("path", "name")
        fields.skip("description")
        boundary = fields.get("permissions_boundary")
        trust = read_trust(fields, self._settings.aws.partition, str(self._account_id))
        fields.finish()
        if _is_for_instances(trust.service):
            self._check_profile(role_label, path, role_path)
        access = read_policies(self._root, full_name, role_path, self._settings.aws)
        return Role(full_name, access.reads, access.writes, trust, boundary)

    def _check_profile(self, role_label: str, path: str | None, role_path: Path) -> None:
        """Looks at the instance profile of a role that instances assume."""
        profile = self._root.need("resource", _PROFILE, role_label, path=role_path)
        if profile is None:
            return
        profile.expect("name", Ref(_ROLE, role_label, "name"))
        profile.expect("role", Ref(_ROLE, role_label, "name"))
        profile.expect("path", path)
        profile.finish()

    def _check_removed(self, labels: list[str]) -> None:
        """Holds the `removed` blocks against the roles that are created elsewhere."""
        missing: set[Parts] = {(kind, key) for key in labels for kind in (_ROLE, _PROFILE)}
        for block in self._root.blocks("removed"):
            fields = Fields(block.body, block.span, (*self._path, "removed"), self._root.notes)
            source = fields.take("from")
            if reference(source) in missing:
                missing.remove(reference(source))
            else:
                self._root.notes.add_unexpected(fields.path, None, to_plain(source), block.span)
            fields.expect_block("lifecycle", "destroy", expected=False)
            fields.finish()
        for parts in sorted(missing):
            self._root.lacks("removed", ".".join(map(str, parts)))

    def _check_outputs(self, roles: dict[str, Role]) -> None:
        partition = self._settings.aws.partition
        arns: dict[str, Any] = {
            role.name: role_arn(partition, self._account_id, role.name)
            if role.existing
            else Ref(_ROLE, key, "arn")
            for key, role in roles.items()
        }
        profiles = {
            role.name: Ref(_PROFILE, key, "arn")
            for key, role in roles.items()
            if role.trust and _is_for_instances(role.trust.service)
        }
        for name, values in {"role_arns": arns, "instance_profile_arns": profiles}.items():
            if values:
                self._root.expect_output(name, values)


def _is_for_instances(services: tuple[Any, ...]) -> bool:
    return any(_EC2.fullmatch(str(service)) for service in services)
