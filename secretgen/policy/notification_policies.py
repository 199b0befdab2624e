"""What tells readers' accounts about new values: event patterns, and the policies around them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from secretgen.model.environment import Environment
from secretgen.model.names import role_arn
from secretgen.model.notifications import (
    Notification,
    environment_notifications,
    notifying_role,
    reader_bus_arn,
)
from secretgen.policy.documents import Document, account_root, policy_document
from secretgen.policy.events import MAX_EVENT_PATTERN, Pattern, new_value, pattern_length


def exact_patterns(secrets: Iterable[str], mark: str = "") -> Mapping[str, Pattern]:
    """Makes the patterns that match new values of exactly these secrets.

    Where one pattern is too long, the digest of a name decides which of several it is in, so that
    a new secret changes one of them.

    Returns:
        The patterns by a mark; the mark of a single one is empty.
    """
    names = sorted(secrets)
    whole = new_value(names)
    if pattern_length(whole) <= MAX_EVENT_PATTERN:
        return {mark: whole}
    halves: dict[str, list[str]] = {"0": [], "1": []}
    for name in names:
        halves[_bit(name, len(mark))].append(name)
    return {
        key: pattern
        for bit, half in halves.items()
        if half
        for key, pattern in exact_patterns(half, mark + bit).items()
    }


def _bit(name: str, position: int) -> str:
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    return f"{digest:0256b}"[position]


def notifying_role_arn(environment: Environment) -> str:
    """ARN of the role by which EventBridge reaches the readers' buses."""
    aws = environment.aws
    return role_arn(aws.partition, aws.account_id, notifying_role(environment.name))


def notifying_role_policy(environment: Environment) -> Document:
    """Makes the policy of that role: it sends to the buses of those who are told."""
    buses = [
        reader_bus_arn(environment.aws, environment.name, told.account_id, told.region)
        for told in environment_notifications(environment)
    ]
    return policy_document(
        [{"Effect": "Allow", "Action": "events:PutEvents", "Resource": sorted(set(buses))}]
    )


def reader_bus_policy(environment: Environment, told: Notification) -> Document:
    """Makes the policy of a reader's bus: it takes events from that role alone.

    The role may not exist yet, so its account is the principal.
    """
    aws = environment.aws
    return policy_document([{
        "Sid": "AllowNewValues",
        "Effect": "Allow",
        "Principal": {"AWS": account_root(aws.partition, aws.account_id)},
        "Action": "events:PutEvents",
        "Resource": reader_bus_arn(aws, environment.name, told.account_id, told.region),
        "Condition": {"ArnEquals": {"aws:PrincipalArn": notifying_role_arn(environment)}},
    }])  # fmt: skip
