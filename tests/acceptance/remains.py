"""What a run has left in an account, found by its names and tags, and how it is deleted.

Everything that a run creates has a name that begins with its prefix, except keys, which carry its
tag. Secrets, keys, roles and buckets are deleted only with that tag: a name alone proves nothing.
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tests.acceptance.year import TAG, Place
from tests.harness.cloud import Aws

KEY_DAYS = 7  # KMS API reference, ScheduleKeyDeletion: 7 to 30
ROUNDS = 12


@dataclass(frozen=True)
class Remain:
    """Something that is left.

    Attributes:
        kind: what it is.
        name: its name or id.
        where: account and Region.
        delete: deletes it; fails where something else has to go first.
    """

    kind: str
    name: str
    where: str
    delete: Callable[[], object]

    def __str__(self) -> str:
        """Says what is where."""
        return f"{self.kind} {self.name} ({self.where})"


def remains(aws: Aws, place: Place) -> Iterator[Remain]:
    """Everything that is left in the accounts and Regions of a place."""
    for account in place.accounts:
        there = aws.in_account(account)
        for region in place.regions:
            yield from _of_region(_Finder(there, place.prefix, region))
        yield from _buckets(_Finder(there, place.prefix, place.home))
        yield from _identities(_Finder(there, place.prefix, ""))


def tear_down(aws: Aws, place: Place, *, pause: float) -> list[str]:
    """Deletes everything that is left; returns what could not be deleted, with the reason.

    Args:
        aws: where.
        place: where, within it.
        pause: seconds between two rounds: some things go only when others have gone.
    """
    errors: dict[str, str] = {}
    for _ in range(ROUNDS):
        found, errors = list(remains(aws, place)), {}
        if not found:
            return []
        for remain in found:
            try:
                remain.delete()
            except ClientError as error:
                errors[str(remain)] = str(error)
        time.sleep(pause)
    return [f"{left}: {errors.get(str(left), 'still there')}" for left in remains(aws, place)]


@dataclass(frozen=True)
class _Finder:
    """Looks for what is left in one account and Region; an empty Region is that of IAM."""

    aws: Aws
    prefix: str
    region: str

    def client(self, service: str) -> Any:
        """A client of the Region."""
        return self.aws.client(service, self.region) if self.region else self.aws.client(service)

    def pages(self, service: str, operation: str, key: str, **options: Any) -> Iterator[Any]:
        """What an operation lists, over all pages."""
        client = self.client(service)
        if client.can_paginate(operation):
            for page in client.get_paginator(operation).paginate(**options):
                yield from page.get(key, [])
        else:
            yield from getattr(client, operation)(**options).get(key, [])

    def remain(self, kind: str, name: str, delete: Callable[[], object]) -> Remain:
        """Something that is left here."""
        where = " ".join(filter(None, (self.aws.account, self.region)))
        return Remain(kind, name, where, delete)

    def tagged(self, tags: Iterable[dict[str, str]], *, of: str = "") -> bool:
        """Whether tags say that it is of the run; `of` stands before their members."""
        return any((tag[f"{of}Key"], tag[f"{of}Value"]) == (TAG, self.prefix) for tag in tags)


@dataclass(frozen=True)
class _Listing:
    """How a service lists and deletes things by name.

    Attributes:
        service: the service.
        operation: what lists.
        key: where the answer has the list.
        field: where an item has its name or ARN; empty where it is one.
        delete: what deletes.
        argument: what it takes the name as.
        several: whether it takes a list of names.
    """

    service: str
    operation: str
    key: str
    field: str
    delete: str
    argument: str
    several: bool = False

    def find(self, find: _Finder) -> Iterator[Remain]:
        """Everything whose name begins with the prefix."""
        client = find.client(self.service)
        for item in find.pages(self.service, self.operation, self.key):
            name = item[self.field] if self.field else item
            if re.split("[:/]", name)[-1].startswith(f"{find.prefix}-"):
                given = {self.argument: [name] if self.several else name}
                delete = getattr(client, self.delete)
                yield find.remain(self.service, name, partial(delete, **given))


LISTINGS = (
    _Listing("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", "delete_alarms",
             "AlarmNames", several=True),
    _Listing("sns", "list_topics", "Topics", "TopicArn", "delete_topic", "TopicArn"),
    _Listing("lambda", "list_functions", "Functions", "FunctionName", "delete_function",
             "FunctionName"),
    _Listing("logs", "describe_log_groups", "logGroups", "logGroupName", "delete_log_group",
             "logGroupName"),
    _Listing("dynamodb", "list_tables", "TableNames", "", "delete_table", "TableName"),
    _Listing("sqs", "list_queues", "QueueUrls", "", "delete_queue", "QueueUrl"),
)  # fmt: skip


def _of_region(find: _Finder) -> Iterator[Remain]:
    yield from _secrets(find)
    yield from _keys(find)
    yield from _rules(find)
    for listing in LISTINGS:
        yield from listing.find(find)


def _secrets(find: _Finder) -> Iterator[Remain]:
    client = find.client("secretsmanager")
    for secret in find.aws.secrets(find.region, IncludePlannedDeletion=True):
        if secret.get("PrimaryRegion", find.region) == find.region and (
            find.tagged(secret.get("Tags", []))
        ):
            delete = partial(_delete_secret, client, secret["ARN"])
            yield find.remain("secret", secret["Name"], delete)


def _delete_secret(client: Any, arn: str) -> None:
    described = client.describe_secret(SecretId=arn)
    replicas = [replica["Region"] for replica in described.get("ReplicationStatus", [])]
    if replicas:
        client.remove_regions_from_replication(SecretId=arn, RemoveReplicaRegions=replicas)
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def _keys(find: _Finder) -> Iterator[Remain]:
    client = find.client("kms")
    for alias in find.pages("kms", "list_aliases", "Aliases"):
        if (name := alias["AliasName"]).startswith(f"alias/{find.prefix}-"):
            yield find.remain("alias", name, partial(client.delete_alias, AliasName=name))
    soon = datetime.now(UTC) + timedelta(days=KEY_DAYS, hours=1)
    for key in find.pages("kms", "list_keys", "Keys"):
        described = client.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        gone_soon = described["KeyState"] == "PendingDeletion" and described["DeletionDate"] <= soon
        if described.get("KeyManager") == "AWS" or gone_soon:
            continue
        tags = client.list_resource_tags(KeyId=key["KeyId"])["Tags"]
        if find.tagged(tags, of="Tag"):
            yield find.remain("key", key["KeyId"], partial(_delete_key, client, described))


def _delete_key(client: Any, described: dict[str, Any]) -> None:
    """The shortest window that KMS has; a key that waits for longer starts again."""
    if described["KeyState"] == "PendingDeletion":
        client.cancel_key_deletion(KeyId=described["KeyId"])
    client.schedule_key_deletion(KeyId=described["KeyId"], PendingWindowInDays=KEY_DAYS)


def _rules(find: _Finder) -> Iterator[Remain]:
    client = find.client("events")
    for bus in client.list_event_buses()["EventBuses"]:
        name, own = bus["Name"], bus["Name"].startswith(f"{find.prefix}-")
        for rule in find.pages("events", "list_rules", "Rules", EventBusName=name):
            if own or rule["Name"].startswith(f"{find.prefix}-"):
                delete = partial(_delete_rule, client, name, rule["Name"])
                yield find.remain("rule", rule["Name"], delete)
        if own:
            yield find.remain("event bus", name, partial(client.delete_event_bus, Name=name))


def _delete_rule(client: Any, bus: str, rule: str) -> None:
    listed = client.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    if listed:
        ids = [target["Id"] for target in listed]
        client.remove_targets(Rule=rule, EventBusName=bus, Ids=ids)
    client.delete_rule(Name=rule, EventBusName=bus)


def _buckets(find: _Finder) -> Iterator[Remain]:
    client = find.client("s3")
    for name in find.aws.buckets():
        with contextlib.suppress(ClientError):  # without tags it is none of ours
            tags = client.get_bucket_tagging(Bucket=name)["TagSet"]
            if find.tagged(tags):
                yield find.remain("bucket", name, partial(delete_bucket, client, name))


def delete_bucket(client: Any, name: str) -> None:
    """Deletes a bucket with every version of every object."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            client.delete_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])
    client.delete_bucket(Bucket=name)


def _identities(find: _Finder) -> Iterator[Remain]:
    client = find.client("iam")
    for role in find.pages("iam", "list_roles", "Roles"):
        if (name := role["RoleName"]).startswith(f"{find.prefix}-") and find.tagged(
            client.list_role_tags(RoleName=name)["Tags"]
        ):
            yield find.remain("role", name, partial(_delete_role, client, name))
    for policy in find.pages("iam", "list_policies", "Policies", Scope="Local"):
        if policy["PolicyName"].startswith(f"{find.prefix}-"):
            arn = policy["Arn"]
            yield find.remain("policy", arn, partial(client.delete_policy, PolicyArn=arn))


def _delete_role(client: Any, name: str) -> None:
    for profile in client.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"]:
        given = {"InstanceProfileName": profile["InstanceProfileName"]}
        client.remove_role_from_instance_profile(RoleName=name, **given)
        client.delete_instance_profile(**given)
    for policy in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        client.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for inline in client.list_role_policies(RoleName=name)["PolicyNames"]:
        client.delete_role_policy(RoleName=name, PolicyName=inline)
    client.delete_role(RoleName=name)
