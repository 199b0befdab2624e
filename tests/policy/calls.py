"""Recorded calls of Terraform as requests that policies decide on: action, resource, conditions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from secretgen.model.environment import Environment
from tests.harness.aws import ACCOUNT, LocalAws
from tests.harness.calls import Call
from tests.policy.deployment import TAG, allows, policies_of

NEEDS_NOTHING = {"sts:GetCallerIdentity"}
"""Calls that need no permission (AWS STS API Reference)."""

S3_ACTIONS = {
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
"""Operations of S3 whose action has another name (Service Authorization Reference, Amazon S3)."""

Request = tuple[str, str, dict[str, Any]]


@dataclass
class Tags:
    """What secrets and keys carry, by ARN, and which alias names which key."""

    values: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def of(self, arn: str) -> dict[str, Any]:
        """The condition keys of a resource."""
        aliases = tuple(name for name, key in self.aliases.items() if key == arn)
        value = self.values.get(arn)
        return {
            **({f"aws:ResourceTag/{TAG}": value} if value is not None else {}),
            **({"kms:ResourceAliases": aliases} if aliases else {}),
        }


def tags_now(aws: LocalAws, regions: Iterable[str]) -> Tags:
    """Reads what everything carries at the moment."""
    tags = Tags()
    for region in regions:
        for secret in aws.client("secretsmanager", region).list_secrets()["SecretList"]:
            carried = {tag["Key"]: tag["Value"] for tag in secret.get("Tags", [])}
            tags.values |= {secret["ARN"]: carried[TAG]} if TAG in carried else {}
        kms = aws.client("kms", region)
        for key in kms.list_keys()["Keys"]:
            listed = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            carried = {tag["TagKey"]: tag["TagValue"] for tag in listed}
            tags.values |= {key["KeyArn"]: carried[TAG]} if TAG in carried else {}
        for alias in kms.list_aliases()["Aliases"]:
            if "TargetKeyId" in alias:
                tags.aliases[alias["AliasArn"]] = _arn("kms", region, f"key/{alias['TargetKeyId']}")
    return tags


def refused(
    environment: Environment, role: str, calls: Iterable[Call], tags: Tags
) -> set[tuple[str, str]]:
    """Those of the calls that the policies of a role do not allow: action, resource."""
    policies = policies_of(environment, role)
    return {
        request[:2]
        for call in calls
        if str(call) not in NEEDS_NOTHING
        for request in requests(call, tags)
        if not allows(policies, *request)
    }


def actions_of(calls: Iterable[Call]) -> set[str]:
    """The actions that calls need, as policies name them."""
    return {
        action
        for call in calls
        if str(call) not in NEEDS_NOTHING
        for action, _, _ in requests(call, Tags())
    }


def requests(call: Call, tags: Tags) -> Iterator[Request]:
    """What one call needs to be allowed: usually one action on one resource."""
    here = {"aws:RequestedRegion": call.region}
    for action, resource, context in _SERVICES[call.service](call, call.parameters):
        yield action, resource, {**here, **tags.of(resource), **context}


def _arn(service: str, region: str, resource: str) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


def _secretsmanager(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    name = given.get("SecretId") or given.get("Name")
    resource = "*" if name is None else str(name)
    if resource != "*" and not resource.startswith("arn:"):
        resource = _arn("secretsmanager", call.region, f"secret:{resource}")
    context: dict[str, Any] = {
        f"secretsmanager:{key}": str(given[key]).lower()
        if isinstance(given[key], bool)
        else given[key]
        for key in ("BlockPublicPolicy", "ForceOverwriteReplicaSecret", "RotationLambdaARN")
        if key in given
    }
    if "KmsKeyId" in given and given["KmsKeyId"].startswith("arn:"):
        context["secretsmanager:KmsKeyArn"] = given["KmsKeyId"]
    tagging = _tagging(given, "Key", "Value")
    yield str(call), resource, {**context, **tagging}
    # API reference of CreateSecret, "Required permissions".
    if call.operation == "CreateSecret":
        if "Tags" in given:
            yield "secretsmanager:TagResource", resource, tagging
        if "AddReplicaRegions" in given:
            yield "secretsmanager:ReplicateSecretToRegions", resource, context


def _tagging(given: Mapping[str, Any], key: str, value: str) -> dict[str, Any]:
    if "TagKeys" in given:
        return {"aws:TagKeys": tuple(given["TagKeys"])}
    tags = {tag[key]: tag[value] for tag in given.get("Tags", [])}
    asked = {f"aws:RequestTag/{TAG}": tags[TAG]} if TAG in tags else {}
    return {**asked, "aws:TagKeys": tuple(tags)} if tags else {}


def _kms(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    tagging = _tagging(given, "TagKey", "TagValue")
    key = given.get("KeyId") or given.get("TargetKeyId")
    arn = str(key) if str(key).startswith("arn:") else _arn("kms", call.region, f"key/{key}")
    if "AliasName" in given:
        yield str(call), _arn("kms", call.region, given["AliasName"]), {}
        if key:
            yield str(call), arn, {}
    elif call.operation == "CreateKey":
        yield str(call), "*", tagging
        # API reference of CreateKey: a key that is not there yet has no tag.
        yield "kms:TagResource", _arn("kms", call.region, "key/new"), tagging
    elif key:
        yield str(call), arn, tagging
    else:
        yield str(call), "*", {}


def _sns(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    arn = given.get("TopicArn") or given.get("ResourceArn")
    name = given.get("Name")
    if "SubscriptionArn" in given:
        arn = "*"
    yield str(call), str(arn or _arn("sns", call.region, str(name))), {}
    if call.operation == "CreateTopic":
        yield "sns:TagResource", _arn("sns", call.region, str(name)), {}


def _events(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    bus = given.get("EventBusName", "default")
    name = given.get("Rule") or given.get("Name")
    place = f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}"
    if "EventBus" in call.operation:
        place = f"event-bus/{name}"
    arn = given.get("ResourceARN") or _arn("events", call.region, place)
    yield str(call), arn, {}
    if given.get("Tags") and call.operation != "TagResource":
        yield "events:TagResource", arn, {}
    for target in given.get("Targets", []):
        if "RoleArn" in target:
            service = {"iam:PassedToService": "events.amazonaws.com"}
            yield "iam:PassRole", target["RoleArn"], service


def _cloudwatch(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    action = f"cloudwatch:{call.operation}"
    name = given.get("AlarmName") or given.get("AlarmNames.member.1")
    everything = call.operation == "DescribeAlarms"
    arn = _arn("cloudwatch", call.region, f"alarm:{'*' if everything else name}")
    yield action, given.get("ResourceARN") or arn, {}
    if call.operation == "PutMetricAlarm":
        yield "cloudwatch:TagResource", arn, {}


def _logs(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    name = given.get("logGroupName")
    arn = _arn("logs", call.region, f"log-group:{name}") if name else given.get("resourceArn", "*")
    yield str(call), arn, {}
    if call.operation == "CreateLogGroup":
        yield from (("logs:TagResource", arn, {}) for _ in given.get("tags", {}).values())
        if "kmsKeyId" in given:
            yield "logs:AssociateKmsKey", arn, {}


def _iam(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{given['RoleName']}"
    yield str(call), arn, {}
    if call.operation == "CreateRole" and any(name.startswith("Tags.") for name in given):
        yield "iam:TagRole", arn, {}


def _lambda(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    name = given["FunctionName"]
    is_arn = name.startswith("arn:")
    yield str(call), name if is_arn else _arn("lambda", call.region, f"function:{name}"), {}


def _s3(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    action = f"s3:{S3_ACTIONS.get(call.operation, call.operation)}"
    arn = f"arn:aws:s3:::{given['Bucket']}"
    if call.operation == "DeleteObjects":
        yield "s3:DeleteObject", f"{arn}/object", {}
        yield "s3:DeleteObjectVersion", f"{arn}/object", {}
        return
    prefix = {"s3:prefix": given["prefix"]} if "prefix" in given else {}
    yield action, f"{arn}/{given['Key']}" if "Key" in given else arn, prefix


def _dynamodb(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    key = (given.get("Key") or given["Item"])["LockID"]["S"]
    arn = _arn("dynamodb", call.region, f"table/{given['TableName']}")
    yield str(call), arn, {"dynamodb:LeadingKeys": (key,)}


def _cloudtrail(call: Call, given: Mapping[str, Any]) -> Iterator[Request]:
    name = (given.get("ResourceIdList") or [given.get("Name")])[0]
    arn = str(name)
    if call.operation == "DescribeTrails":
        arn = "*"
    elif not arn.startswith("arn:"):
        arn = _arn("cloudtrail", call.region, f"trail/{name}")
    yield str(call), arn, {}
    if call.operation == "CreateTrail":
        service = {"iam:PassedToService": "cloudtrail.amazonaws.com"}
        yield "iam:PassRole", given["CloudWatchLogsRoleArn"], service
        yield "cloudtrail:AddTags", arn, {}


_SERVICES = {
    "cloudtrail": _cloudtrail,
    "dynamodb": _dynamodb,
    "events": _events,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "monitoring": _cloudwatch,
    "s3": _s3,
    "secretsmanager": _secretsmanager,
    "sns": _sns,
}
