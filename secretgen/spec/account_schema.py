"""The fields of an account in the spec: its part of the table in `secretgen.spec.schema`."""

from typing import Annotated

from secretgen.model.trust import DEFAULT_AUDIENCE
from secretgen.spec.aws_formats import AccountId
from secretgen.spec.role_formats import (
    ClusterName,
    ExternalId,
    KubernetesName,
    OidcAudience,
    OidcProvider,
    OidcSubject,
    PolicyArn,
    RoleArn,
    RoleName,
    ServicePrincipal,
)
from secretgen.spec.short_forms import OneOrMany, TrueMeans
from secretgen.spec.types import Body, Boolean, ListOf, NullMeans, Optional, Shape

DEFAULT_ROLE = "secrets-reader"
DEFAULT_SERVICE = "ec2.amazonaws.com"


class PodIdentitySpec(Shape):
    """EKS Pod Identity: which pods may assume the role; those of the whole account by default."""

    cluster: Optional[ClusterName] = None
    """Name of the EKS cluster."""
    namespace: Optional[KubernetesName] = None
    """Kubernetes namespace of the pods."""
    service_account: Optional[KubernetesName] = None
    """Kubernetes service account of the pods."""


class OidcSpec(Shape):
    """Identities of an OIDC provider: pods of EKS (IRSA), workflows of GitHub, others."""

    provider: OidcProvider
    """URL of the provider without `https://`; the account has it as an IAM OIDC provider."""
    subject: Annotated[list[OidcSubject], OneOrMany(OidcSubject)]
    """Subjects of its tokens (claim `sub`): one or a list; `*` and `?` are wildcards."""
    audience: OidcAudience = DEFAULT_AUDIENCE
    """Audience of its tokens (claim `aud`)."""


class TrustSpec(Shape):
    """Who may assume a role: all principals that are named here."""

    service: Annotated[list[ServicePrincipal], OneOrMany(ServicePrincipal)] = []
    """AWS services: one or a list."""
    pod_identity: Annotated[Optional[PodIdentitySpec], TrueMeans()] = None
    """`true`, or which pods of EKS clusters may assume the role through EKS Pod Identity."""
    oidc: Optional[OidcSpec] = None
    """Identities of an OIDC provider, such as EKS or GitHub."""
    roles: ListOf[RoleArn] = []
    """ARNs of roles, which have to exist before this one is created."""
    external_id: Optional[ExternalId] = None
    """External id that those `roles` have to give."""


class RoleSpec(Shape):
    """Settings of one role of an account."""

    existing: Boolean = False
    """True for a role that is created elsewhere: only policies are attached to it."""
    permission_set: Boolean = False
    """True for an IAM Identity Center permission set of that name."""
    trust: Optional[TrustSpec] = None
    """Who may assume the role; by default the account's `trusted_service`."""
    permissions_boundary: Optional[PolicyArn] = None
    """ARN of the policy that bounds the role; by default the account's."""


class AccountSpec(Shape):
    """An AWS account whose roles read secrets."""

    id: AccountId
    """Id of the account."""
    role: RoleName = DEFAULT_ROLE
    """IAM role that reads there."""
    trusted_service: ServicePrincipal = DEFAULT_SERVICE
    """Service that assumes the roles without a `trust` of their own."""
    permissions_boundary: Optional[PolicyArn] = None
    """ARN of the policy that bounds every role that is created there."""
    roles: Annotated[dict[RoleName, Body[RoleSpec]], NullMeans(dict)] = {}
    """Settings of single roles, by name."""
    in_organization: Boolean = True
    """False for a partner outside `aws.organization_id`: exempts the account from the deny."""

    def settings_of(self, role: str) -> RoleSpec:
        """Returns what is given for a role; the defaults for one that is not listed."""
        return self.roles.get(role, RoleSpec())
