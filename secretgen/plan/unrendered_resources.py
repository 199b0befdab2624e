"""What a plan moves or destroys that no environment renders, or empties."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secretgen.model.changes import KEY, POLICY, ROTATION, SECRET
from secretgen.plan.document import PlanDocument, without_instances
from secretgen.plan.expected import ExpectedPlan
from secretgen.plan.owners import Owners
from secretgen.plan.plan_comparison import Deviation, Kind

RENDERED_TYPES = frozenset({
    "aws_cloudtrail", "aws_cloudwatch_event_bus", "aws_cloudwatch_event_bus_policy",
    "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target", "aws_cloudwatch_log_group",
    "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_metric_alarm", "aws_dynamodb_table",
    "aws_iam_instance_profile", "aws_iam_policy", "aws_iam_role", "aws_iam_role_policy",
    "aws_iam_role_policy_attachment", "aws_kms_alias", "aws_kms_key", "aws_lambda_permission",
    "aws_s3_bucket", "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_logging",
    "aws_s3_bucket_notification", "aws_s3_bucket_ownership_controls", "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block", "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning", "aws_secretsmanager_secret", "aws_secretsmanager_secret_policy",
    "aws_secretsmanager_secret_rotation", "aws_secretsmanager_secret_version",
    "aws_serverlessapplicationrepository_cloudformation_stack", "aws_sns_topic",
    "aws_sns_topic_policy", "aws_sns_topic_subscription",
})  # fmt: skip
"""Every type that a template renders."""

_KEY = re.compile(r'\["([A-Za-z_-][A-Za-z0-9_-]*)"\]')
"""An instance whose key is an identifier."""

_WITH_OWN_RULE = frozenset({KEY, ROTATION, SECRET})
STORES = {
    "aws_cloudwatch_log_group": {"trail"},
    "aws_dynamodb_table": {"lock"},
    "aws_s3_bucket": {"access_logs", "state", "trail", "trail_log"},
}
"""Types that hold data, with the labels that are rendered. One that is created again is empty."""


def destroyed_unrendered(plan: PlanDocument, owners: Owners) -> Iterator[Deviation]:
    """Yields what would be destroyed although it stays, or was not rendered from a spec.

    Args:
        plan: the plan.
        owners: finds what an address belongs to.
    """
    secrets = (c for c in plan.changes if c.type == SECRET)
    stay = {c.module for c in secrets if c.after is not None or c.forgotten}
    for change in plan.changes:
        if change.mode != "managed" or "delete" not in change.actions:
            continue
        if change.type == POLICY and change.module in stay:
            what = "would be destroyed, but its secret stays"
            yield Deviation(Kind.ACCESS, change.address, "", what)
        if change.type in STORES and change.replaced:
            what = "would be destroyed, and created again without its content"
            yield Deviation(Kind.NOT_RENDERED, change.address, "", what)
        known = change.type in RENDERED_TYPES and owners.knows(change.address)
        known = known and change.name in STORES.get(change.type, {change.name})
        if not known and change.type not in _WITH_OWN_RULE:
            what = "would be destroyed, and is not rendered from a spec"
            yield Deviation(Kind.NOT_RENDERED, change.address, "", what)


def moved_unrendered(plan: PlanDocument, expected: ExpectedPlan) -> Iterator[Deviation]:
    """Yields what would have another address without a rendered `moved` block.

    Args:
        plan: the plan.
        expected: the root module as rendered.
    """
    for change in plan.changes:
        address = change.previous_address
        # In rendered HCL, `a["b"]` is read as `a.b`.
        forms = {without_instances(a) for a in (address, _KEY.sub(r".\1", address))}
        if address and not any(change.block in _targets(f, expected.moves) for f in forms):
            what = f"was {change.previous_address}: that move is not rendered from the spec"
            yield Deviation(Kind.NOT_RENDERED, change.address, "", what)


def _targets(address: str, moves: tuple[tuple[str, str], ...]) -> set[str]:
    """Returns all addresses that something may have after some moves, and its own."""
    found, waiting = set[str](), [address]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            for source, to in moves:
                if current == source or current.startswith(f"{source}."):
                    waiting.append(to + current.removeprefix(source))
    return found
