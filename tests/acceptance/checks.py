"""Checks beyond the steps of the year: what holds at AWS while the first spec is applied.

Most of them only AWS can show, because the local one enforces no policies and sends no events.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tests.acceptance.year import Place
from tests.commands import blocks
from tests.harness.aws_command import put_command
from tests.harness.cloud import Aws
from tests.harness.terraform import Terraform

DENIED = "AccessDenied"
QUEUE = "events"
TRAIL_MINUTES = 15
OWN = "a reader of the same account reads, through the key"
TRAIL = "CloudTrail shows who read"
ANY_SECRET = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["secretsmanager:*", "kms:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
    ],
}


@dataclass(frozen=True)
class Caller:
    """Somebody who calls AWS with the credentials of a role.

    Attributes:
        aws: where.
        session: the credentials.
    """

    aws: Aws
    session: boto3.Session

    def client(self, service: str, region: str) -> Any:
        """A client with these credentials."""
        return self.session.client(
            service, region_name=region, endpoint_url=self.aws.endpoint
        )

    def assume(self, arn: str) -> "Caller":
        """The caller as another role; one that was just created is waited for."""
        sts = self.client("sts", "us-east-1")
        issued = self.aws.eventually(
            lambda: sts.assume_role(RoleArn=arn, RoleSessionName="acceptance")
        )["Credentials"]
        session = boto3.Session(
            aws_access_key_id=issued["AccessKeyId"],
            aws_secret_access_key=issued["SecretAccessKey"],
            aws_session_token=issued["SessionToken"],
        )
        return Caller(self.aws, session)

    def read(self, arn: str) -> str:
        """Reads a secret by its ARN, in the Region of the ARN."""
        client = self.client("secretsmanager", arn.split(":")[3])
        return str(client.get_secret_value(SecretId=arn)["SecretString"])

    def assert_denied(self, call: Callable[[], object]) -> None:
        """AWS must refuse the call because of a policy.

        Raises:
            AssertionError: the call was let through.
        """
        with pytest.raises(ClientError, match=DENIED):
            call()


@dataclass
class Subject:
    """What the checks look at: the environment as the first spec has it.

    Attributes:
        place: where it lives.
        aws: the AWS, seen from its account.
        folder: its root module.
        scratch: a folder outside of the project.
    """

    place: Place
    aws: Aws
    folder: Path
    scratch: Path

    def arn(self, name: str, region: str = "") -> str:
        """The ARN of a secret, or that of its replica in another Region."""
        client = self.aws.client("secretsmanager", self.place.home)
        found = client.describe_secret(SecretId=f"{self.place.prefix}/{name}")["ARN"]
        return str(found).replace(f":{self.place.home}:", f":{region or self.place.home}:")

    def role(self, name: str) -> str:
        """The ARN of a role that reads."""
        owner = self.place.reader if name == "app" and self.place.reader else self.place.account
        return f"arn:aws:iam::{owner}:role/{self.place.prefix}-{name}"

    @cached_property
    def probe(self) -> Caller:
        """The role that assumes those of readers; an identity policy lets it read everything."""
        return Caller(self.aws, self.aws.session()).assume(self.place.probe)

    def reader(self, name: str) -> Caller:
        """A role that reads."""
        return self.probe.assume(self.role(name))


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        title: what it shows.
        run: raises where that is not so.
        enforced: whether only an AWS that enforces policies and sends events can show it.
        other_account: whether the account of a reader is needed.
    """

    title: str
    run: Callable[[Subject], None]
    enforced: bool = True
    other_account: bool = False

    def missing(self, aws: Aws, place: Place) -> str:
        """Returns what this AWS lacks for the check; empty where it lacks nothing."""
        if self.enforced and not aws.enforces_policies:
            return "the local AWS enforces no policies and sends no events"
        if self.other_account and not place.reader:
            return "needs a reader's account: --reader-profile"
        return ""


