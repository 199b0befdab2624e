"""The policies around Terraform's state: of its bucket, its key, and whoever runs Terraform."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from secretgen.model.environment import Aws, Environment, Locking
from secretgen.model.names import state_key_arn
from secretgen.policy.documents import (
    Document,
    Statement,
    account_administration,
    policy_document,
    service_endpoint,
)

_WORKSPACES = "env:/"
"""Prefix that Terraform's S3 backend lists to find workspaces, also where there are none."""

_LOG_DELIVERY = "logging.s3.amazonaws.com"


def bucket_arn(aws: Aws, bucket: str) -> str:
    """ARN of a bucket."""
    return f"arn:{aws.partition}:s3:::{bucket}"


def bucket_policy(aws: Aws, bucket: str, *, logs_of: str | None = None) -> Document:
    """Makes the policy of a bucket: nobody without TLS.

    Args:
        aws: the account of the bucket.
        bucket: its name.
        logs_of: the bucket whose access logs S3 may deliver to this one.
    """
    arn = bucket_arn(aws, bucket)
    statements: list[Statement] = []
    if logs_of:
        statements.append({
            "Sid": "AllowAccessLogs",
            "Effect": "Allow",
            "Principal": {"Service": _LOG_DELIVERY},
            "Action": "s3:PutObject",
            "Resource": f"{arn}/*",
            "Condition": {
                "ArnEquals": {"aws:SourceArn": bucket_arn(aws, logs_of)},
                "StringEquals": {"aws:SourceAccount": aws.account_id},
            },
        })  # fmt: skip
    statements.append({
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })  # fmt: skip
    return policy_document(statements)


def state_key_policy(aws: Aws) -> Document:
    """Makes the policy of the key for state and lock table.

    Who else may use it is said by IAM policies of the account, such as `state_policy`.
    """
    return policy_document([account_administration(aws)])


def state_policy(environment: Environment) -> Document:
    """Makes the policy of whoever runs Terraform on an environment: its state, nothing else.

    Terraform never deletes a state, so nobody may. S3 shows its lock file to those who may
    list it; for anyone else a missing file is "access denied".
    """
    aws, backend = environment.aws, environment.backend
    bucket, key = bucket_arn(aws, backend.bucket), _literally(backend.key)
    lock = None if backend.locking is Locking.DYNAMODB else f"{key}.tflock"
    listed = [key, *([lock] if lock else []), _WORKSPACES]
    statements: list[Statement] = [
        {
            "Sid": "FindState",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringEquals": {"s3:prefix": listed}},
        },
        {
            "Sid": "ReadAndWriteState",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"{bucket}/{key}",
        },
    ]
    if lock:
        statements.append({
            "Sid": "LockStateInBucket",
            "Effect": "Allow",
            "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            "Resource": f"{bucket}/{lock}",
        })  # fmt: skip
    if backend.dynamodb_table:
        item = f"{backend.bucket}/{key}"
        statements.append({
            "Sid": "LockStateInTable",
            "Effect": "Allow",
            "Action": ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"],
            "Resource": aws.arn("dynamodb", f"table/{backend.dynamodb_table}", backend.region),
            "Condition": {
                "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [item, f"{item}-md5"]}
            },
        })  # fmt: skip
    return policy_document([*statements, *_key_statements(environment)])


def _literally(text: str) -> str:
    """Escapes what policies take for wildcards and variables."""
    return re.sub(r"[*?$]", r"${\g<0>}", text)


def _key_statements(environment: Environment) -> Iterator[Statement]:
    """Yields what allows to use the keys of state and lock table, through S3 and DynamoDB alone.

    A key that is not named anywhere is S3's or DynamoDB's own, which needs no permission.
    """
    backend = environment.backend
    if backend.kms_key_id:
        actions = ["kms:Decrypt", "kms:GenerateDataKey"]
        yield _use_of_key(environment, "State", "s3", backend.kms_key_id, actions)
    table_key = own_key(environment) if backend.bootstrap else backend.kms_key_id
    if backend.dynamodb_table and table_key:
        yield _use_of_key(environment, "Table", "dynamodb", table_key, ["kms:Decrypt"])


def own_key(environment: Environment) -> str:
    """ARN, by its alias, of the key that an environment's bootstrap makes."""
    aws, region = environment.aws, environment.backend.region
    return state_key_arn(aws.partition, region, aws.account_id, environment.name)


def _use_of_key(
    environment: Environment, of: str, service: str, key: str, actions: list[str]
) -> Statement:
    aws, region = environment.aws, environment.backend.region
    resource, condition = _named_key(aws, region, key)
    via = service_endpoint(service, aws.partition, region)
    return {
        "Sid": f"UseKeyOf{of}",
        "Effect": "Allow",
        "Action": actions,
        "Resource": resource,
        "Condition": {"StringEquals": {"kms:ViaService": via}, **condition},
    }


def _named_key(aws: Aws, region: str, key: str) -> tuple[str, dict[str, Any]]:
    """ARN of a key, and the condition that tells it by its alias where it is named by one."""
    if not key.startswith("arn:"):
        name = key if key.startswith("alias/") else f"key/{key}"
        key = aws.arn("kms", name, region)
    *owner, name = key.split(":", 5)
    if not name.startswith("alias/"):
        return key, {}
    return ":".join([*owner, "key/*"]), {"ForAnyValue:StringEquals": {"kms:ResourceAliases": name}}
