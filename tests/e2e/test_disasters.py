"""The drills of docs/how-to/when-something-is-lost.md: the page is followed as it stands.

The test adds what a page cannot know: the accident, the ids that AWS gives, and what must hold
after each section. Then credentials leak, and the runbooks of each incident are followed.
"""

import json
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from secretgen.insight.incident.exposure import Incident
from tests.commands import blocks
from tests.e2e.reader import Reader
from tests.harness.aws import REGION, REPOSITORY, LocalAws
from tests.harness.cycle import prepare
from tests.harness.workspace import DEAD_ENDPOINT
from tests.rendered import render

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=60)]

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
  prod/database/password:
    readers: [monitoring]
    rotation:
      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate
      every_days: 30
  prod/app/token: { readers: [monitoring], value: { from: variable } }
"""
ROTATED, WRITTEN = "prod/database/password", "prod/app/token"
ROLE, REVOKED = "secrets-reader", "RevokeOlderSessions"
RAISED = re.compile(r"^specs/production\.yaml:\d+: `value\.version: (\d+)`", re.MULTILINE)
# What a person types where a command reads from the terminal.
TYPED = """
stty() { :; }
cat() { if [ $# -gt 0 ]; then command cat "$@"; else printf %s "typed at the terminal"; fi; }
"""


def test_drills(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    project = tmp_path / "project"
    project.mkdir()
    prepare(aws, render(project, SPEC))
    reader = Reader(aws, project, scratch, NEW_ACCOUNT, environment="production")
    done = ""
    for heading in reader.follow(PAGE.read_text("utf-8")):
        after(done, reader)
        before(heading, reader)
        done = heading
    after(done, reader)
    assert done == "An administrator's mistake"
    reader.nothing_changes()

    followed: set[str] = set()
    for incident in Incident:
        followed |= emergency(reader, incident, followed)
    reader.values = {}
    reader.nothing_changes()


def before(heading: str, reader: Reader) -> None:
    """What is there, and what happens, before a section is followed."""
    if heading == "Before":
        reader.given = {"TF_VAR_prod__app__token": "from a variable"}
        reader.run(reader.apply)
        reader.values[WRITTEN] = "from a variable"
        reader.put(ROTATED, "by hand 3")
        reader.put(SECRET, "by hand 1")
        reader.put(KEPT, "by hand 2")
    elif heading == "Primary Region unreachable":
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
    elif heading == "Primary Region unreachable":
        assert reader.last
        assert re.search(r"Plan: 0 to add, \d+ to change, 0 to destroy\.", reader.last.text)
        assert reader.aws.secret_value(SECRET, WEST) == "by hand 1"
        reader.endpoint = ""
        reader.nothing_changes()
    elif heading == "A reader's account created again":
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
    else:
        assert heading in ("", "When something is lost"), f"no check after {heading!r}"


def mistake(reader: Reader) -> None:
    """A secret is deleted, its policy and its value are replaced, its key is to be deleted."""
    secrets, kms = reader.aws.client("secretsmanager"), reader.aws.client("kms")
    old = current(reader, SECRET)
    reader.put(SECRET, "overwritten")
    secrets.put_resource_policy(
        SecretId=SECRET, ResourcePolicy='{"Version": "2012-10-17", "Statement": []}'
    )
    key = reader.key(SECRET)
    reader.given = {"KEY_ID": key, "OLD": old, "NEW": current(reader, SECRET)}
    secrets.remove_regions_from_replication(SecretId=SECRET, RemoveReplicaRegions=[WEST])
    secrets.delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(ClientError, match="marked deleted"):
        reader.aws.secret_value(SECRET)


def current(reader: Reader, name: str) -> str:
    """The id of the current version of a secret."""
    labels = reader.aws.labels(name).items()
    (found,) = [version for version, of_version in labels if "AWSCURRENT" in of_version]
    return found


def emergency(reader: Reader, incident: Incident, followed: set[str]) -> set[str]:
    """Follows the runbook of an incident, but for blocks that were followed before.

    The first one goes through all of it: each secret has another value then. Returns the blocks.
    """
    who = "monitoring" if incident is Incident.ACCOUNT else f"monitoring:{ROLE}"
    reader.run(f"secretgen access --who={who} --runbook --incident={incident} > runbook.md")
    text = (reader.project / "runbook.md").read_text("utf-8")
    names = (SECRET, KEPT, ROTATED, WRITTEN)
    old = {name: current(reader, name) for name in names}
    iam = reader.aws.in_account(NEW_ACCOUNT).client("iam")
    reader.given = {"TF_VAR_prod__app__token": f"new after {incident}"}
    if incident is Incident.KEY:
        iam.create_user(UserName="builder")
        key = iam.create_access_key(UserName="builder")["AccessKey"]["AccessKeyId"]
        reader.given |= {"KEY_ID": key, "NAME": "builder"}
    if not followed:
        (version,) = RAISED.findall(text)
        spec = reader.project / "specs/production.yaml"
        raised = f"from: variable, version: {version}"
        spec.write_text(spec.read_text("utf-8").replace("from: variable", raised), "utf-8")
    found = blocks(text)
    for block in found:
        # The local AWS has no trail.
        if block not in followed and "cloudtrail" not in block:
            reader.run(TYPED + block)
        if "put-role-policy" in block and block not in followed:
            assert REVOKED in iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
    assert REVOKED not in iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
    if incident is Incident.KEY:
        (made,) = iam.list_access_keys(UserName="builder")["AccessKeyMetadata"]
        assert made["Status"] == "Inactive"
    if not followed:
        assert not [name for name in names if current(reader, name) == old[name]]
        assert reader.aws.secret_value(WRITTEN) == f"new after {incident}"
        for name in (SECRET, KEPT):
            assert reader.aws.secret_value(name) == "typed at the terminal"
    return set(found)
