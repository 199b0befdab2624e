"""The drills of docs/how-to/when-something-is-lost.md: the page is followed as it stands.

The test adds what a page cannot know: the accident, the ids that AWS gives, and what must hold after
each section.
"""

import json
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.e2e.reader import Reader
from tests.harness.aws import REGION, REPOSITORY, LocalAws
from tests.harness.aws_command import put_command
from tests.harness.cycle import prepare
from tests.harness.workspace import DEAD_ENDPOINT
from tests.rendered import render

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=90)]

PAGE = REPOSITORY / "docs/how-to/when-something-is-lost.md"
WEST = "us-west-2"
NEW_ACCOUNT = "888888888888"
SECRET = "prod/app/oauth-client-secret"
KEPT = "prod/monitoring/datadog-api-key"
SPEC = """
version: 1
environment: production
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: test-terraform-state, locking: s3, bootstrap: false }
accounts:
  monitoring: { id: "333333333333" }
secrets:
  prod/app/oauth-client-secret: { readers: [monitoring], replicas: [us-west-2] }
  prod/monitoring/datadog-api-key: { readers: [monitoring] }
"""


def test_drills(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    project = tmp_path / "project"
    project.mkdir()
    prepare(aws, render(project, SPEC))
    put_command(scratch / "bin")
    reader = Reader(aws, project, scratch, NEW_ACCOUNT, environment="production")
    done = ""
    for heading in reader.follow(PAGE.read_text("utf-8")):
        after(done, reader)
        before(heading, reader)
        done = heading
    after(done, reader)
    assert done == "An administrator's mistake"
    reader.nothing_changes()


def before(heading: str, reader: Reader) -> None:
    """What is there, and what happens, before a section is followed."""
    if heading == "Before":
        reader.run(reader.apply)
        reader.put(SECRET, "by hand 1")
        reader.put(KEPT, "by hand 2")
    elif heading == "Home Region unreachable":
        reader.endpoint = DEAD_ENDPOINT
        with pytest.raises(AssertionError, match="exit code"):
            reader.run(reader.apply)
    elif heading == "An administrator's mistake":
        mistake(reader)


def after(heading: str, reader: Reader) -> None:
    """What must hold after a section."""
    if heading == "Before":
        state = json.loads((reader.project / "production.tfstate").read_text("utf-8"))
        assert state["resources"]
    elif heading == "Home Region unreachable":
        assert reader.last
        assert re.search(r"Plan: 0 to add, \d+ to change, 0 to destroy\.", reader.last.text)
        assert reader.aws.secret_value(SECRET, WEST) == "by hand 1"
        reader.endpoint = ""
        reader.nothing_changes()
    elif heading == "A reader's account created anew":
        for region in (REGION, WEST):
            policy = json.dumps(reader.aws.json_policy(SECRET, region))
            assert NEW_ACCOUNT in policy
            assert "333333333333" not in policy
        there = reader.aws.in_account(NEW_ACCOUNT)
        roles = [role["RoleName"] for role in there.client("iam").list_roles()["Roles"]]
        assert roles == ["secrets-reader"]
    elif heading == "An administrator's mistake":
        reader.values[SECRET] = "by hand 1"
        assert reader.aws.secret_value(SECRET, WEST) == "by hand 1"


def mistake(reader: Reader) -> None:
    """A secret deleted, its policy replaced, its key scheduled for deletion, its value overwritten."""
    secrets, kms = reader.aws.client("secretsmanager"), reader.aws.client("kms")
    old = labelled(reader, "AWSCURRENT")
    reader.put(SECRET, "overwritten")
    secrets.put_resource_policy(
        SecretId=SECRET, ResourcePolicy='{"Version": "2012-10-17", "Statement": []}'
    )
    key = reader.key(SECRET)
    reader.given = {"KEY_ID": key, "OLD": old, "NEW": labelled(reader, "AWSCURRENT")}
    secrets.remove_regions_from_replication(SecretId=SECRET, RemoveReplicaRegions=[WEST])
    secrets.delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(ClientError, match="marked deleted"):
        reader.aws.secret_value(SECRET)


def labelled(reader: Reader, label: str) -> str:
    (found,) = [version for version, labels in reader.aws.labels(SECRET).items() if label in labels]
    return found
