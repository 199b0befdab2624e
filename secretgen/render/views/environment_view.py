"""Views of backend, locals and provider blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from secretgen.model.environment import Environment, Locking
from secretgen.model.names import provider_alias
from secretgen.policy.documents import organization_exemptions


class BackendView(Struct, frozen=True):
    """The backend block."""

    bucket: str
    key: str
    region: str
    kms_key_id: str | None
    dynamodb_table: str | None
    use_lockfile: bool


class RegionView(Struct, frozen=True):
    """The provider block of a Region but the primary."""

    name: str
    alias: str


class EnvironmentView(Struct, frozen=True):
    """Backend, locals and provider blocks."""

    name: str
    account_id: str
    partition: str
    region: str
    tags: Mapping[str, str]
    organization: Mapping[str, Any] | None
    backend: BackendView
    other_regions: tuple[RegionView, ...]


def environment_view(environment: Environment) -> EnvironmentView:
    """Makes the view of backend, locals and providers."""
    aws, backend = environment.aws, environment.backend
    organization = aws.organization_id and {
        "id": aws.organization_id,
        "exempt_account_ids": organization_exemptions(environment),
    }
    return EnvironmentView(
        name=environment.name,
        account_id=aws.account_id,
        partition=aws.partition,
        region=aws.region,
        tags=environment.tags,
        organization=organization or None,
        backend=BackendView(
            bucket=backend.bucket,
            key=backend.key,
            region=backend.region,
            kms_key_id=backend.kms_key_id,
            dynamodb_table=backend.dynamodb_table,
            use_lockfile=backend.locking is not Locking.DYNAMODB,
        ),
        other_regions=tuple(
            RegionView(region, provider_alias(region)) for region in environment.other_regions
        ),
    )
