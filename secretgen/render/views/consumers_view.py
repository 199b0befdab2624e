"""Views of the root module for a reader's account."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from secretgen.hcl.encode import Expression, reference
from secretgen.model.environment import Account, Aws, Environment, Role
from secretgen.model.names import (
    consumer_state_key,
    ends_like_arn,
    label,
    permission_set_file,
    role_arn,
)
from secretgen.model.trust import PodIdentity, trusted
from secretgen.policy.documents import Document
from secretgen.policy.role_policies import regions_by_secret, role_policies
from secretgen.policy.trust_policies import trust_policy
from secretgen.render.views.notifications_view import ReaderBusView, reader_bus_views
from secretgen.spec.aws_formats import OPT_IN_REGIONS

_IMMUTABLE_SUBJECT = re.compile(r"repo:[^/:@]+@[0-9]+/[^/:@]+@[0-9]+:")
"""GitHub's subject with the ids of owner and repository."""
_BEHIND_GITHUB = "The check does not know GitHub's subjects with ids: repo:OWNER@ID/REPO@ID"


class PolicyView(Struct, frozen=True):
    """The block of a policy, and of its attachment if it is a managed one."""

    label: str
    name: str
    document: Document


class SecretView(Struct, frozen=True):
    """One secret that a role reads or writes, and where."""

    name: str
    access: str
    regions: tuple[str, ...]


class CallView(Struct, frozen=True):
    """The command that reads or writes one secret in one Region.

    Args:
        region: the Region.
        arn: ARN of the secret without its six random characters.
        suffix: what sets the shell variable with these six apart; None where
            AWS finds the secret without them.
    """

    region: str
    arn: str
    suffix: str | None


class RoleView(Struct, frozen=True):
    """The blocks of a role, and its part of the documents.

    Args:
        trust: its trust policy; None for a role that is created elsewhere.
        trusted: who assumes it, in words.
        pods: the pods that assume it, if any do.
        for_instances: whether instances assume it, so that it needs an instance profile.
        trust_skips: checks of checkov that its trust policy is not to be held against, by reason.
    """

    label: str
    id: str
    arn: str
    name: str
    path: str
    description: str
    trust: Document | None
    trust_skips: Mapping[str, str]
    trusted: tuple[str, ...]
    pods: PodIdentity | None
    permissions_boundary: str | None
    for_instances: bool
    inline: PolicyView | None
    managed: tuple[PolicyView, ...]
    secrets: tuple[SecretView, ...]
    reads: tuple[CallView, ...]
    writes: tuple[CallView, ...]

    @property
    def existing(self) -> bool:
        """Whether the role is created elsewhere."""
        return self.trust is None

    @property
    def who(self) -> str:
        """What documents call it."""
        return "the role"

    @property
    def title(self) -> str:
        """How documents name it."""
        return self.arn


class PermissionSetView(Struct, frozen=True):
    """A permission set's part of the documents.

    Args:
        name: name of the permission set.
        file: the file with its policy.
    """

    name: str
    file: str
    secrets: tuple[SecretView, ...]
    reads: tuple[CallView, ...]
    writes: tuple[CallView, ...]

    @property
    def who(self) -> str:
        """What documents call it."""
        return "a user with the permission set"

    @property
    def title(self) -> str:
        """How documents name it."""
        return self.name


class ConsumerView(Struct, frozen=True):
    """The root module for a reader's account."""

    name: str
    account_id: str
    environment: str
    environment_account_id: str
    is_own: bool
    partition: str
    region: str
    tags: Mapping[str, str]
    state_key: str
    opt_in_regions: tuple[str, ...]
    roles: tuple[RoleView, ...]
    permission_sets: tuple[PermissionSetView, ...]
    role_arns: Mapping[str, Expression | str]
    instance_profile_arns: Mapping[str, Expression]
    providers: tuple[str, ...]
    trusted_roles: tuple[str, ...]
    buses: tuple[ReaderBusView, ...]

    @property
    def created(self) -> tuple[RoleView, ...]:
        """The roles that are created here."""
        return tuple(role for role in self.roles if not role.existing)

    @property
    def existing(self) -> tuple[RoleView, ...]:
        """The roles that are created elsewhere."""
        return tuple(role for role in self.roles if role.existing)

    @property
    def pod_roles(self) -> tuple[RoleView, ...]:
        """The roles that pods assume."""
        return tuple(role for role in self.roles if role.pods)

    @property
    def other_roles(self) -> bool:
        """Whether a role is assumed otherwise than by instances and pods."""
        return any(len(r.trusted) > bool(r.pods) + r.for_instances for r in self.created)

    @property
    def _everyone(self) -> list[RoleView | PermissionSetView]:
        return [*self.roles, *self.permission_sets]

    @property
    def readers(self) -> tuple[RoleView | PermissionSetView, ...]:
        """Everyone who reads."""
        return tuple(who for who in self._everyone if who.reads)

    @property
    def writers(self) -> tuple[RoleView | PermissionSetView, ...]:
        """Everyone who writes."""
        return tuple(who for who in self._everyone if who.writes)


