"""The policies of a real plan: what `terraform show -json` says will be deployed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from secretgen.errors import SecretgenError, UsageError
from secretgen.insight.access.findings import Finding, Kind
from secretgen.insight.access.policies import (
    KeyPlace,
    Policies,
    merged,
    rendered_policies,
    role_title,
    secret_title,
)
from secretgen.insight.text import printable
from secretgen.model.environment import Account, Environment
from secretgen.model.names import key_module, role_arn, secret_module
from secretgen.policy.parse import Policy, UnsupportedPolicyError, parse_policy

_SECRET_POLICY = "aws_secretsmanager_secret_policy"  # noqa: S105
_KEYS = ("aws_kms_key", "aws_kms_replica_key")
_ROLE_POLICY = "aws_iam_role_policy"
_MANAGED_POLICY = "aws_iam_policy"
_ATTACHMENT = "aws_iam_role_policy_attachment"
_NOT_EVALUATED = (
    "aws_iam_group_policy", "aws_iam_group_policy_attachment", "aws_iam_policy_attachment",
    "aws_iam_user_policy", "aws_iam_user_policy_attachment",
    "aws_kms_grant", "aws_kms_key_policy",
)  # fmt: skip
"""Resources that grant access in a way that no plan of a rendered environment does."""


class UnreadablePlanError(SecretgenError):
    """A file is not the JSON of a plan."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as `terraform show -json` prints it; the JSON of a state will do as well.

    Args:
        title: name of its file, for messages.
        text: the JSON.
        account: the reader's account that it is for, by the spec's name or by its id; empty
            for the environment's own plan, and where the plan itself tells.
    """

    title: str
    text: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class PlannedPolicies:
    """The policies of plans, and what is odd about them."""

    policies: Policies
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Resource:
    address: str
    module: str
    type: str
    name: str
    values: Mapping[str, Any]


@dataclass(slots=True)
class _Collected:
    secrets: dict[str, Policy] = field(default_factory=dict)
    keys: dict[KeyPlace, Policy] = field(default_factory=dict)
    roles: dict[str, Policy] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    has_environment: bool = False

    def add_to_role(self, arn: str, policy: Policy) -> None:
        """Adds a policy to a role; AWS takes all policies of a role together."""
        before = self.roles.get(arn)
        self.roles[arn] = merged([before, policy]) if before else policy


def planned_policies(environment: Environment, plans: Sequence[Plan]) -> PlannedPolicies:
    """Collects the policies of plans.

    Args:
        environment: what the spec says; its names tell which resource is which.
        plans: the environment's own plan, and those of its readers' accounts.

    Returns:
        The policies. Where no plan was given, they are the spec's, and a note says so.

    Raises:
        UnreadablePlanError: a text is not the JSON of a plan.
        UnsupportedPolicyError: a policy cannot be evaluated.
        UsageError: a plan has nothing to do with the environment.
    """
    found = _Collected()
    for plan in plans:
        content = _read(plan)
        types = {resource.type for resource in content.resources}
        if _SECRET_POLICY in types:
            _collect_environment(environment, content.resources, found)
        elif types & {_ROLE_POLICY, _ATTACHMENT}:
            account = _account_of(environment, plan, content)
            _collect_account(environment, account, content.resources, found)
        else:
            raise UsageError(
                f"{plan.title} plans no policy of a secret and none of a reader's role",
                f"Give the plan of {environment.name} or of one of its consumers.",
            )
    return _completed(environment, found)


def _completed(environment: Environment, found: _Collected) -> PlannedPolicies:
    rendered = rendered_policies(environment)
    notes = []
    if not found.has_environment:
        notes.append("Without the environment's plan, resource and key policies are the spec's.")
    missing = sorted(rendered.roles.keys() - found.roles.keys())
    if missing:
        notes.append(f"Without a plan, these roles' policies are the spec's: {', '.join(missing)}.")
    return PlannedPolicies(
        Policies(
            secrets=found.secrets if found.has_environment else rendered.secrets,
            keys=found.keys if found.has_environment else rendered.keys,
            roles={**rendered.roles, **found.roles},
        ),
        tuple(found.findings),
        tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Content:
    """What matters of a plan: its resources, and the accounts its provider is limited to."""

    resources: tuple[_Resource, ...]
    accounts: frozenset[str]


def _read(plan: Plan) -> _Content:
    try:
        data = json.loads(plan.text)
        values = data.get("planned_values") or data["values"]
        return _Content(tuple(_resources(values["root_module"])), _allowed_accounts(data))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise UnreadablePlanError(
            f"{plan.title} is not the JSON of a Terraform plan",
            "Make it with: terraform plan -out=plan && terraform show -json plan > plan.json",
        ) from error


def _resources(root: Mapping[str, Any]) -> Iterator[_Resource]:
    modules = [root]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", ())
        for resource in module.get("resources", ()):
            if resource["mode"] == "managed":
                yield _Resource(
                    address=resource["address"],
                    module=module.get("address", ""),
                    type=resource["type"],
                    name=resource["name"],
                    values=dict(resource["values"]),
                )


def _allowed_accounts(data: Mapping[str, Any]) -> frozenset[str]:
    providers = data.get("configuration", {}).get("provider_config", {}).values()
    limits = [p.get("expressions", {}).get("allowed_account_ids", {}) for p in providers]
    return frozenset(str(id_) for limit in limits for id_ in limit.get("constant_value") or ())


def _collect_environment(
    environment: Environment, resources: Iterable[_Resource], found: _Collected
) -> None:
    found.has_environment = True
    secrets = {f"module.{secret_module(s.name)}": s.name for s in environment.secrets}
    keys = _key_modules(environment)
    for resource in resources:
        if resource.type == _SECRET_POLICY and resource.module in secrets:
            secret = secrets[resource.module]
            found.secrets[secret] = _policy(secret_title(secret), resource)
        elif resource.type in _KEYS and resource.module in keys:
            key = keys[resource.module]
            found.keys[key] = _policy(key.title, resource)
        elif resource.type == _SECRET_POLICY:
            found.findings.append(_odd(resource, "is a policy of no secret of the spec"))
        elif resource.type in _NOT_EVALUATED:
            found.findings.append(_odd(resource, "grants access in a way that is not evaluated"))
    found.findings += [
        _missing(title)
        for title in (
            *(secret_title(s) for s in secrets.values() if s not in found.secrets),
            *(key.title for key in keys.values() if key not in found.keys),
        )
    ]


def _key_modules(environment: Environment) -> dict[str, KeyPlace]:
    primary = environment.aws.region
    return {
        f"module.{key_module(key.name, dedicated=key.dedicated, region=replica)}": KeyPlace(
            key.name, key.dedicated, replica or primary
        )
        for key in environment.keys
        for replica in (None, *(r.region for r in key.replicas))
    }


def _account_of(environment: Environment, plan: Plan, content: _Content) -> Account:
    """Finds the reader's account of a plan: as told, or as its provider is limited to."""
    told = {plan.account} if plan.account else content.accounts
    for account in environment.accounts:
        if told & {account.name, account.id}:
            return account
    names = ", ".join(a.name for a in environment.accounts)
    raise UsageError(
        f"{plan.title} does not say which reader's account it is for",
        f"Write --plan ACCOUNT={plan.title}, with an account of the spec: {names}.",
    )


