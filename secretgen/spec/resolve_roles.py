"""From what a spec describes about a role to the model: its kind, its trust, its boundary."""

from __future__ import annotations

from msgspec.structs import replace

from secretgen.model.environment import Role
from secretgen.model.trust import Oidc, PodIdentity, Trust, service_name
from secretgen.spec.account_schema import AccountSpec, TrustSpec

_POD_IDENTITY = "pods.eks"
"""Service that stands for EKS Pod Identity."""


def resolve_role(account: AccountSpec, role: Role) -> Role:
    """Completes a role with what its account says of it.

    Args:
        account: its account.
        role: its name, and what it may do.
    """
    settings = account.settings_of(role.name)
    if settings.permission_set:
        return replace(role, permission_set=True)
    if settings.existing:
        return replace(role, existing=True)
    given = settings.trust or TrustSpec(service=[account.trusted_service])
    return replace(
        role,
        trust=_trust(given),
        permissions_boundary=settings.permissions_boundary or account.permissions_boundary,
    )


def _trust(spec: TrustSpec) -> Trust:
    services = {service for service in spec.service if service_name(service) != _POD_IDENTITY}
    pods = spec.pod_identity
    has_pods = pods is not None or len(services) < len(set(spec.service))
    return Trust(
        service=tuple(sorted(services)),
        pod_identity=PodIdentity(**dict(pods or ())) if has_pods else None,
        oidc=Oidc(spec.oidc.provider, tuple(sorted(set(spec.oidc.subject))), spec.oidc.audience)
        if spec.oidc
        else None,
        roles=tuple(sorted(set(spec.roles))),
        external_id=spec.external_id if spec.roles else None,
    )
