"""Changes of a live account outside of Terraform, each with what takes it back."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.harness.aws import ACCOUNT, REGION, LocalAws

Undo = Callable[[], Any]
OTHER = "us-west-2"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate-otherwise"
SERVICE = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!cluster-6d0a3f1e-AbCdEf"
RULES = {"ScheduleExpression": "cron(0 3 ? * SUN *)", "Duration": "3h"}
SHARED, OWN = "alias/rich-secrets/shared", "alias/rich-secrets/secret/text"


@dataclass(frozen=True)
class Change:
    """A change, and what an audit has to say about it.

    Args:
        make: changes the account; returns what takes the change back.
        rules: ids of the rules of all findings.
        says: a part of a finding.
        code: the exit code.
    """

    make: Callable[[LocalAws], Undo]
    rules: set[str]
    says: str
    code: int


def _secrets(aws: LocalAws) -> Any:
    return aws.client("secretsmanager")


def described(secret: str, text: str) -> Callable[[LocalAws], Undo]:
    def make(aws: LocalAws) -> Undo:
        client = _secrets(aws)
        before = client.describe_secret(SecretId=secret).get("Description", "")
        client.update_secret(SecretId=secret, Description=text)
        return lambda: client.update_secret(SecretId=secret, Description=before)

    return make


def tagged(secret: str, key: str, value: str | None) -> Callable[[LocalAws], Undo]:
    def make(aws: LocalAws) -> Undo:
        client = _secrets(aws)
        tags = {t["Key"]: t["Value"] for t in client.describe_secret(SecretId=secret)["Tags"]}

        def put(wanted: str | None) -> None:
            client.untag_resource(SecretId=secret, TagKeys=[key])
            if wanted is not None:
                client.tag_resource(SecretId=secret, Tags=[{"Key": key, "Value": wanted}])

        put(value)
        return lambda: put(tags.get(key))

    return make


def keyed(secret: str, key: str) -> Callable[[LocalAws], Undo]:
    def make(aws: LocalAws) -> Undo:
        client = _secrets(aws)
        before = client.describe_secret(SecretId=secret)["KmsKeyId"]
        arn = key_of(aws, key)["Arn"] if key.startswith("alias/rich") else key
        client.update_secret(SecretId=secret, KmsKeyId=arn)
        return lambda: client.update_secret(SecretId=secret, KmsKeyId=before)

    return make


def key_of(aws: LocalAws, alias: str, region: str = REGION) -> Any:
    return aws.client("kms", region).describe_key(KeyId=alias)["KeyMetadata"]


def policy(secret: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[LocalAws], Undo]:
    def make(aws: LocalAws) -> Undo:
        client, before = _secrets(aws), aws.json_policy(secret)
        after = deepcopy(before)
        change(after)
        client.put_resource_policy(SecretId=secret, ResourcePolicy=json.dumps(after))
        return lambda: client.put_resource_policy(
            SecretId=secret, ResourcePolicy=json.dumps(before)
        )

    return make


def no_policy(secret: str) -> Callable[[LocalAws], Undo]:
    def make(aws: LocalAws) -> Undo:
        client, before = _secrets(aws), aws.json_policy(secret)
        client.delete_resource_policy(SecretId=secret)
        return lambda: client.put_resource_policy(
            SecretId=secret, ResourcePolicy=json.dumps(before)
        )

    return make


def let_in_anybody(document: dict[str, Any]) -> None:
    document["Statement"].append(
        {
            "Sid": "Anybody",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }
    )


def readers_of(document: dict[str, Any]) -> list[str]:
    (condition,) = document["Statement"][0]["Condition"].values()
    arns = condition["aws:PrincipalArn"]
    assert isinstance(arns, list)
    return arns


def let_in_another_role(document: dict[str, Any]) -> None:
    readers_of(document).append("arn:aws:iam::222222222222:role/stranger")


def lock_out_a_reader(document: dict[str, Any]) -> None:
    readers_of(document).pop()


def drop(sid: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["Statement"] = [s for s in document["Statement"] if s.get("Sid") != sid]

    return change


def with_source_ip(document: dict[str, Any]) -> None:
    document["Statement"].append(
        {
            "Sid": "Office",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        }
    )


def no_rotation(secret: str, function: str | None) -> Callable[[LocalAws], Undo]:
    def make(aws: LocalAws) -> Undo:
        client = _secrets(aws)
        rules = client.describe_secret(SecretId=secret)["RotationRules"]
        named = {"RotationLambdaARN": function} if function else {}
        client.cancel_rotate_secret(SecretId=secret)
        return lambda: client.rotate_secret(
            SecretId=secret, RotationRules=rules, RotateImmediately=False, **named
        )

    return make


def rotated_by(secret: str, **wanted: Any) -> Callable[[LocalAws], Undo]:
    def make(aws: LocalAws) -> Undo:
        client = _secrets(aws)
        before = client.describe_secret(SecretId=secret)
        function = wanted.get("RotationLambdaARN")
        if function:
            aws.create_function(function)
            aws.client("lambda").add_permission(
                FunctionName=function,
                StatementId="all",
                Action="lambda:InvokeFunction",
                Principal="secretsmanager.amazonaws.com",
            )
        client.rotate_secret(SecretId=secret, RotateImmediately=False, **wanted)

        def undo() -> None:
            if not before.get("RotationEnabled"):
                client.cancel_rotate_secret(SecretId=secret)
                return
            named = {"RotationLambdaARN": f} if (f := before.get("RotationLambdaARN")) else {}
            rules = before["RotationRules"]
            client.rotate_secret(
                SecretId=secret, RotationRules=rules, RotateImmediately=False, **named
            )

        return undo

    return make


def pending_version(aws: LocalAws) -> Undo:
    client, version = _secrets(aws), "11111111-2222-3333-4444-555555555555"
    client.put_secret_value(
        SecretId="db/rotated",
        SecretString="half a rotation",
        ClientRequestToken=version,
        VersionStages=["AWSPENDING"],
    )
    return lambda: client.update_secret_version_stage(
        SecretId="db/rotated", VersionStage="AWSPENDING", RemoveFromVersionId=version
    )


def label_gone(aws: LocalAws) -> Undo:
    client = _secrets(aws)
    (version,) = (v for v, labels in aws.labels("a/b-c").items() if "terraform" in labels)
    client.update_secret_version_stage(
        SecretId="a/b-c", VersionStage="terraform", RemoveFromVersionId=version
    )
    return lambda: client.update_secret_version_stage(
        SecretId="a/b-c", VersionStage="terraform", MoveToVersionId=version
    )


def replica_key(aws: LocalAws, region: str) -> str:
    status = _secrets(aws).describe_secret(SecretId="db/app")["ReplicationStatus"]
    return next(r["KmsKeyId"] for r in status if r["Region"] == region)


def replicate(aws: LocalAws, region: str, key: str | None = None) -> None:
    named = {"KmsKeyId": key} if key else {}
    _secrets(aws).replicate_secret_to_regions(
        SecretId="db/app", AddReplicaRegions=[{"Region": region, **named}]
    )


def unreplicate(aws: LocalAws, region: str) -> None:
    _secrets(aws).remove_regions_from_replication(SecretId="db/app", RemoveReplicaRegions=[region])


def replica_gone(aws: LocalAws) -> Undo:
    key = replica_key(aws, OTHER)
    unreplicate(aws, OTHER)
    return lambda: replicate(aws, OTHER, key)


def replica_more(aws: LocalAws) -> Undo:
    replicate(aws, "eu-central-1")
    return lambda: unreplicate(aws, "eu-central-1")


def replica_on_another_key(aws: LocalAws) -> Undo:
    key = replica_key(aws, OTHER)
    unreplicate(aws, OTHER)
    replicate(aws, OTHER, "alias/aws/secretsmanager")

    def undo() -> None:
        unreplicate(aws, OTHER)
        replicate(aws, OTHER, key)

    return undo


def replica_failed(aws: LocalAws) -> Undo:
    key, there = replica_key(aws, OTHER), aws.client("secretsmanager", OTHER)
    unreplicate(aws, OTHER)
    there.create_secret(Name="db/app", SecretString="in the way")
    replicate(aws, OTHER, key)

    def undo() -> None:
        unreplicate(aws, OTHER)
        there.delete_secret(SecretId="db/app", ForceDeleteWithoutRecovery=True)
        replicate(aws, OTHER, key)

    return undo


def deleted(aws: LocalAws) -> Undo:
    _secrets(aws).delete_secret(SecretId="text", RecoveryWindowInDays=7)
    return lambda: _secrets(aws).restore_secret(SecretId="text")


def stranger(aws: LocalAws) -> Undo:
    _secrets(aws).create_secret(Name="by-hand", SecretString="clicked together")
    return lambda: _secrets(aws).delete_secret(SecretId="by-hand", ForceDeleteWithoutRecovery=True)


def with_key(
    alias: str, make: Callable[[Any, str], Undo], region: str = REGION
) -> Callable[[LocalAws], Undo]:
    return lambda aws: make(aws.client("kms", region), key_of(aws, alias, region)["KeyId"])


def disabled(kms: Any, key: str) -> Undo:
    kms.disable_key(KeyId=key)
    return lambda: kms.enable_key(KeyId=key)


def key_deleted(kms: Any, key: str) -> Undo:
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)

    def undo() -> None:
        kms.cancel_key_deletion(KeyId=key)
        kms.enable_key(KeyId=key)

    return undo


def key_not_rotating(kms: Any, key: str) -> Undo:
    days = kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"]
    kms.disable_key_rotation(KeyId=key)
    return lambda: kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=days)


def key_rotating_slower(kms: Any, key: str) -> Undo:
    days = kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=2000)
    return lambda: kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=days)


def key_described(kms: Any, key: str) -> Undo:
    before = kms.describe_key(KeyId=key)["KeyMetadata"]["Description"]
    kms.update_key_description(KeyId=key, Description="Changed by hand")
    return lambda: kms.update_key_description(KeyId=key, Description=before)


def key_opened(kms: Any, key: str) -> Undo:
    before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    after = json.loads(before)
    after["Statement"].append(
        {
            "Sid": "Partner",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
            "Action": "kms:Decrypt",
            "Resource": "*",
        }
    )
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(after))
    return lambda: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=before)


def key_untagged(kms: Any, key: str) -> Undo:
    kms.untag_resource(KeyId=key, TagKeys=["Owner"])
    tag = {"TagKey": "Owner", "TagValue": "yes"}
    return lambda: kms.tag_resource(KeyId=key, Tags=[tag])


def granted(kms: Any, key: str) -> Undo:
    grant = kms.create_grant(
        KeyId=key, GranteePrincipal="arn:aws:iam::999999999999:role/x", Operations=["Decrypt"]
    )["GrantId"]
    return lambda: kms.revoke_grant(KeyId=key, GrantId=grant)


def alias_gone(kms: Any, key: str) -> Undo:
    kms.delete_alias(AliasName=OWN)
    return lambda: kms.create_alias(AliasName=OWN, TargetKeyId=key)


def alias_moved(kms: Any, key: str) -> Undo:
    other = kms.describe_key(KeyId=SHARED)["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName=OWN, TargetKeyId=other)
    return lambda: kms.update_alias(AliasName=OWN, TargetKeyId=key)
