"""Views of the module blocks of keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from secretgen.hcl.encode import Expression, reference
from secretgen.model.environment import Environment, Key, KeyGrant, grant_groups
from secretgen.model.layout import Layout
from secretgen.model.names import key_module, key_modules, provider_alias
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS, DEDICATED, Secret


def secret_folder(secret: Secret) -> str:
    """Folder of the module variant that a secret calls, without its protection."""
    parts = (
        "" if secret.manages_policy else "unmanaged-policy",
        "" if secret.rotation else "static",
    )
    return "/".join(filter(None, parts))


def source(layout: Layout, folder: str = "", *, protected: bool = True) -> str:
    """Path of a module variant; Terraform takes only literals for `prevent_destroy`."""
    variant = "" if protected else "unprotected"
    return "/".join(p for p in (layout.module_source, variant, folder) if p)


class KeyView(Struct, frozen=True):
    """The module block of a key in one Region.

    Args:
        module: label of the block.
        source: path of the module.
        alias: alias of the key, the same in every Region.
        description: description of the key.
        deletion_window_days: days between a deletion and the loss of the key.
        rotation_period_days: days between two rotations of the key material.
        region: where the key is.
        readers: for each set of secrets, `secrets`, the `roles` that may decrypt them.
        writers: the same, for the roles that may encrypt them.
        provider: provider of a replica Region; None for the primary Region.
    """

    module: str
    source: str
    alias: str
    description: str
    deletion_window_days: int
    rotation_period_days: int
    region: Expression | str
    readers: tuple[Mapping[str, tuple[str, ...]], ...]
    writers: tuple[Mapping[str, tuple[str, ...]], ...]
    provider: Expression | None = None


def key_views(environment: Environment, layout: Layout) -> list[KeyView]:
    """Makes the views of every key, each in its Regions, the primary one first."""
    primary = environment.aws.region
    return [view for key in environment.keys for view in _key_views(key, primary, layout)]


def _key_views(key: Key, primary: str, layout: Layout) -> list[KeyView]:
    modules = key_modules(key)
    return [
        KeyView(
            module=modules[regional.region],
            source=source(layout, "kms-key", protected=key.deletion_protection),
            alias=key.alias,
            description=key.description,
            deletion_window_days=key.deletion_window_days,
            rotation_period_days=key.rotation_period_days,
            region=reference("local", "region") if in_primary else regional.region,
            readers=_groups(regional.grants),
            writers=_groups(regional.write_grants),
            provider=None if in_primary else reference("aws", provider_alias(regional.region)),
        )
        for regional in key.regions
        for in_primary in [regional.region == primary]
    ]


def _groups(grants: Iterable[KeyGrant]) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    return tuple({"roles": g.roles, "secrets": g.secrets} for g in grant_groups(grants))


def key_of(secret: Secret, region: str | None = None) -> Expression | str:
    """ARN of the key of a secret, or of its replica's; the alias of the AWS-managed key.

    AWS keeps the key that it has where an update names none. So the AWS-managed key is named,
    too: a secret that goes over to it would otherwise stay on a key that is deleted.
    """
    if secret.kms_key == AWS_MANAGED:
        return AWS_MANAGED_ALIAS
    if secret.kms_key.startswith("arn:"):
        return secret.kms_key
    dedicated = secret.kms_key == DEDICATED
    name = secret.name if dedicated else secret.kms_key
    return reference("module", key_module(name, dedicated=dedicated, region=region), "arn")
