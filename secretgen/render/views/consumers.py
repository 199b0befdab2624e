"""Views of the root module for a reader's account."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from secretgen.hcl.encode import Expression, reference
from secretgen.model.environment import Account, Environment, Role
from secretgen.model.names import label, role_arn
from secretgen.policy.documents import Document
from secretgen.policy.roles import role_policies, service_name, trust_policy
from secretgen.spec.regions import OPT_IN_REGIONS

_LOOKS_COMPLETE = re.compile(r".*-[A-Za-z0-9]{6}")
"""A name with such an end makes AWS take its ARN for one with the six random characters."""


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The block of a policy, and of its attachment if it is a managed one."""

    label: str
    name: str
    document: Document


@dataclass(frozen=True, slots=True)
class SecretView:
    """One secret that a role reads or writes, and where."""

    name: str
    access: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallView:
    """The command that reads or writes one secret in one Region.

    Args:
        region: the Region.
        arn: ARN of the secret without its six random characters.
        suffix: what tells the shell variable with these six from that of other secrets; None where
            AWS finds the secret without them.
    """

    region: str
    arn: str
    suffix: str | None


@dataclass(frozen=True, slots=True)
class RoleView:
    """The blocks of a role, and its part of the documents."""

    label: str
    id: str
    arn: str
    name: str
    path: str
    description: str
    trust: Document
    inline: PolicyView | None
    managed: tuple[PolicyView, ...]
    secrets: tuple[SecretView, ...]
    reads: tuple[CallView, ...]
    writes: tuple[CallView, ...]


@dataclass(frozen=True, slots=True)
class ConsumerView:
    """The root module for a reader's account."""

    name: str
    account_id: str
    service: str
    for_instances: bool
    environment: str
    environment_account_id: str
    region: str
    tags: Mapping[str, str]
    state_key: str
    opt_in_regions: tuple[str, ...]
    roles: tuple[RoleView, ...]
    role_arns: Mapping[str, Expression]
    instance_profile_arns: Mapping[str, Expression]

    @property
    def readers(self) -> tuple[RoleView, ...]:
        """The roles that read."""
        return tuple(role for role in self.roles if role.reads)

    @property
    def writers(self) -> tuple[RoleView, ...]:
        """The roles that write."""
        return tuple(role for role in self.roles if role.writes)


def consumer_view(environment: Environment, account: Account) -> ConsumerView:
    """Makes the view of the root module for a reader's account."""
    return ConsumerView(
        name=account.name,
        account_id=account.id,
        service=account.trusted_service,
        for_instances=service_name(account.trusted_service) == "ec2",
        environment=environment.name,
        environment_account_id=environment.aws.account_id,
        region=environment.aws.region,
        tags=environment.tags,
        state_key=f"{environment.name}/consumers/{account.name}/terraform.tfstate",
        opt_in_regions=tuple(sorted(OPT_IN_REGIONS & _regions(account))),
        roles=tuple(_role_view(environment, account, role) for role in account.roles),
        role_arns=_arns("aws_iam_role", account),
        instance_profile_arns=_arns("aws_iam_instance_profile", account),
    )


def _regions(account: Account) -> set[str]:
    """Returns every Region that a role of the account reads in."""
    return {read.region for role in account.roles for read in role.reads}


def _arns(resource: str, account: Account) -> dict[str, Expression]:
    return {role.name: reference(resource, label(role.name), "arn") for role in account.roles}


def _role_view(environment: Environment, account: Account, role: Role) -> RoleView:
    path, _, name = role.name.rpartition("/")
    role_label = label(role.name)
    policies = role_policies(environment, role)
    policy_name = f"{environment.name}-secrets"
    return RoleView(
        label=role_label,
        id=role.name,
        arn=role_arn(environment.aws.partition, account.id, role.name),
        name=name,
        path=f"/{path}/" if path else "/",
        description=f"{_does(role)} secrets of {environment.name} in account"
        f" {environment.aws.account_id}",
        trust=trust_policy(account),
        inline=PolicyView(role_label, policy_name, policies.inline) if policies.inline else None,
        managed=tuple(
            PolicyView(f"{role_label}_part_{mark}", f"{name}-{policy_name}-{mark}", document)
            for mark, document in policies.managed.items()
        ),
        secrets=_secrets(environment, role),
        reads=tuple(_call(environment, read.secret, read.region) for read in role.reads),
        writes=tuple(_call(environment, name, environment.aws.region) for name in role.writes),
    )


def _does(role: Role) -> str:
    if role.reads and role.writes:
        return "Reads and writes"
    return "Reads" if role.reads else "Writes"


def _secrets(environment: Environment, role: Role) -> tuple[SecretView, ...]:
    regions: dict[str, list[str]] = defaultdict(list)
    for read in role.reads:
        regions[read.secret].append(read.region)
    return (
        *(SecretView(name, "reads", tuple(where)) for name, where in regions.items()),
        *(SecretView(name, "writes", (environment.aws.region,)) for name in role.writes),
    )


def _call(environment: Environment, secret: str, region: str) -> CallView:
    aws = environment.aws
    arn = f"arn:{aws.partition}:secretsmanager:{region}:{aws.account_id}:secret:{secret}"
    return CallView(region, arn, _suffix(secret))


def _suffix(secret: str) -> str | None:
    return label(secret) if _LOOKS_COMPLETE.fullmatch(secret) else None
