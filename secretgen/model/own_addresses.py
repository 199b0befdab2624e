"""Which addresses of a state are, or may be, an environment's own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from secretgen.model.address import Address
from secretgen.model.names import service_secret_rotation

_MODULE = re.compile(r"(secret|rotation|(shared_)?key(_[a-z0-9]+)*)__.+")
_ROOT_LABELS = frozenset(
    (
        "access_denied",
        "alarms",
        "reader_events",
        "replica_events",
        "replicas",
        "trail",
        "trail_log",
        "unusual_decryption",
    )
)
_ROOT_TYPES = frozenset(
    (
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_metric_filter",
    )
)
"""Types whose labels in an environment's root module depend on what is in it."""


def is_own(address: Address, service_secrets: Iterable[str]) -> bool:
    """Returns whether an environment renders, or may have rendered, what an address names.

    Args:
        address: the address.
        service_secrets: the spec's names of the secrets that AWS services own.
    """
    first = address.steps[0]
    if first.type == "module":
        return _MODULE.fullmatch(first.name) is not None
    if str(address.without_instances) in map(service_secret_rotation, service_secrets):
        return True
    return first.name in _ROOT_LABELS or first.type in _ROOT_TYPES
