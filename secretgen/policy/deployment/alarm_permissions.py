"""What a role needs to apply the alarms of an environment, its notifications and its trail."""

from __future__ import annotations

from secretgen.model.environment import Environment
from secretgen.policy.alarms import topic_role
from secretgen.policy.documents import Statement
from secretgen.policy.notification_policies import environment_notifications, notifying_role_arn
from secretgen.policy.state_policies import bucket_arn
from secretgen.policy.statements import allow
from secretgen.policy.trail import trail_names

_TAGS = "ListTagsForResource TagResource UntagResource"


class _Names:
    """ARNs of what an environment's alarms are made of."""

    def __init__(self, environment: Environment) -> None:
        self._aws = environment.aws
        self.prefix = f"{environment.name}-secrets"

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """ARN of a resource, in the primary Region unless another one is given."""
        aws = self._aws
        region = aws.region if region is None else region
        return f"arn:{aws.partition}:{service}:{region}:{aws.account_id}:{resource}"

    def role(self, name: str) -> str:
        """ARN of a role."""
        return self.arn("iam", f"role/{name}", region="")


def notification_statements(environment: Environment) -> list[Statement]:
    """Makes the statements about what tells readers of new values; none where nobody is told."""
    if not environment_notifications(environment):
        return []
    role = notifying_role_arn(environment)
    return [_rule_statement(_Names(environment)), *_events_role_statements("Readers", role)]


def _rule_statement(own: _Names) -> Statement:
    return allow(
        "ManageRules",
        "events",
        f"DeleteRule DescribeRule ListTargetsByRule PutRule PutTargets RemoveTargets {_TAGS}",
        # A rule of the default bus is `rule/NAME`, of another one `rule/BUS/NAME`.
        own.arn("events", f"rule/{own.prefix}-*", region="*"),
    )


def alarm_statements(environment: Environment) -> list[Statement]:
    """Makes the statements about topic, rules, filters and alarms; none without alarms."""
    monitoring = environment.monitoring
    if monitoring is None:
        return []
    own = _Names(environment)
    statements = [
        _rule_statement(own),
        allow(
            "ManageAlarms",
            "cloudwatch",
            f"DeleteAlarms PutMetricAlarm {_TAGS}",
            own.arn("cloudwatch", f"alarm:{own.prefix}-*"),
        ),
        allow("FindAlarms", "cloudwatch", "DescribeAlarms", own.arn("cloudwatch", "alarm:*")),
    ]
    if monitoring.notify.email:
        statements += _topic_statements(own)
    if environment.replica_regions:
        statements += _bus_statements(own)
    if topic := topic_role(environment):
        statements += _events_role_statements("Topic", topic)
    own_trail = trail_names(environment).trail if monitoring.cloudtrail else None
    if log_group := monitoring.cloudtrail_log_group or own_trail:
        filters = "DeleteMetricFilter DescribeMetricFilters PutMetricFilter"
        group = own.arn("logs", f"log-group:{log_group}")
        statements.append(allow("ManageFilters", "logs", filters, [group, f"{group}:*"]))
    return statements


def _topic_statements(own: _Names) -> list[Statement]:
    return [
        allow(
            "ManageTopic",
            "sns",
            f"CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe {_TAGS}",
            own.arn("sns", f"{own.prefix}-alarms"),
        ),
        # These two have no resource that a policy could name.
        allow("ManageSubscriptions", "sns", "GetSubscriptionAttributes Unsubscribe", "*"),
    ]


def _bus_statements(own: _Names) -> list[Statement]:
    name = f"{own.prefix}-replicas"
    actions = f"CreateEventBus DeleteEventBus DescribeEventBus {_TAGS}"
    return [
        allow("ManageBus", "events", actions, own.arn("events", f"event-bus/{name}")),
        *_events_role_statements("Bus", own.role(name)),
    ]


def _events_role_statements(target: str, role: str) -> list[Statement]:
    """Lets Terraform manage the role by which EventBridge reaches a target."""
    return [
        role_statement(f"ManageRoleFor{target}", role),
        pass_role_statement(f"PassRoleFor{target}", role, "events.amazonaws.com"),
    ]


def role_statement(sid: str, role: str) -> Statement:
    """Lets Terraform make and manage a role with inline policies."""
    return allow(
        sid,
        "iam",
        """CreateRole DeleteRole DeleteRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies
        ListInstanceProfilesForRole ListRolePolicies PutRolePolicy TagRole UntagRole
        UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription""",
        role,
    )


def pass_role_statement(sid: str, role: str, service: str) -> Statement:
    """Lets Terraform hand a role to a service, and to no other."""
    return allow(sid, "iam", "PassRole", role, {"StringEquals": {"iam:PassedToService": service}})


def trail_statements(environment: Environment) -> list[Statement]:
    """Makes the statements about the environment's own trail; none without one."""
    if environment.monitoring is None or not environment.monitoring.cloudtrail:
        return []
    names = trail_names(environment)
    role = _Names(environment).role(names.trail)
    buckets = [
        bucket_arn(environment.aws, name) for name in (names.bucket, names.access_log_bucket)
    ]
    return [
        allow(
            "ManageTrail",
            "cloudtrail",
            """AddTags CreateTrail DeleteTrail GetTrailStatus ListTags RemoveTags StartLogging
            StopLogging UpdateTrail""",
            names.trail_arn,
        ),
        allow("FindTrails", "cloudtrail", "DescribeTrails", "*"),
        allow(
            "ManageTrailTopic",
            "sns",
            f"CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes {_TAGS}",
            names.topic_arn,
        ),
        allow(
            "ManageLogGroup",
            "logs",
            f"AssociateKmsKey CreateLogGroup DeleteLogGroup PutRetentionPolicy {_TAGS}",
            [names.log_group_arn, f"{names.log_group_arn}:*"],
        ),
        allow("FindLogGroups", "logs", "DescribeLogGroups", "*"),
        role_statement("ManageRoleOfTrail", role),
        pass_role_statement("PassRoleToTrail", role, "cloudtrail.amazonaws.com"),
        allow(
            "ManageBuckets",
            "s3",
            """CreateBucket DeleteBucket DeleteBucketPolicy GetAccelerateConfiguration
            GetBucketAcl GetBucketCORS GetBucketLogging GetBucketNotification
            GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy
            GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging
            GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration
            GetLifecycleConfiguration GetReplicationConfiguration ListBucket PutBucketLogging
            PutBucketNotification PutBucketOwnershipControls PutBucketPolicy
            PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning
            PutEncryptionConfiguration PutLifecycleConfiguration""",
            buckets,
        ),
        # The bucket with access logs is emptied before it is deleted; the one of the trail is not.
        allow("FindAccessLogs", "s3", "ListBucketVersions", buckets[1]),
        allow("DeleteAccessLogs", "s3", "DeleteObject DeleteObjectVersion", f"{buckets[1]}/*"),
    ]
