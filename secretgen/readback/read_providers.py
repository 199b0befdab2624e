"""Account, Region, organization and tags, from the locals and the provider blocks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from secretgen.model.environment import Account, Aws, Partition
from secretgen.model.names import provider_alias
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import Ref, text, texts

ACCOUNT_ID, PARTITION = Ref("local", "account_id"), Ref("local", "partition")
REGION, TAGS = Ref("local", "region"), Ref("local", "tags")

_PROVIDER = ("provider", "aws")
_EXEMPT = ("aws", "exempt_account_ids")


class Settings(Struct, frozen=True):
    """What the locals say.

    Args:
        aws: account, Region, partition and organization.
        tags: tags of everything.
        exempt: ids of the accounts that the organization deny never hits.
    """

    aws: Aws
    tags: Any
    exempt: Any


def read_locals(local: Fields) -> Settings:
    """Reads the locals that every environment has; others stay.

    Args:
        local: the locals, as fields of the environment itself.
    """
    organization = local.object("organization", "aws")
    organization_id = exempt = None
    if organization:
        organization_id = organization.get("id", text, "organization_id")
        exempt = organization.get("exempt_account_ids", texts)
        organization.finish()
    partition = local.get("partition", text, "aws", "partition")
    aws = Aws(
        account_id=local.get("account_id", text, "aws", "account_id"),
        region=local.get("region", text, "aws", "region"),
        partition=Partition(partition) if partition in set(Partition) else partition,
        organization_id=organization_id,
    )
    return Settings(aws, local.texts_by_name("tags"), exempt)


def with_exemptions(
    accounts: Iterable[Account], settings: Settings, root: Root, without_root: Collection[str]
) -> tuple[Account, ...]:
    """Returns which accounts are outside of the organization: those that are exempt from its deny.

    The environment's own account is exempt as well, and no account that reads nothing.

    Args:
        accounts: those with a root module.
        settings: what the environment's locals say.
        root: the environment's root module.
        without_root: ids of accounts that may have none; one that is exempt is known by its id.
    """
    exempt = settings.exempt if isinstance(settings.exempt, tuple) else ()
    own = settings.aws.account_id
    accounts = list(accounts)
    others = {*without_root} & {*exempt} - {own, *(a.id for a in accounts)}
    accounts += [Account(i, i, in_organization=False, roles=()) for i in others]
    accounts.sort(key=lambda account: account.name)
    found = tuple(replace(a, in_organization=a.id not in exempt or a.id == own) for a in accounts)
    span = root.notes.places.get(_EXEMPT)
    if span:
        expected = sorted({own, *(a.id for a in found if not a.in_organization)}, key=str)
        if list(exempt) != expected:
            root.notes.add_unexpected(_EXEMPT, expected, list(exempt), span)
        for account in found:
            root.notes.place(("accounts", account.name, "in_organization"), span)
    return found


def check_providers(root: Root, replica_regions: Collection[str]) -> tuple[str, ...]:
    """Holds the provider blocks against the Regions: one for each, and for the right account.

    Returns:
        Regions with a provider in which the environment has nothing any more.
    """
    regions: dict[str | None, Any] = {None: REGION}
    regions |= {provider_alias(region): region for region in replica_regions}
    missing = dict(regions)
    left = []
    for provider in root.take_all(*_PROVIDER):
        alias = provider.get("alias")
        if alias is not None:
            provider.path = root.path_of((*_PROVIDER, str(alias)))
        name = alias if isinstance(alias, str) else None
        region = missing.pop(name, None)
        if name and name not in regions:
            region = _region_left(provider, name)
            regions[name] = region
            left += [region] if region else []
        provider.expect("allowed_account_ids", [ACCOUNT_ID])
        check_provider(provider, region=region, tags=TAGS)
    for alias in missing:
        root.lacks(*_PROVIDER, *([alias] if alias else []))
    return tuple(left)


def _region_left(provider: Fields, alias: str) -> str | None:
    """Returns the Region of a provider that nothing in the environment uses any more."""
    region = str(provider.peek("region", text))
    if provider_alias(region) != alias:
        return None
    provider.notes.place(("changes", "destroy", f"regions.{region}"), provider.span)
    return region


def check_provider(provider: Fields, *, region: Any, tags: Any) -> None:
    """Holds a provider block against what it has to say.

    Args:
        provider: the block, its account aside.
        region: its Region, or a `Ref`; None when there should be no such block.
        tags: what everything gets that it makes, or a `Ref`.
    """
    provider.expect("region", region)
    provider.expect_block("default_tags", "tags", tags)
    provider.finish()
