"""The local AWS behaves as AWS documents, where moto alone would hide a fault of the product."""

from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tests.harness.aws import ACCOUNT, LocalAws

NAME = "local/secret"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:rotate"


def put(aws: LocalAws, version: str, *labels: str) -> None:
    """Write a version whose id is `version`, padded to the length that AWS asks for."""
    aws.client("secretsmanager").put_secret_value(
        SecretId=NAME,
        SecretString=f"value-{version}",
        ClientRequestToken=version.ljust(32, "-"),
        **({"VersionStages": list(labels)} if labels else {}),
    )


def labels(aws: LocalAws) -> dict[str, set[str]]:
    return {version.rstrip("-"): set(found) for version, found in aws.labels(NAME).items()}


@pytest.fixture
def secret(aws: LocalAws) -> str:
    created = aws.client("secretsmanager").create_secret(Name=NAME)
    return str(created["ARN"])


@pytest.mark.usefixtures("secret")
def test_new_value_moves_labels_and_drops_unlabelled_versions(aws: LocalAws) -> None:
    put(aws, "a")
    put(aws, "b")
    assert labels(aws) == {"a": {"AWSPREVIOUS"}, "b": {"AWSCURRENT"}}
    put(aws, "c")
    assert labels(aws) == {"b": {"AWSPREVIOUS"}, "c": {"AWSCURRENT"}}
    assert aws.secret_value(NAME) == "value-c"


@pytest.mark.usefixtures("secret")
def test_own_staging_label_keeps_its_version(aws: LocalAws) -> None:
    put(aws, "a", "AWSCURRENT", "terraform")
    last = aws.rotate(NAME, times=3)
    assert labels(aws)["a"] == {"terraform"}
    assert aws.secret_value(NAME) == last
    put(aws, "z", "AWSCURRENT", "terraform")
    assert "a" not in labels(aws)


@pytest.mark.usefixtures("secret")
def test_current_label_moves_and_is_never_removed(aws: LocalAws) -> None:
    put(aws, "a")
    with pytest.raises(ClientError, match="completely removed"):
        aws.client("secretsmanager").update_secret_version_stage(
            SecretId=NAME, VersionStage="AWSCURRENT", RemoveFromVersionId="a".ljust(32, "-")
        )


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        (None, False),
        ({"SourceAccount": ACCOUNT}, True),
        ({"SourceAccount": ACCOUNT, "SourceArn": "secret"}, True),
        ({"SourceAccount": "999999999999"}, False),
        ({"SourceArn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:other-abcdef"}, False),
    ],
)
def test_rotation_needs_a_function_that_may_be_invoked(
    aws: LocalAws, secret: str, permission: dict[str, Any] | None, allowed: bool
) -> None:
    aws.create_function(FUNCTION)
    aws.create_function(FUNCTION)
    if permission is not None:
        named = {k: secret if v == "secret" else v for k, v in permission.items()}
        aws.client("lambda").add_permission(
            FunctionName=FUNCTION,
            StatementId="rotation",
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
            **named,
        )
    put(aws, "a")
    rules = {"ScheduleExpression": "rate(10 days)", "Duration": "2h"}
    arguments = {"SecretId": NAME, "RotationLambdaARN": FUNCTION, "RotationRules": rules}
    if not allowed:
        with pytest.raises(ClientError, match="cannot invoke the specified Lambda function"):
            aws.client("secretsmanager").rotate_secret(**arguments)
        return
    aws.client("secretsmanager").rotate_secret(**arguments, RotateImmediately=False)
    assert labels(aws) == {"a": {"AWSCURRENT"}}
    described = aws.client("secretsmanager").describe_secret(SecretId=NAME)
    assert described["RotationRules"] == rules
    aws.client("secretsmanager").rotate_secret(SecretId=NAME)
    assert labels(aws)["a"] == {"AWSPREVIOUS"}


def test_a_replica_secret_has_its_own_key_and_the_policy_of_the_primary(aws: LocalAws) -> None:
    client, west = aws.client("secretsmanager"), aws.client("secretsmanager", "us-west-2")
    key = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
    client.create_secret(
        Name=NAME,
        SecretString="value",
        AddReplicaRegions=[{"Region": "us-west-2", "KmsKeyId": key}],
    )
    client.put_resource_policy(SecretId=NAME, ResourcePolicy="{}")
    assert client.describe_secret(SecretId=NAME)["ReplicationStatus"][0]["KmsKeyId"] == key
    assert west.describe_secret(SecretId=NAME)["KmsKeyId"] == key
    assert aws.json_policy(NAME, "us-west-2") == {}
    with pytest.raises(ClientError):
        west.put_secret_value(SecretId=NAME, SecretString="other")


@pytest.mark.usefixtures("secret")
def test_accounts_are_separate(aws: LocalAws) -> None:
    other = aws.in_account("111111111111")
    assert other.client("secretsmanager").list_secrets()["SecretList"] == []
    assert other.client("sts").get_caller_identity()["Account"] == "111111111111"


def test_bucket_notifications_are_rendered(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="a-bucket")
    asked: dict[str, Any] = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket="a-bucket", NotificationConfiguration=asked)
    answer = s3.get_bucket_notification_configuration(Bucket="a-bucket")
    assert answer["EventBridgeConfiguration"] == {}
