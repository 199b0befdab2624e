"""What a role needs to apply the alarms of an environment, its notifications and its trail."""

from __future__ import annotations

from secretgen.model.environment import Environment
from secretgen.model.names import role_arn
from secretgen.model.notifications import environment_notifications
from secretgen.policy.alarms import alarms_prefix, bus_arn, topic_arn, topic_role
from secretgen.policy.documents import Statement
from secretgen.policy.notification_policies import notifying_role_arn
from secretgen.policy.state_policies import bucket_arn
from secretgen.policy.statements import allow
from secretgen.policy.trail import trail_names, watched_log_group

_TAGS = "ListTagsForResource TagResource UntagResource"


def notification_statements(environment: Environment) -> list[Statement]:
    """Makes the statements about what tells readers of new values; none where nobody is told."""
    if not environment_notifications(environment):
        return []
    role = notifying_role_arn(environment)
    return [_rule_statement(environment), *_events_role_statements("Readers", role)]


def _rule_statement(environment: Environment) -> Statement:
    return allow(
        "ManageRules",
        "events",
        f"DeleteRule DescribeRule ListTargetsByRule PutRule PutTargets RemoveTargets {_TAGS}",
        # A rule of the default bus is `rule/NAME`, of another one `rule/BUS/NAME`.
        environment.aws.arn("events", f"rule/{alarms_prefix(environment)}-*", "*"),
    )


def alarm_statements(environment: Environment) -> list[Statement]:
    """Makes the statements about topic, rules, filters and alarms; none without alarms."""
    monitoring = environment.monitoring
    if monitoring is None:
        return []
    aws, prefix = environment.aws, alarms_prefix(environment)
    statements = [
        _rule_statement(environment),
        allow(
            "ManageAlarms",
            "cloudwatch",
            f"DeleteAlarms PutMetricAlarm {_TAGS}",
            aws.arn("cloudwatch", f"alarm:{prefix}-*"),
        ),
        allow("FindAlarms", "cloudwatch", "DescribeAlarms", aws.arn("cloudwatch", "alarm:*")),
    ]
    if monitoring.notify.email:
        statements += _topic_statements(environment)
    if environment.replica_regions:
        statements += _bus_statements(environment)
    if topic := topic_role(environment):
        statements += _events_role_statements("Topic", topic)
    if log_group := watched_log_group(environment):
        filters = "DeleteMetricFilter DescribeMetricFilters PutMetricFilter"
        group = aws.arn("logs", f"log-group:{log_group}")
        statements.append(allow("ManageFilters", "logs", filters, [group, f"{group}:*"]))
    return statements


def _topic_statements(environment: Environment) -> list[Statement]:
    return [
        allow(
            "ManageTopic",
            "sns",
            f"CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe {_TAGS}",
            topic_arn(environment),
        ),
        # These two have no resource that a policy could name.
        allow("ManageSubscriptions", "sns", "GetSubscriptionAttributes Unsubscribe", "*"),
    ]


def _bus_statements(environment: Environment) -> list[Statement]:
    aws, name = environment.aws, f"{alarms_prefix(environment)}-replicas"
    actions = f"CreateEventBus DeleteEventBus DescribeEventBus {_TAGS}"
    return [
        allow("ManageBus", "events", actions, bus_arn(environment)),
        *_events_role_statements("Bus", role_arn(aws.partition, aws.account_id, name)),
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
    aws = environment.aws
    role = role_arn(aws.partition, aws.account_id, names.trail)
    buckets = [bucket_arn(aws, name) for name in (names.bucket, names.access_log_bucket)]
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
