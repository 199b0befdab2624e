"""Parts that several policies have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from secretgen.model.environment import Aws
from secretgen.policy.documents import Statement, account_root

Conditions = Mapping[str, Mapping[str, Any]]


def allow(
    sid: str,
    service: str,
    actions: str,
    resources: str | Sequence[str],
    condition: Conditions | None = None,
) -> Statement:
    """Makes an Allow statement.

    Args:
        sid: its id.
        service: prefix of the actions.
        actions: names of the actions of that service, with spaces between them.
        resources: ARN patterns, or `*`.
        condition: its conditions.
    """
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": [f"{service}:{action}" for action in sorted(actions.split())],
        "Resource": resources if isinstance(resources, str) else list(resources),
    }
    return {**statement, "Condition": condition} if condition else statement


def account_administration(aws: Aws) -> dict[str, Any]:
    """Lets IAM policies of the account decide over a key; without it nobody could change it."""
    return {
        "Sid": "AllowAccountAdministration",
        "Effect": "Allow",
        "Principal": {"AWS": account_root(aws.partition, aws.account_id)},
        "Action": "kms:*",
        "Resource": "*",
    }
