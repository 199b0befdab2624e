"""Parts that several policies have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from secretgen.policy.documents import Statement

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
