"""Trust policies: who may assume the roles in a reader's account, under which conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from secretgen.model.environment import Account, Partition, Role
from secretgen.model.trust import Oidc, PodIdentity, Trust, service_name
from secretgen.policy.documents import Document, Statement, policy_document

_SOURCE_ACCOUNT = frozenset(("codebuild", "ecs-tasks", "states"))
"""Services whose user guides condition the trust of their roles on `aws:SourceAccount`.

A service that does not send it, such as EC2, would be locked out by the condition.
"""
_SOURCE_ARN = {"ecs-tasks": "ecs:*:{}:*", "states": "states:*:{}:stateMachine:*"}
"""What `aws:SourceArn` is like, by service, behind the partition and with the account's id.

Amazon ECS Developer Guide, "Task IAM role"; AWS Step Functions Developer Guide, "Preventing
cross-service confused deputy issue". Tasks and executions of any Region assume the role.
"""
_SESSION_TAGS = {
    "cluster": "aws:RequestTag/eks-cluster-name",
    "namespace": "aws:RequestTag/kubernetes-namespace",
    "service_account": "aws:RequestTag/kubernetes-service-account",
}
"""Session tags of EKS Pod Identity, by field (EKS User Guide, "Pod Identity ABAC")."""


def trust_policy(partition: Partition, account: Account, role: Role) -> Document:
    """Makes the policy that says who may assume a role.

    Args:
        partition: the partition of the account.
        account: the account of the role.
        role: a role that is created here.
    """
    trust = role.trust or Trust()
    statements = list(_of_services(partition, account.id, trust.service))
    if trust.pod_identity:
        statements.append(_of_pods(account.id, trust.pod_identity))
    if trust.oidc:
        statements.append(_of_oidc(partition, account.id, trust.oidc))
    if trust.roles:
        statements.append(_of_roles(trust))
    return policy_document(statements)


def _of_services(partition: str, account: str, services: Iterable[str]) -> Iterator[Statement]:
    """Yields the statements about services: those with the same conditions share one."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for service in services:
        name = service_name(service)
        source = _SOURCE_ARN.get(name, "").format(account)
        alike[account if name in _SOURCE_ACCOUNT else "", source].append(service)
    for (source_account, source), members in alike.items():
        conditions: dict[str, Any] = {}
        if source:
            conditions["ArnLike"] = {"aws:SourceArn": f"arn:{partition}:{source}"}
        if source_account:
            conditions["StringEquals"] = {"aws:SourceAccount": source_account}
        yield _statement({"Service": _one_or_many(members)}, "sts:AssumeRole", conditions)


def _of_pods(account: str, pods: PodIdentity) -> Statement:
    tags = {key: value for f, key in _SESSION_TAGS.items() if (value := getattr(pods, f))}
    return _statement(
        {"Service": "pods.eks.amazonaws.com"},
        ["sts:AssumeRole", "sts:TagSession"],
        {"StringEquals": {"aws:SourceAccount": account, **tags}},
    )


def _of_oidc(partition: str, account: str, oidc: Oidc) -> Statement:
    audience, subject = f"{oidc.provider}:aud", f"{oidc.provider}:sub"
    exact: dict[str, Any] = {audience: oidc.audience}
    conditions = {"StringEquals": exact}
    if any(set(text) & set("*?") for text in oidc.subject):
        conditions["StringLike"] = {subject: _one_or_many(oidc.subject)}
    else:
        exact[subject] = _one_or_many(oidc.subject)
    provider = f"arn:{partition}:iam::{account}:oidc-provider/{oidc.provider}"
    return _statement({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", conditions)


def _of_roles(trust: Trust) -> Statement:
    external = {"StringEquals": {"sts:ExternalId": trust.external_id}} if trust.external_id else {}
    return _statement({"AWS": _one_or_many(trust.roles)}, "sts:AssumeRole", external)


def _statement(principal: Statement, action: Any, conditions: Statement) -> Statement:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return {**statement, "Condition": conditions} if conditions else statement


def _one_or_many(texts: Iterable[str]) -> str | list[str]:
    """Returns a single text as such, and several as a list: as AWS returns them."""
    many = list(texts)
    return many[0] if len(many) == 1 else many