def consumer_view(environment: Environment, account: Account) -> ConsumerView:
    """Makes the view of the root module for a reader's account."""
    roles = tuple(_role_view(environment, account, role) for role in account.deployed_roles)
    trusts = [role.trust for role in account.deployed_roles if role.trust]
    return ConsumerView(
        name=account.name,
        account_id=account.id,
        environment=environment.name,
        environment_account_id=environment.aws.account_id,
        is_own=account.id == environment.aws.account_id,
        partition=environment.aws.partition,
        region=environment.aws.region,
        tags=environment.tags,
        state_key=consumer_state_key(environment.name, account.name),
        opt_in_regions=tuple(
            sorted(OPT_IN_REGIONS & {read.region for role in account.roles for read in role.reads})
        ),
        roles=roles,
        permission_sets=tuple(
            PermissionSetView(
                role.name, permission_set_file(role.name), *_access(environment, role)
            )
            for role in account.roles
            if role.permission_set
        ),
        role_arns={
            role.id: role.arn if role.existing else reference("aws_iam_role", role.label, "arn")
            for role in roles
        },
        instance_profile_arns={
            role.id: reference("aws_iam_instance_profile", role.label, "arn")
            for role in roles
            if role.for_instances
        },
        providers=tuple(sorted({trust.oidc.provider for trust in trusts if trust.oidc})),
        trusted_roles=tuple(sorted({arn for trust in trusts for arn in trust.roles})),
        buses=reader_bus_views(environment, account),
    )


def _role_view(environment: Environment, account: Account, role: Role) -> RoleView:
    partition = environment.aws.partition
    path, _, name = role.name.rpartition("/")
    role_label = label(role.name)
    policies = role_policies(environment, role)
    policy_name = f"{environment.name}-secrets"
    secrets, reads, writes = _access(environment, role)
    return RoleView(
        label=role_label,
        id=role.name,
        arn=role_arn(partition, account.id, role.name),
        name=name,
        path=f"/{path}/" if path else "/",
        description=f"{_does(role)} secrets of {environment.name} in account"
        f" {environment.aws.account_id}",
        trust=trust_policy(partition, account, role) if role.trust else None,
        trust_skips=_trust_skips(role),
        trusted=trusted(role.trust) if role.trust else (),
        pods=role.trust.pod_identity if role.trust else None,
        permissions_boundary=role.permissions_boundary,
        for_instances=role.for_instances,
        inline=PolicyView(role_label, policy_name, policies.inline) if policies.inline else None,
        managed=tuple(
            PolicyView(
                f"{role_label}_part_{mark}" if mark else f"{role_label}_secrets",
                "-".join(filter(None, (name, policy_name, mark))),
                document,
            )
            for mark, document in policies.managed.items()
        ),
        secrets=secrets,
        reads=reads,
        writes=writes,
    )


def _trust_skips(role: Role) -> dict[str, str]:
    """Returns the checks of checkov that fail without a fault in the trust policy."""
    oidc = role.trust.oidc if role.trust else None
    is_immutable = oidc and any(_IMMUTABLE_SUBJECT.match(text) for text in oidc.subject)
    return {"CKV_AWS_393": _BEHIND_GITHUB} if is_immutable else {}


def _does(role: Role) -> str:
    if role.reads and role.writes:
        return "Reads and writes"
    return "Reads" if role.reads else "Writes"


_Calls = tuple[CallView, ...]


def _access(environment: Environment, role: Role) -> tuple[tuple[SecretView, ...], _Calls, _Calls]:
    """Returns what a role reads and writes, and the commands that read and that write."""
    aws, regions = environment.aws, regions_by_secret(role)
    secrets = [SecretView(name, "reads", tuple(where)) for name, where in regions.items()]
    secrets += [SecretView(name, "writes", (aws.region,)) for name in role.writes]
    reads = tuple(_call(aws, read.secret, read.region) for read in role.reads)
    return tuple(secrets), reads, tuple(_call(aws, name, aws.region) for name in role.writes)


def _call(aws: Aws, secret: str, region: str) -> CallView:
    arn = aws.arn("secretsmanager", f"secret:{secret}", region)
    return CallView(region, arn, label(secret) if ends_like_arn(secret) else None)
