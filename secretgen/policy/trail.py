"""The policies around a CloudTrail trail: of its bucket, its key, its topic and its role.

They follow the CloudTrail User Guide: "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS
key policies for CloudTrail", "Amazon SNS topic policy for CloudTrail" and "Role policy document for
CloudTrail to use CloudWatch Logs for monitoring".
"""

from __future__ import annotations

from msgspec import Struct

from secretgen.model.environment import Aws, Environment
from secretgen.policy.documents import (
    Document,
    Statement,
    account_administration,
    policy_document,
    service_endpoint,
)
from secretgen.policy.state_policies import bucket_arn, bucket_policy

_CLOUDTRAIL = "cloudtrail.amazonaws.com"


class TrailNames(Struct, frozen=True):
    """Names of a trail and of what belongs to it.

    An environment's name has up to 32 characters, an account id 12, the name of a bucket 63.

    Args:
        aws: the account.
        environment: name of the environment.
    """

    aws: Aws
    environment: str

    @property
    def trail(self) -> str:
        """Name of the trail, its topic, its role and its log group."""
        return f"{self.environment}-secrets-trail"

    @property
    def bucket(self) -> str:
        """Name of the bucket; the account makes it unlike any other in the world."""
        return f"{self.trail}-{self.aws.account_id}"

    @property
    def access_log_bucket(self) -> str:
        """Name of the bucket with the access logs of the first."""
        return f"{self.bucket}-log"

    @property
    def trail_arn(self) -> str:
        """ARN of the trail."""
        return self.aws.arn("cloudtrail", f"trail/{self.trail}")

    @property
    def topic_arn(self) -> str:
        """ARN of the topic."""
        return self.aws.arn("sns", self.trail)

    @property
    def log_group_arn(self) -> str:
        """ARN of the log group."""
        return self.aws.arn("logs", f"log-group:{self.trail}")


def trail_names(environment: Environment) -> TrailNames:
    """Makes the names of an environment's own trail."""
    return TrailNames(environment.aws, environment.name)


def watched_log_group(environment: Environment) -> str | None:
    """Returns the log group with CloudTrail's events; None when no alarm watches one."""
    monitoring = environment.monitoring
    if monitoring is None:
        return None
    own = trail_names(environment).trail if monitoring.cloudtrail else None
    return monitoring.cloudtrail_log_group or own


def trail_bucket_policy(names: TrailNames) -> Document:
    """Makes the policy of the trail's bucket: that trail writes, nobody goes without TLS."""
    bucket = bucket_arn(names.aws, names.bucket)
    document = bucket_policy(names.aws, names.bucket)
    statements = [
        _for_trail(names, "AllowAclCheck", ["s3:GetBucketAcl"], bucket),
        _for_trail(
            names,
            "AllowLogs",
            ["s3:PutObject"],
            f"{bucket}/AWSLogs/{names.aws.account_id}/*",
            {"s3:x-amz-acl": "bucket-owner-full-control"},
        ),
    ]
    return {**document, "Statement": [*document["Statement"], *statements]}


def access_log_bucket_policy(names: TrailNames) -> Document:
    """Makes the policy of the bucket with the access logs of the trail's bucket."""
    return bucket_policy(names.aws, names.access_log_bucket, logs_of=names.bucket)


def trail_key_policy(names: TrailNames) -> Document:
    """Makes the policy of the key for the trail's logs, wherever they go."""
    aws = names.aws
    log_service = service_endpoint("logs", aws.partition, aws.region)
    return policy_document([
        account_administration(aws),
        _for_trail(names, "AllowTrail", ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]),
        {
            "Sid": "AllowLogGroup",
            "Effect": "Allow",
            "Principal": {"Service": log_service},
            "Action": [
                "kms:Decrypt*",
                "kms:Describe*",
                "kms:Encrypt*",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ],
            "Resource": "*",
            "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": names.log_group_arn}},
        },
    ])  # fmt: skip


def trail_topic_policy(names: TrailNames) -> Document:
    """Makes the policy of the topic that tells of new log files."""
    return policy_document([_for_trail(names, "AllowTrail", ["sns:Publish"], names.topic_arn)])


def trail_trust_policy() -> Document:
    """Says who may assume the role that writes to the log group."""
    return policy_document([{
        "Effect": "Allow",
        "Principal": {"Service": _CLOUDTRAIL},
        "Action": "sts:AssumeRole",
    }])  # fmt: skip


def trail_role_policy(names: TrailNames) -> Document:
    """Makes the policy of that role."""
    return policy_document([{
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{names.log_group_arn}:log-stream:{names.aws.account_id}_CloudTrail_*",
    }])  # fmt: skip


def _for_trail(
    names: TrailNames,
    sid: str,
    actions: list[str],
    resource: str = "*",
    condition: dict[str, str] | None = None,
) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": _CLOUDTRAIL},
        "Action": actions,
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:SourceArn": names.trail_arn, **(condition or {})}},
    }
