"""Roles that hypothesis draws: of every kind, with every trust."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

ROLES = st.sampled_from(["reader", "team/secrets-reader", "a_b", "a-b", "x-part-0", "r+=,.@-", "7"])
SERVICES = st.sampled_from([
    "codebuild.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com",
    "lambda.amazonaws.com", "pods.eks.amazonaws.com", "states.amazonaws.com",
])  # fmt: skip
PODS = st.just("true") | st.fixed_dictionaries(
    {},
    optional={
        "cluster": st.just("main"),
        "namespace": st.sampled_from(["billing", "default"]),
        "service_account": st.just("worker"),
    },
)
SUBJECTS = st.sampled_from([
    "repo:acme/app:ref:refs/heads/main", "repo:acme@1/app@2:*", "system:serviceaccount:a:b",
])  # fmt: skip
OIDC = st.fixed_dictionaries(
    {
        "provider": st.sampled_from(
            ["gitlab.example.com", "oidc.eks.eu-west-1.amazonaws.com/id/A"]
        ),
        "subject": SUBJECTS | st.lists(SUBJECTS, min_size=1, max_size=3),
    },
    optional={"audience": st.sampled_from(["sts.amazonaws.com", "other"])},
)


@cache
def boundaries(partition: str, account: str) -> st.SearchStrategy[dict[str, Any]]:
    """The permissions boundary of an account, or none."""
    policy = f"arn:{partition}:iam::{account}:policy/of-all"
    return st.fixed_dictionaries({}, optional={"permissions_boundary": st.just(policy)})


@cache
def roles(partition: str, account: str) -> st.SearchStrategy[dict[str, Any]]:
    """What an account says of its roles."""
    policy = f"arn:{partition}:iam::{account}:policy/"
    hubs = st.sampled_from([f"arn:{partition}:iam::{account}:role/{name}" for name in "ab"])
    trusts = st.fixed_dictionaries(
        {},
        optional={
            "service": SERVICES | st.lists(SERVICES, min_size=1, max_size=4),
            "pod_identity": PODS,
            "oidc": OIDC,
            "roles": st.lists(hubs, min_size=1, max_size=2),
            "external_id": st.just("acme"),
        },
    ).filter(lambda trust: trust.keys() - {"external_id"})
    settings = st.sampled_from([{"existing": "true"}, {"permission_set": "true"}])
    created = st.fixed_dictionaries(
        {}, optional={"trust": trusts, "permissions_boundary": st.just(f"{policy}team/a")}
    )
    return st.dictionaries(ROLES, settings | created, max_size=4).map(
        lambda found: {n: r for n, r in found.items() if "/" not in n or "permission_set" not in r}
    )
