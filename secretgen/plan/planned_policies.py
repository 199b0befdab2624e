"""The policies of a plan, ready to be evaluated."""

from __future__ import annotations

from collections.abc import Callable

from secretgen.access.access_findings import Finding, Kind
from secretgen.access.policies import identity_arn, merged, role_title
from secretgen.model.environment import Account, Environment
from secretgen.plan.document import Json, PlanDocument, ResourceChange, parsed
from secretgen.policy.parse import Policy, UnsupportedPolicyError, parse_policy

_ROLE_POLICY, _MANAGED_POLICY = "aws_iam_role_policy", "aws_iam_policy"
_ATTACHMENT = "aws_iam_role_policy_attachment"

Values = Callable[[ResourceChange], Json | None]


def before_of(change: ResourceChange) -> Json | None:
    """Returns the values of a resource before a plan."""
    return change.before


def after_of(change: ResourceChange) -> Json | None:
    """Returns the values of a resource after a plan."""
    return change.after


def identity_policies(
    environment: Environment,
    account: Account,
    document: PlanDocument,
    values: Values,
    findings: list[Finding] | None = None,
) -> dict[str, Policy]:
    """Collects the identity policies of the roles in an account; AWS takes all of one together.

    Args:
        environment: what the spec describes.
        account: the account.
        document: the plan of its root module.
        values: takes the values before the plan, or those after it.
        findings: takes the policies that cannot be evaluated.

    Returns:
        By ARN of the role.
    """
    managed = {
        c.name: found
        for c in document.changes
        if c.type == _MANAGED_POLICY and (found := values(c))
    }
    of_role: dict[str, list[Json]] = {}
    for change in document.changes:
        found = values(change)
        holder = str((found or {}).get("role"))
        if change.type == _ROLE_POLICY and found:
            of_role.setdefault(holder, []).append(found)
        elif change.type == _ATTACHMENT and found and change.name in managed:
            of_role.setdefault(holder, []).append(managed[change.name])
    roles = {}
    for role in account.deployed_roles:
        arn = identity_arn(environment, account, role)
        title = role_title(arn)
        holders = of_role.get(role.name.rsplit("/", 1)[-1], ())
        policies = [planned_policy(title, found, findings, identity=True) for found in holders]
        roles[arn] = merged(policies) if policies else Policy(title, ())
    return roles


def planned_policy(
    title: str, values: Json | None, findings: list[Finding] | None, *, identity: bool = False
) -> Policy:
    """Reads a policy of a plan; one that cannot be evaluated allows nothing, and is a finding.

    Args:
        title: how messages name it.
        values: the values of its resource.
        findings: takes the finding.
        identity: whether it is the policy of a role.
    """
    try:
        return parse_policy(title, parsed((values or {}).get("policy")), identity=identity)
    except UnsupportedPolicyError as error:
        if findings is not None:
            summary = f"cannot be evaluated: {error.summary}"
            findings.append(Finding(Kind.BEYOND, title, "", summary))
        return Policy(title, ())
