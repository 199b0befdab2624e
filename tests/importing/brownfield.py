"""An account as years leave it: secrets of every kind, made by everything but this program."""

import json
from typing import Any

from tests.harness.aws import ACCOUNT, MOTO_ID_TAG, REGION, LocalAws

READER_ACCOUNT = "111111111111"
KEY_OWNER = "555555555555"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate-app"
CANARY = "canary-3f9c"
READ = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]


def statement(principal: Any, actions: Any = READ, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*", **more}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ROLE = f"arn:aws:iam::{READER_ACCOUNT}:role/app"
EXPRESSIBLE = {
    "policy/role": policy(statement({"AWS": ROLE}, "secretsmanager:GetSecretValue")),
    "policy/root-and-condition": policy(
        statement(
            {"AWS": f"arn:aws:iam::{READER_ACCOUNT}:root"},
            Condition={"ArnEquals": {"aws:PrincipalArn": [ROLE, f"{ROLE}-2"]}},
        ),
        {
            "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ),
    "policy/writer": policy(
        statement(
            {"AWS": f"arn:aws:iam::{READER_ACCOUNT}:role/team/ci"},
            ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"],
        )
    ),
}  # fmt: skip
EXPRESSIBLE["policy/own-role"] = policy(statement({"AWS": f"arn:aws:iam::{ACCOUNT}:role/worker"}))
EXPRESSIBLE["policy/exclusive"] = policy(
    statement({"AWS": ROLE}),
    {
        "Effect": "Deny",
        "Principal": "*",
        "Resource": "*",
        "Action": [
            f"secretsmanager:{name}"
            for name in (
                "GetSecretValue",
                "PutSecretValue",
                "UpdateSecret",
                "UpdateSecretVersionStage",
            )
        ],
        "Condition": {
            "ArnNotLike": {"aws:PrincipalArn": [ROLE, f"arn:aws:iam::{ACCOUNT}:role/terraform"]},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    },
)
INEXPRESSIBLE = {
    "policy/account": policy(statement({"AWS": f"arn:aws:iam::{READER_ACCOUNT}:root"})),
    "policy/organization": policy(
        statement("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}})
    ),
    "policy/user-and-deny": policy(
        statement({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}, "secretsmanager:*"),
        {
            "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        },
    ),
    "policy/describe-only": policy(statement({"AWS": ROLE}, "secretsmanager:DescribeSecret")),
}  # fmt: skip
IN_STACK = "prod/stack/token"
BY_HAND = "prod/legacy/token"
REPLACED = {"replicated/by-alias", "replicated/by-id", "replicated/both-by-alias"}
"""Secrets whose replica AWS knows by another name of its key than Terraform."""
SKIPPED = {"gone/pending", "rds!cluster-1a2b", IN_STACK}


def make(aws: LocalAws) -> None:
    """Makes the account in an empty local AWS."""
    secrets, kms = aws.client("secretsmanager"), aws.client("kms")
    key_policy = [
        statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*", Sid="Admin"),
        statement({"AWS": ROLE}, "kms:Decrypt"),
    ]
    own = kms.create_key(Description="Of one secret")["KeyMetadata"]["Arn"]
    shared = kms.create_key(Policy=policy(*key_policy))["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/legacy", TargetKeyId=shared)
    kms_west = aws.client("kms", "us-west-2")
    west = kms_west.create_key()["KeyMetadata"]["Arn"]
    kms_west.create_alias(AliasName="alias/legacy", TargetKeyId=west)
    foreign = aws.in_account(KEY_OWNER).client("kms").create_key()["KeyMetadata"]["Arn"]

    def create(name: str, **more: Any) -> None:
        value = {} if "SecretBinary" in more else {"SecretString": f"{CANARY} {name}"}
        secrets.create_secret(Name=name, **{**value, **more})

    create("plain/token", Description="Says \"hi\": it's 5 o'clock", Tags=_tags(team="web"))
    create("prefix-20260101120000000000000001", Description="Made with a name_prefix")
    create("suffix/password-AbCdEf")
    create("keyed/own", KmsKeyId=own)
    create("keyed/shared", KmsKeyId=shared)
    create("keyed/alias", KmsKeyId="alias/legacy")
    create("keyed/id", KmsKeyId=shared.rpartition("/")[2])
    create("keyed/foreign", KmsKeyId=foreign)
    create("binary/keystore", SecretBinary=b"\x00\x01" + CANARY.encode())
    secrets.create_secret(
        Name="empty/no-value", Tags=_tags(**{"0042": "yes", "a": "1.10", "note": ""})
    )
    create("replicated/plain", AddReplicaRegions=[{"Region": "us-west-2"}])
    create(
        "replicated/keyed",
        KmsKeyId=shared,
        AddReplicaRegions=[{"Region": "us-west-2", "KmsKeyId": west}],
    )
    for name, key, of_replica in (
        ("by-alias", shared, "alias/legacy"),
        ("by-id", shared, west.rpartition("/")[2]),
        ("both-by-alias", "alias/legacy", "alias/legacy"),
    ):
        replica = {"Region": "us-west-2", "KmsKeyId": of_replica}
        create(f"replicated/{name}", KmsKeyId=key, AddReplicaRegions=[replica])
    create("replicated/half-keyed", KmsKeyId=own, AddReplicaRegions=[{"Region": "us-west-2"}])
    for name, document in {**EXPRESSIBLE, **INEXPRESSIBLE}.items():
        create(name, KmsKeyId=shared)
        secrets.put_resource_policy(SecretId=name, ResourcePolicy=document)
    _rotate(aws, create)
    create("gone/pending")
    secrets.delete_secret(SecretId="gone/pending", RecoveryWindowInDays=30)
    create("rds!cluster-1a2b", Tags=_tags(**{"aws:rds:primaryDBClusterArn": "arn:aws:rds:::x"}))
    create("prod/legacy/token", Description="Token of the old system")
    _make_stack(aws)


def _rotate(aws: LocalAws, create: Any) -> None:
    aws.create_function(FUNCTION)
    aws.client("lambda").add_permission(
        FunctionName="rotate-app",
        StatementId="elsewhere",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
    )
    rules = {
        "rotated/days": {"AutomaticallyAfterDays": 30},
        "rotated/cron": {"ScheduleExpression": "cron(0 16 1,15 * ? *)"},
        "rotated/window": {"ScheduleExpression": "rate(10 days)", "Duration": "3h"},
        "rotated/off": {"AutomaticallyAfterDays": 7},
    }
    secrets = aws.client("secretsmanager")
    for name, rule in rules.items():
        create(name, SecretString=f'{{"password": "{CANARY}"}}')
        secrets.rotate_secret(
            SecretId=name, RotationLambdaARN=FUNCTION, RotationRules=rule, RotateImmediately=False
        )
    secrets.cancel_rotate_secret(SecretId="rotated/off")


def _make_stack(aws: LocalAws) -> None:
    properties = {
        "Name": IN_STACK,
        "Description": "Token of the stack",
        "SecretString": f"{CANARY} {IN_STACK}",
    }
    template = {"Resources": {"Token": {
        "Type": "AWS::SecretsManager::Secret", "Properties": properties}}}  # fmt: skip
    aws.client("cloudformation").create_stack(StackName="tokens", TemplateBody=json.dumps(template))


def _tags(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def versions(aws: LocalAws) -> dict[str, dict[str, tuple[list[str], Any]]]:
    """Labels and value of each version of each secret, in both Regions."""
    found: dict[str, dict[str, tuple[list[str], Any]]] = {}
    for region in (REGION, "us-west-2"):
        client = aws.client("secretsmanager", region)
        for page in client.get_paginator("list_secrets").paginate():
            for secret in page["SecretList"]:
                arn = secret["ARN"]
                described = client.describe_secret(SecretId=arn)
                found[f"{region} {secret['Name']}"] = {
                    version: (sorted(labels), _value(client, arn, version))
                    for version, labels in described.get("VersionIdsToStages", {}).items()
                }
    return found


def _value(client: Any, arn: str, version: str) -> Any:
    answer = client.get_secret_value(SecretId=arn, VersionId=version)
    return answer.get("SecretString", answer.get("SecretBinary"))


__all__ = ["MOTO_ID_TAG"]