def create_probe(aws: Aws, place: Place) -> None:
    """Create the role that assumes those of readers: their trust names it, so it is there first."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{place.account}:root"},
        "Action": "sts:AssumeRole",
    }
    iam = aws.client("iam")
    iam.create_role(
        RoleName=place.probe_name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Tags=aws.tag_list(),
    )
    iam.put_role_policy(
        RoleName=place.probe_name, PolicyName="any", PolicyDocument=json.dumps(ANY_SECRET)
    )


# --- what each AWS can show -----------------------------------------------------------------------


def _replicas_in_sync(subject: Subject) -> None:
    def look() -> None:
        for region in subject.place.regions:
            for secret in subject.aws.secrets(region):
                client = subject.aws.client("secretsmanager", region)
                described = client.describe_secret(SecretId=secret["ARN"])
                states = {r["Region"]: r["Status"] for r in described.get("ReplicationStatus", [])}
                assert set(states.values()) <= {"InSync"}, f"{secret['Name']}: {states}"

    subject.aws.eventually(look)


def _replicas_readable(subject: Subject) -> None:
    for name, regions in (("shared-a", [subject.place.second]), ("copied", subject.place.regions)):
        secret = f"{subject.place.prefix}/{name}"
        for region in regions:
            assert subject.aws.secret_value(secret, region) == f"value of {secret}"


def _promoted_and_back(subject: Subject) -> None:
    """Follow the README of the environment: promote a replica, write there, bring it back."""
    secret, region = f"{subject.place.prefix}/shared-a", subject.place.second
    readme = (subject.folder / "README.md").read_text("utf-8")
    script = "\n".join(blocks(readme, "Failover to a replica Region"))
    names = {"SECRET": secret, "REPLICA_REGION": region}
    for name, value in names.items():
        script = re.sub(rf"^{name}=.*$", f"{name}={value}", script, flags=re.MULTILINE)
    promote, stop, back = script.partition("stop-replication-to-replica")
    line, _, back = back.partition("\n")
    path = put_command(subject.scratch / "bin")

    def run(text: str) -> None:
        shell = Terraform(subject.folder, subject.scratch, subject.aws.environment())
        shell.shell(f'export PATH="{path}:$PATH"\n{text}')

    run(f"{promote}{stop}{line}")
    client = subject.aws.client("secretsmanager", region)
    subject.aws.eventually(
        lambda: client.put_secret_value(SecretId=secret, SecretString="written meanwhile")
    )
    assert subject.aws.secret_value(secret, subject.place.home) == f"value of {secret}"
    settings = "\n".join(f"{name}={value}" for name, value in names.items())
    run(f"{settings}\n{back}")
    for where in (subject.place.home, region):
        assert subject.aws.secret_value(secret, where) == "written meanwhile"
    subject.aws.client("secretsmanager", subject.place.home).put_secret_value(
        SecretId=secret, SecretString=f"value of {secret}"
    )
    subject.aws.eventually(lambda: _replicas_readable(subject))
    _replicas_in_sync(subject)


# --- what only AWS can show -----------------------------------------------------------------------


def _own_reader_reads(subject: Subject) -> None:
    reader, arn = subject.reader("data"), subject.arn("shared-b")
    assert subject.aws.eventually(lambda: reader.read(arn)) == (
        f"value of {subject.place.prefix}/shared-b"
    )


def _other_account_reads(subject: Subject) -> None:
    reader = subject.reader("app")
    for region in (subject.place.home, subject.place.second):
        arn = subject.arn("shared-a", region)
        assert subject.aws.eventually(lambda arn=arn: reader.read(arn)) == (
            f"value of {subject.place.prefix}/shared-a"
        )


def _others_are_denied(subject: Subject) -> None:
    for role, secret in (("data", "shared-a"), ("app", "shared-b"), ("data", "plain")):
        reader, arn = subject.reader(role), subject.arn(secret)
        reader.assert_denied(lambda reader=reader, arn=arn: reader.read(arn))
    reader, arn = subject.reader("data"), subject.arn("shared-b")
    client = reader.client("secretsmanager", subject.place.home)
    reader.assert_denied(lambda: client.put_secret_value(SecretId=arn, SecretString="no"))
    reader.assert_denied(lambda: client.get_resource_policy(SecretId=arn))


def _exclusive_is_exclusive(subject: Subject) -> None:
    """The role that it names writes it; its reader reads it; the administrator who runs this not."""
    arn = subject.arn("exclusive")
    client = subject.probe.client("secretsmanager", subject.place.home)
    client.put_secret_value(SecretId=arn, SecretString="for its reader")
    reader = subject.reader("data")
    assert subject.aws.eventually(lambda: reader.read(arn)) == "for its reader"
    caller = Caller(subject.aws, subject.aws.session())
    caller.assert_denied(lambda: caller.read(arn))


def _protected_is_kept(subject: Subject) -> None:
    """The role that applies every day deletes no protected secret and no protected key."""
    name = subject.aws.named("apply")
    iam = subject.aws.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": subject.place.probe}, "Action": "sts:AssumeRole"}
    subject.aws.eventually(lambda: iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Tags=subject.aws.tag_list(),
    ))  # fmt: skip
    for file in ("apply", "apply-keys"):
        text = (subject.folder / "iam" / f"{file}.json").read_text("utf-8")
        iam.put_role_policy(
            RoleName=name, PolicyName=file, PolicyDocument=json.dumps(json.loads(text))
        )
    daily = subject.probe.assume(f"arn:aws:iam::{subject.place.account}:role/{name}")
    secrets = daily.client("secretsmanager", subject.place.home)
    arn = subject.arn("plain")
    described = subject.aws.eventually(lambda: secrets.describe_secret(SecretId=arn))
    daily.assert_denied(
        lambda: secrets.untag_resource(SecretId=arn, TagKeys=["secretgen:protected"])
    )
    daily.assert_denied(lambda: secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=30))
    key = daily.client("kms", subject.place.home)
    daily.assert_denied(lambda: key.schedule_key_deletion(KeyId=described["KmsKeyId"]))


def _new_value_is_heard(subject: Subject) -> None:
    """A new value rings the rule in the reader's account, where a queue hangs on it."""
    place, there = subject.place, subject.aws.in_account(subject.place.reader)
    queue, events = there.client("sqs", place.home), there.client("events", place.home)
    url = queue.create_queue(QueueName=there.named(QUEUE), tags=there.tags)["QueueUrl"]
    arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    sends = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [sends]})
    queue.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    bus = f"{place.prefix}-secrets"
    (rule,) = events.list_rules(EventBusName=bus)["Rules"]
    events.put_targets(
        Rule=rule["Name"], EventBusName=bus, Targets=[{"Id": QUEUE, "Arn": arn}]
    )
    name = f"{place.prefix}/shared-a"
    subject.aws.client("secretsmanager", place.home).put_secret_value(
        SecretId=name, SecretString=f"value of {name}"
    )

    def heard() -> None:
        messages = queue.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        details = [json.loads(message["Body"])["detail"] for message in messages]
        assert name in [detail["name"] for detail in details], "no event has arrived"

    try:
        there.eventually(heard)
    finally:  # a rule with a target cannot be deleted
        events.remove_targets(Rule=rule["Name"], EventBusName=bus, Ids=[QUEUE])


