"""The policies around the alarms: of the topic, of its key, and of what feeds it.

They follow the Amazon SNS Developer Guide, "Key management" and "Amazon SNS policies for
CloudWatch alarms", and the Amazon EventBridge User Guide, "Using resource-based policies".
"""

from __future__ import annotations

from secretgen.model.environment import Aws, Environment
from secretgen.model.names import role_arn
from secretgen.policy.documents import (
    Document,
    Statement,
    account_administration,
    account_root,
    policy_document,
    service_endpoint,
)

_CLOUDWATCH, _EVENTBRIDGE = "cloudwatch.amazonaws.com", "events.amazonaws.com"
_KEY_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey*"]


def alarms_prefix(environment: Environment) -> str:
    """What the names of everything begin with that alarms are made of."""
    return f"{environment.name}-secrets"


def topic_arn(environment: Environment) -> str:
    """ARN of the environment's own topic."""
    return environment.aws.arn("sns", f"{alarms_prefix(environment)}-alarms")


def bus_arn(environment: Environment) -> str:
    """ARN of the event bus that events of replica Regions go to."""
    return environment.aws.arn("events", f"event-bus/{alarms_prefix(environment)}-replicas")


def topic_role(environment: Environment) -> str | None:
    """ARN of the role that EventBridge needs to reach the existing topic.

    Returns:
        None when there is no such topic, or it is in the environment's own account: there the
        policy of the topic is enough.
    """
    topic, aws = _existing_topic(environment), environment.aws
    if topic is None or _account(topic) == aws.account_id:
        return None
    return role_arn(aws.partition, aws.account_id, f"{alarms_prefix(environment)}-topic")


def _existing_topic(environment: Environment) -> str | None:
    return environment.monitoring.notify.sns_topic_arn if environment.monitoring else None


def _account(arn: str) -> str:
    return arn.split(":")[4]


def topic_policy(environment: Environment) -> Document:
    """Makes the policy of the environment's own topic."""
    return policy_document(_senders(environment, "sns:Publish", topic_arn(environment), None))


def existing_topic_statements(environment: Environment) -> list[Statement]:
    """Makes the statements that the policy of the existing topic needs; none without such a topic.

    EventBridge reaches the topic of another account through a role: User Guide, "Sending events to
    an AWS service in another account".
    """
    topic = _existing_topic(environment)
    role = topic_role(environment)
    return _senders(environment, "sns:Publish", topic, role) if topic else []


def existing_topic_key_statements(environment: Environment) -> list[Statement]:
    """Makes the statements that the policy of that topic's key needs, if it is encrypted."""
    return _senders(environment, _KEY_ACTIONS, "*", topic_role(environment))


def topic_key_policy(environment: Environment) -> Document:
    """Makes the policy of the key of the environment's own topic."""
    senders = _senders(environment, _KEY_ACTIONS, "*", None)
    return policy_document([account_administration(environment.aws), *senders])


def events_trust_policy(aws: Aws) -> Document:
    """Says who may assume the roles that send events on: EventBridge, for this account."""
    return policy_document([{
        "Effect": "Allow",
        "Principal": {"Service": _EVENTBRIDGE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": aws.account_id}},
    }])  # fmt: skip


def bus_role_policy(environment: Environment) -> Document:
    """Makes the policy of the role that sends events to the bus of replica Regions."""
    return policy_document([{
        "Effect": "Allow",
        "Action": "events:PutEvents",
        "Resource": bus_arn(environment),
    }])  # fmt: skip


def topic_role_policy(environment: Environment) -> Document | None:
    """Makes the policy of the role that sends events to the topic of another account.

    The topic's key is not known, so it may use those of that account, through SNS only.

    Returns:
        None when there is no such role.
    """
    topic, aws = _existing_topic(environment), environment.aws
    if topic is None or topic_role(environment) is None:
        return None
    via = service_endpoint("sns", aws.partition, aws.region)
    return policy_document([
        {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic},
        {
            "Effect": "Allow",
            "Action": _KEY_ACTIONS,
            "Resource": f"arn:{aws.partition}:kms:{aws.region}:{_account(topic)}:key/*",
            "Condition": {"StringEquals": {"kms:ViaService": via}},
        },
    ])  # fmt: skip


def _senders(
    environment: Environment, action: str | list[str], resource: str, role: str | None
) -> list[Statement]:
    """Lets CloudWatch and EventBridge in.

    EventBridge supports no conditions on its source: with one, its events would be lost. Where it
    assumes a role, that role is let in instead, by a condition: it may not exist yet.
    """
    aws = environment.aws
    events: Statement = {"Principal": {"Service": _EVENTBRIDGE}}
    if role:
        events = {
            "Principal": {"AWS": account_root(aws.partition, aws.account_id)},
            "Condition": {"ArnEquals": {"aws:PrincipalArn": role}},
        }
    alarms: Statement = {
        "Principal": {"Service": _CLOUDWATCH},
        "Condition": {"StringEquals": {"aws:SourceAccount": aws.account_id}},
    }
    return [
        {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource, **who}
        for sid, who in (("AllowAlarms", alarms), ("AllowEvents", events))
    ]
