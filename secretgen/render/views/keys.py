"""Views of the module blocks of keys and replica keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from secretgen.hcl.encode import Expression, reference
from secretgen.model.environment import Environment, Key, KeyGrant
from secretgen.model.layout import Layout
from secretgen.model.names import key_module, provider_alias
from secretgen.model.secret import AWS_MANAGED, DEDICATED, Secret
from secretgen.render.views.modules import source


@dataclass(frozen=True, slots=True)
class KeyView:
    """The module block of a key, or of its replica in another Region."""

    module: str
    source: str
    alias: str
    description: str
    deletion_window_days: int
    region: Expression | str
    readers: Mapping[str, tuple[str, ...]]
    rotation_period_days: int | None = None
    provider: Expression | None = None
    primary_key_arn: Expression | None = None


def key_views(environment: Environment, layout: Layout) -> list[KeyView]:
    """Makes the views of every key and replica key, each key before its replicas."""
    return [view for key in environment.keys for view in _key_views(key, layout)]


def _key_views(key: Key, layout: Layout) -> list[KeyView]:
    module = key_module(key.name, dedicated=key.dedicated)
    primary = KeyView(
        module=module,
        source=source(layout, "kms-key", protected=key.deletion_protection),
        alias=key.alias,
        description=key.description,
        deletion_window_days=key.deletion_window_days,
        rotation_period_days=key.rotation_period_days,
        region=reference("local", "region"),
        readers=_readers(key.grants),
    )
    replicas = [
        KeyView(
            module=key_module(key.name, dedicated=key.dedicated, region=replica.region),
            source=source(layout, "kms-replica-key", protected=key.deletion_protection),
            alias=key.alias,
            description=key.description,
            deletion_window_days=key.deletion_window_days,
            region=replica.region,
            readers=_readers(replica.grants),
            provider=reference("aws", provider_alias(replica.region)),
            primary_key_arn=reference("module", module, "arn"),
        )
        for replica in key.replicas
    ]
    return [primary, *replicas]


def _readers(grants: tuple[KeyGrant, ...]) -> dict[str, tuple[str, ...]]:
    return {grant.role_arn: grant.secrets for grant in grants}


def key_of(secret: Secret, region: str | None = None) -> Expression | str | None:
    """ARN of the key of a secret, or of its replica's; None for the AWS-managed key."""
    if secret.kms_key == AWS_MANAGED:
        return None
    if secret.kms_key.startswith("arn:"):
        return secret.kms_key
    dedicated = secret.kms_key == DEDICATED
    name = secret.name if dedicated else secret.kms_key
    return reference("module", key_module(name, dedicated=dedicated, region=region), "arn")