def _trail_shows_reads(subject: Subject) -> None:
    """The event history shows who read; AWS says that an event takes up to 15 minutes."""
    begun, reader, arn = datetime.now(UTC), subject.reader("data"), subject.arn("shared-b")
    subject.aws.eventually(lambda: reader.read(arn))
    trail = subject.aws.client("cloudtrail", subject.place.home)
    end = time.monotonic() + TRAIL_MINUTES * 60
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "GetSecretValue"}]
    while True:
        found = trail.lookup_events(
            LookupAttributes=wanted, StartTime=begun - timedelta(minutes=10)
        )["Events"]
        records = [event["CloudTrailEvent"] for event in found]
        if any(subject.role("data").rpartition("/")[2] in r and arn in r for r in records):
            return
        assert time.monotonic() < end, f"no event of the read after {TRAIL_MINUTES} minutes"
        time.sleep(30)


CHECKS = (
    Check("every replica is in sync", _replicas_in_sync, enforced=False),
    Check("replicas hold the value", _replicas_readable, enforced=False),
    Check("a replica is promoted, and comes back", _promoted_and_back, enforced=False),
    Check(OWN, _own_reader_reads),
    Check(
        "a reader of another account reads in both Regions, through the keys",
        _other_account_reads,
        other_account=True,
    ),
    Check("nobody reads or writes what is not theirs", _others_are_denied),
    Check("an administrator does not read an exclusive secret", _exclusive_is_exclusive),
    Check("the role that applies deletes nothing that is protected", _protected_is_kept),
    Check(
        "a new value rings the rule in the reader's account",
        _new_value_is_heard,
        other_account=True,
    ),
    Check(TRAIL, _trail_shows_reads),
)
