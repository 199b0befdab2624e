"""Who may assume a role: AWS services, pods, an OIDC provider's subjects, other roles."""

from __future__ import annotations

from msgspec import Struct

DEFAULT_AUDIENCE = "sts.amazonaws.com"
"""Audience that AWS's own tools request tokens for."""


class PodIdentity(Struct, frozen=True):
    """EKS Pod Identity; what is None may be any of the account.

    Args:
        cluster: name of the EKS cluster.
        namespace: Kubernetes namespace of the pods.
        service_account: Kubernetes service account of the pods.
    """

    cluster: str | None = None
    namespace: str | None = None
    service_account: str | None = None


class Oidc(Struct, frozen=True):
    """Identities of an OIDC provider, which the role's account has as an IAM resource.

    Args:
        provider: URL of the provider without `https://`.
        subject: the values of the claim `sub`; `*` and `?` in them are wildcards.
        audience: the value of the claim `aud`.
    """

    provider: str
    subject: tuple[str, ...]
    audience: str = DEFAULT_AUDIENCE


class Trust(Struct, frozen=True):
    """Who may assume a role: everyone that is named here.

    Args:
        service: service principals.
        pod_identity: pods of EKS clusters of the account; None for none.
        oidc: identities of an OIDC provider; None for none.
        roles: ARNs of roles.
        external_id: what those roles have to name; None for nothing.
    """

    service: tuple[str, ...] = ()
    pod_identity: PodIdentity | None = None
    oidc: Oidc | None = None
    roles: tuple[str, ...] = ()
    external_id: str | None = None


def service_name(principal: str) -> str:
    """Returns a service principal without its domain: `ec2` for `ec2.amazonaws.com`."""
    return principal.removesuffix(".cn").removesuffix(".amazonaws.com")


def trusted(trust: Trust) -> tuple[str, ...]:
    """Describes who may assume a role: one text for each service, provider or group of roles."""
    found = list(trust.service)
    if trust.pod_identity:
        pods = trust.pod_identity
        given = {
            "cluster": pods.cluster,
            "namespace": pods.namespace,
            "service account": pods.service_account,
        }
        limits = ", ".join(f"{name} {value}" for name, value in given.items() if value)
        found.append(f"EKS pods ({limits})" if limits else "EKS pods of the account")
    if trust.oidc:
        found.append(f"{trust.oidc.provider}: {', '.join(trust.oidc.subject)}")
    if trust.roles:
        external = " with an external id" if trust.external_id else ""
        found.append(f"{', '.join(trust.roles)}{external}")
    return tuple(found)
