"""S3: a bucket's notifications to EventBridge, and its demand for TLS."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}


def _with_event_bridge(original: Any) -> Any:
    """GetBucketNotificationConfiguration says that EventBridge is told of every event."""

    def get_bucket_notification(self: S3Response) -> Any:
        kept = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if kept is None or kept.event_bridge is None:
            return original(self)
        self.data["Action"] = "GetBucketNotificationConfiguration"
        return self.serialized(ActionResult({"EventBridgeConfiguration": {}}))

    return get_bucket_notification


def _get_permission(self: FakeBucket, action: str, resource: str) -> Any:
    """Callers count as callers with TLS, so a deny of those without it does not concern them.

    moto would let it hit everybody: it takes a condition that it does not know for fulfilled.
    """
    policy = json.loads(self.policy) if self.policy else {"Statement": []}
    concerned = [s for s in policy["Statement"] if s.get("Condition") != WITHOUT_TLS]
    if not concerned:
        return PermissionResult.NEUTRAL
    document = json.dumps({**policy, "Statement": concerned})
    return IAMPolicy(document).is_action_permitted(action, resource)


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (FakeBucket, "get_permission", _get_permission),
    (S3Response, "get_bucket_notification", _with_event_bridge(S3Response.get_bucket_notification)),
)
