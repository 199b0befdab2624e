"""Checks beyond the steps of the year: what holds at AWS while the first spec is applied.

Most of them only AWS can show, because the local one enforces no policies and sends no events.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.acceptance.subject import Caller, Subject
from tests.acceptance.year import Place
from tests.commands import blocks
from tests.harness.cloud import Aws
from tests.harness.terraform import Terraform

QUEUE = "events"
TRAIL_MINUTES = 15
OWN = "a reader of the same account reads, through the key"
TRAIL = "CloudTrail shows who read"


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
    for name, regions in (
        ("shared-a", [subject.place.second]),
        ("rotating", subject.place.regions),
    ):
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

    def run(text: str) -> None:
        shell = Terraform(
            subject.folder,
            subject.scratch,
            subject.aws.environment(),
            starts_providers=not subject.aws.shares_providers,
        )
        shell.shell(text)

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
    """The role that it names writes it, and its reader reads it, but not the caller of this."""
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
    by_probe = {"AWS": subject.place.probe}
    trust = {"Effect": "Allow", "Principal": by_probe, "Action": "sts:AssumeRole"}
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
    """A new value triggers the rule in the reader's account, where a queue hangs on it."""
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
    events.put_targets(Rule=rule["Name"], EventBusName=bus, Targets=[{"Id": QUEUE, "Arn": arn}])
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
    Check("no role reads or writes other secrets", _others_are_denied),
    Check("an administrator does not read an exclusive secret", _exclusive_is_exclusive),
    Check("the role that applies deletes nothing that is protected", _protected_is_kept),
    Check(
        "a new value triggers the rule in the reader's account",
        _new_value_is_heard,
        other_account=True,
    ),
    Check(TRAIL, _trail_shows_reads),
)
