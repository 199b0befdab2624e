"""The policies of a real plan: what `terraform show -json` says will be deployed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from secretgen.errors import UsageError
from secretgen.insight.access.findings import Finding, Kind
from secretgen.insight.access.plan_file import Content, Plan, Resource, policy_of, read_plan
from secretgen.insight.access.plan_identities import (
    ATTACHMENT,
    ROLE_POLICY,
    AccountPolicies,
    foreign_identities,
)
from secretgen.insight.access.policies import (
    KeyPlace,
    Policies,
    key_in,
    rendered_policies,
    role_title,
    secret_title,
)
from secretgen.model.environment import Account, Environment
from secretgen.model.names import key_modules, secret_module
from secretgen.model.secret import AWS_MANAGED, AWS_MANAGED_ALIAS, Secret
from secretgen.policy.parse import Policy

_SECRET = "aws_secretsmanager_secret"  # noqa: S105
_SECRET_POLICY = "aws_secretsmanager_secret_policy"  # noqa: S105
_KEY = "aws_kms_key"
_NOT_EVALUATED = ("aws_kms_grant", "aws_kms_key_policy")
"""Resources that grant access in a way that no plan of a rendered environment does."""


@dataclass(frozen=True, slots=True)
class PlannedPolicies:
    """The policies of plans, and what is odd about them."""

    policies: Policies
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Collected:
    secrets: dict[str, Policy] = field(default_factory=dict)
    keys: dict[KeyPlace, Policy] = field(default_factory=dict)
    key_arns: dict[KeyPlace, str | None] = field(default_factory=dict)
    roles: dict[str, Policy] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    has_environment: bool = False


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
        content = read_plan(plan)
        types = {resource.type for resource in content.resources}
        if types & {_SECRET, _SECRET_POLICY}:
            _collect_environment(environment, content.resources, found)
        elif types & {ROLE_POLICY, ATTACHMENT}:
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


def _collect_environment(
    environment: Environment, resources: Sequence[Resource], found: _Collected
) -> None:
    found.has_environment = True
    secrets = {f"module.{secret_module(s.name)}": s for s in environment.secrets}
    keys = _key_modules(environment)
    for resource in resources:
        if resource.type == _SECRET_POLICY:
            _collect_secret_policy(secrets.get(resource.module), resource, found)
        elif resource.type == _KEY and resource.module in keys:
            _collect_key(keys[resource.module], resource, found)
        elif resource.type in _NOT_EVALUATED:
            found.findings.append(resource.odd("grants access in a way that is not evaluated"))
        elif resource.type == _SECRET and "policy" in resource.arguments:
            found.findings.append(resource.odd("brings a policy of its own beside the other"))
    found.findings += foreign_identities(environment, resources)
    own = [resource for resource in resources if resource.module in secrets]
    for resource in own:
        if resource.type == _SECRET:
            found.findings += _other_keys(environment, secrets[resource.module], resource, found)
    found.findings += _attached_elsewhere(own)
    found.findings += [
        _missing(title)
        for title in (
            *(
                secret_title(s.name)
                for s in secrets.values()
                if s.manages_policy and s.name not in found.secrets
            ),
            *(key.title for key in keys.values() if key not in found.keys),
        )
    ]


def _collect_secret_policy(secret: Secret | None, resource: Resource, found: _Collected) -> None:
    if secret is None:
        found.findings.append(resource.odd("is a policy of no secret of the spec"))
    elif not secret.manages_policy:
        found.findings.append(resource.odd("is a policy that the spec leaves unmanaged"))
    elif secret.name in found.secrets:
        found.findings.append(resource.odd(f"is a second {secret_title(secret.name)}"))
    else:
        policy = policy_of(secret_title(secret.name), resource, resource.values.get("policy"))
        found.secrets[secret.name] = policy


def _collect_key(key: KeyPlace, resource: Resource, found: _Collected) -> None:
    if key in found.keys:
        found.findings.append(resource.odd(f"brings a second {key.title}"))
    else:
        found.keys[key] = policy_of(key.title, resource, resource.values.get("policy"))
        found.key_arns[key] = resource.text("arn")


def _other_keys(
    environment: Environment, secret: Secret, resource: Resource, found: _Collected
) -> Iterator[Finding]:
    """Looks for keys that encrypt a secret in the place of the spec's.

    A key that is made by the same plan is not known yet, nor who uses it; what is known is
    compared.
    """
    used = {str(r.get("region")): r for r in resource.blocks("replica")}
    used[environment.aws.region] = resource.values
    for region, values in used.items():
        if "kms_key_id" not in values:
            continue
        key = key_in(secret, region)
        expected = found.key_arns.get(key) if isinstance(key, KeyPlace) else key
        planned = str(values["kms_key_id"] or AWS_MANAGED)
        if planned.rpartition(":")[-1] == AWS_MANAGED_ALIAS:
            planned = AWS_MANAGED
        if planned != expected:
            name = "the AWS-managed key" if planned == AWS_MANAGED else planned
            yield resource.odd(f"encrypts {secret.name} in {region} with {name}, not as the spec")


def _attached_elsewhere(resources: Sequence[Resource]) -> Iterator[Finding]:
    """Looks for policies that are attached to another secret than the one beside them."""
    secrets = {resource.module: resource for resource in resources if resource.type == _SECRET}
    for policy in (r for r in resources if r.type == _SECRET_POLICY):
        secret = secrets.get(policy.module)
        if secret is None or not policy.is_given("secret_arn", secret):
            yield policy.odd("is attached to another secret than the one beside it")


def _key_modules(environment: Environment) -> Mapping[str, KeyPlace]:
    return {
        f"module.{module}": KeyPlace(key.name, key.dedicated, region)
        for key in environment.keys
        for region, module in key_modules(key).items()
    }


def _account_of(environment: Environment, plan: Plan, content: Content) -> Account:
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
    environment: Environment, account: Account, resources: Sequence[Resource], found: _Collected
) -> None:
    policies = AccountPolicies(environment, account)
    policies.collect(resources)
    found.roles |= policies.roles
    found.findings += policies.findings
    for arn in policies.missing:
        found.roles[arn] = Policy(role_title(arn), ())
        found.findings.append(_missing(role_title(arn)))


def _missing(title: str) -> Finding:
    return Finding(Kind.BROKEN, title, "", "is not in the plan")
