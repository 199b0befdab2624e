"""A new value triggers the rule in the readers' accounts, on the local AWS, and in no other."""

import json
from pathlib import Path
from typing import Any

import pytest

from secretgen.spec.load import load_spec
from tests.harness.aws import ACCOUNT, LocalAws
from tests.harness.cycle import begin, prepare
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree
from tests.policy.calls import refused, tags_now
from tests.rendered import render

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=35)]

SPEC = f"""
version: 1
environment: told
aws: {{ account_id: "{ACCOUNT}", region: us-east-1 }}
backend: {{ bucket: told-terraform-state, locking: s3 }}
accounts:
  app: {{ id: "111111111111" }}
  other: {{ id: "222222222222" }}
keys: {{ shared: {{}} }}
defaults: {{ kms_key: shared, deletion_protection: false }}
secrets:
  prod/db: {{ readers: [app], replicas: [us-west-2], notify_readers: true }}
  prod/api: {{ readers: [app, other], notify_readers: true }}
  prod/quiet: {{ readers: [app, other] }}
"""
QUEUE = "new-values"


def _listen(aws: LocalAws, region: str) -> None:
    """Attaches a queue to the rule of an account, as its README says."""
    sqs, events = aws.client("sqs", region), aws.client("events", region)
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    events.put_targets(
        Rule="told-secrets-new-value",
        EventBusName="told-secrets",
        Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}],
    )


def _heard(aws: LocalAws, region: str) -> list[Any]:
    sqs = aws.client("sqs", region)
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    heard = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            heard.append(json.loads(message["Body"])["detail"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return heard


def _write(aws: LocalAws, name: str, region: str, label: str = "AWSCURRENT") -> None:
    """Sends what Secrets Manager sends when a label of a secret moves."""
    detail = {"name": name, "labelUpdated": label, "versionId": "1"}
    entry = {
        "Source": "aws.secretsmanager",
        "DetailType": "Secret Label Updated",
        "Detail": json.dumps(detail),
    }
    aws.client("events", region).put_events(Entries=[entry])


def test_new_value_notifies_only_its_readers(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    project = tmp_path / "project"
    project.mkdir()
    folder = render(project, SPEC)
    work = copy_tree(project, tmp_path / "tree") / "environments" / folder.name
    prepare(aws, work)
    aws.record()
    cycle = begin(aws, work, scratch)
    applied = aws.recorded()
    environment = load_spec(SPEC.encode(), "spec").environment
    assert environment
    tags = tags_now(aws, [environment.aws.region, *environment.replica_regions])
    assert not refused(environment, "apply", applied, tags)

    places = {"app": ("us-east-1", "us-west-2"), "other": ("us-east-1",)}
    there = {a.name: aws.in_account(a.id) for a in environment.accounts}
    readers = {}
    for name, regions in places.items():
        (tmp_path / name).mkdir()
        root = work / "consumers" / name
        readers[name] = Terraform(root, tmp_path / name, environment=there[name].environment())
        readers[name].init()
        readers[name].apply()
        readers[name].assert_no_changes()
        for region in regions:
            _listen(there[name], region)

    for secret in ("prod/db", "prod/api", "prod/quiet", "prod/of-no-spec"):
        _write(aws, secret, "us-east-1")
    _write(aws, "prod/api", "us-east-1", label="terraform")
    _write(aws, "prod/db", "us-west-2")
    heard = {
        (name, region): sorted(event["name"] for event in _heard(there[name], region))
        for name, regions in places.items()
        for region in regions
    }
    assert heard == {
        ("app", "us-east-1"): ["prod/api", "prod/db"],
        ("app", "us-west-2"): ["prod/db"],
        ("other", "us-east-1"): ["prod/api"],
    }
    for name, terraform in readers.items():
        for region in places[name]:
            events = there[name].client("events", region)
            target = {"Rule": "told-secrets-new-value", "EventBusName": "told-secrets"}
            events.remove_targets(**target, Ids=["queue"])
        terraform.destroy()
    cycle.end()
