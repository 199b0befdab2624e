"""The policies around the alarms: of the topic, of its key, and of what feeds it.

They follow the Amazon SNS Developer Guide, "Key management" and "Amazon SNS policies for
CloudWatch alarms", and the Amazon EventBridge User Guide, "Using resource-based policies".
"""

from __future__ import annotations

from secretgen.model.environment import Aws, Environment
from secretgen.policy.documents import Document, Statement
from secretgen.policy.statements import account_administration, policy_document

_CLOUDWATCH, _EVENTBRIDGE = "cloudwatch.amazonaws.com", "events.amazonaws.com"


def alarms_prefix(environment: Environment) -> str:
    """What the names of everything begin with that alarms are made of."""
    return f"{environment.name}-secrets"


def topic_arn(environment: Environment) -> str:
    """ARN of the environment's own topic."""
    return _arn(environment, "sns", f"{alarms_prefix(environment)}-alarms")


def bus_arn(environment: Environment) -> str:
    """ARN of the event bus that events of replica Regions go to."""
    return _arn(environment, "events", f"event-bus/{alarms_prefix(environment)}-replicas")


def _arn(environment: Environment, service: str, resource: str) -> str:
    aws = environment.aws
    return f"arn:{aws.partition}:{service}:{aws.region}:{aws.account_id}:{resource}"


def topic_policy(aws: Aws, topic: str) -> Document:
    """Makes the policy of a topic that alarms of an account go to.

    EventBridge supports no conditions in it: with one, its events would be lost.

    Args:
        aws: the account of the alarms, which may not be the topic's.
        topic: ARN of the topic.
    """
    return policy_document([
        _for_service("AllowAlarms", _CLOUDWATCH, "sns:Publish", topic, aws),
        _for_service("AllowEvents", _EVENTBRIDGE, "sns:Publish", topic),
    ])  # fmt: skip


def topic_key_statements(aws: Aws) -> list[Statement]:
    """Makes the statements that the policy of an encrypted topic's key needs.

    EventBridge sends no source here either.

    Args:
        aws: the account of the alarms.
    """
    actions = ["kms:Decrypt", "kms:GenerateDataKey*"]
    return [
        _for_service("AllowAlarms", _CLOUDWATCH, actions, "*", aws),
        _for_service("AllowEvents", _EVENTBRIDGE, actions, "*"),
    ]


def topic_key_policy(aws: Aws) -> Document:
    """Makes the policy of the key of the environment's own topic."""
    return policy_document([account_administration(aws), *topic_key_statements(aws)])


def bus_trust_policy(aws: Aws) -> Document:
    """Says who may assume the role that sends events to the bus of replica Regions."""
    return policy_document([{
        "Effect": "Allow",
        "Principal": {"Service": _EVENTBRIDGE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": aws.account_id}},
    }])  # fmt: skip


def bus_role_policy(environment: Environment) -> Document:
    """Makes the policy of that role."""
    return policy_document([{
        "Effect": "Allow",
        "Action": "events:PutEvents",
        "Resource": bus_arn(environment),
    }])  # fmt: skip


def _for_service(
    sid: str, service: str, action: str | list[str], resource: str, source: Aws | None = None
) -> Statement:
    condition = source and {"StringEquals": {"aws:SourceAccount": source.account_id}}
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }
