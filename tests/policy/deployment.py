"""Asking the policies in `iam/` about calls: what a role may do with what it has attached."""

from collections.abc import Mapping
from typing import Any

from secretgen.model.environment import Environment
from secretgen.policy.deployment.deployment_roles import deployment_policies
from secretgen.policy.evaluate import Caller, Decision, Request, judge
from secretgen.policy.parse import CONDITION_KEYS, Policy, parse_policy

TAG = "secretgen:protected"
KEYS = CONDITION_KEYS | {
    "aws:requestedregion",
    f"aws:requesttag/{TAG}",
    f"aws:resourcetag/{TAG}",
    "aws:tagkeys",
    "dynamodb:leadingkeys",
    "iam:passedtoservice",
    "kms:bypasspolicylockoutsafetycheck",
    "kms:resourcealiases",
    "s3:prefix",
    "secretsmanager:blockpublicpolicy",
    "secretsmanager:forceoverwritereplicasecret",
    "secretsmanager:kmskeyarn",
    "secretsmanager:rotationlambdaarn",
}
"""The condition keys that the tests know the value of, in lower case."""


def policies_of(environment: Environment, role: str) -> list[Policy]:
    """What the README says to attach: `apply`, `destroy` or `plan` and what belongs to it."""
    parts = "plan-" if role == "plan" else "apply-"
    return [
        parse_policy(name, document, identity=True, keys=KEYS)
        for name, document in deployment_policies(environment).items()
        if name == role or name.startswith(parts)
    ]


def allows_elsewhere(
    environment: Environment, role: str, action: str, resource: str, context: Mapping[str, Any]
) -> bool:
    """The same by another evaluator, `ministack.core.iam_evaluator` (see `tests.policy.oracle`)."""
    from ministack.core import iam_evaluator as other  # type: ignore[import-not-found]  # noqa: PLC0415

    parts = "plan-" if role == "plan" else "apply-"
    keys = {key.lower(): value for key, value in context.items() if value != ()}
    asked = other.EvalContext(
        principal_arn="arn:aws:iam::123456789012:role/terraform",
        principal_type="Role",
        principal_account="123456789012",
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
        source_ip="192.0.2.1",
        secure_transport=True,
        service_context={k: list(v) if isinstance(v, tuple) else v for k, v in keys.items()},
        principal_keys={"aws:principalisawsservice": "false"},
    )
    documents = [
        other.parse_policy_document(document)
        for name, document in deployment_policies(environment).items()
        if name == role or name.startswith(parts)
    ]
    return bool(other.evaluate(asked, documents).decision == "Allow")


def allows(
    policies: list[Policy],
    action: str,
    resource: str,
    context: Mapping[str, Any],
    role: str = "terraform",
) -> bool:
    """Whether a role with these policies may make a call."""
    account = "123456789012"
    caller = Caller(account, f"arn:aws:iam::{account}:role/{role}")
    request = Request(caller, action, resource, {k.lower(): v for k, v in context.items()})
    decisions = {judge(policy, request).decision for policy in policies}
    return Decision.ALLOW in decisions and Decision.DENY not in decisions