def _collect_account(
    environment: Environment, account: Account, resources: Sequence[_Resource], found: _Collected
) -> None:
    # Role names are unique in an account, whatever their paths are.
    roles = {role.name.rsplit("/", 1)[-1]: role.name for role in account.roles}
    managed = {r.name: r for r in resources if r.type == _MANAGED_POLICY and not r.module}
    for resource in resources:
        if resource.type in (_ROLE_POLICY, _ATTACHMENT):
            role = resource.values.get("role")
            policy = managed.get(resource.name) if resource.type == _ATTACHMENT else resource
            if role not in roles or policy is None:
                found.findings.append(_odd(resource, "is about no reader and policy of the spec"))
                continue
            arn = role_arn(environment.aws.partition, account.id, roles[role])
            found.add_to_role(arn, _policy(role_title(arn), policy, identity=True))
        elif resource.type in _NOT_EVALUATED:
            found.findings.append(_odd(resource, "grants access in a way that is not evaluated"))
    for name in roles.values():
        arn = role_arn(environment.aws.partition, account.id, name)
        if arn not in found.roles:
            found.roles[arn] = Policy(role_title(arn), ())
            found.findings.append(_missing(role_title(arn)))


def _missing(title: str) -> Finding:
    return Finding(Kind.BROKEN, title, "", "is not in the plan")


def _odd(resource: _Resource, summary: str) -> Finding:
    return Finding(Kind.BEYOND, f"planned {resource.address}", "", summary)


def _policy(title: str, resource: _Resource, *, identity: bool = False) -> Policy:
    text = resource.values.get("policy")
    if not isinstance(text, str):
        raise UnsupportedPolicyError(
            f"the {title} is not known before it is applied ({printable(resource.address)})",
            "Apply it, then evaluate the state: terraform show -json > state.json",
        )
    try:
        document = json.loads(text, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise UnsupportedPolicyError(
            f"the {title} is not JSON with unique keys ({printable(resource.address)})",
            "Write the policy with jsonencode.",
        ) from error
    return parse_policy(title, document, identity=identity)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)
