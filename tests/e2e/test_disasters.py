"""The drills of docs/how-to/when-something-is-lost.md, with Terraform on the local AWS."""

import json
import shutil
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.e2e.test_key_moves import Project
from tests.harness.aws import REGION, LocalAws
from tests.harness.cycle import begin, prepare
from tests.harness.terraform import CHANGES, FAILED, Terraform
from tests.harness.workspace import DEAD_ENDPOINT, write_offline_override

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=90)]

WEST = "us-west-2"
FIRST, SECOND = "111111111111", "222222222222"
SPEC = f"""
version: 1
environment: test
aws: {{ account_id: "123456789012", region: us-east-1 }}
backend: {{ bucket: test-terraform-state, locking: s3 }}
accounts: {{ web: {{ id: "{FIRST}", role: shop-reader }} }}
secrets:
  token: {{ value: {{ from: variable }}, readers: [web], replicas: [us-west-2] }}
  orders: {{ readers: [web] }}
"""
VALUE = "value-of-the-token-4711"


def test_drills(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    project = Project(tmp_path, SPEC)
    prepare(aws, project.folder)
    cycle = begin(aws, project.folder, scratch, variables={"token": VALUE})
    aws.client("secretsmanager").put_secret_value(SecretId="orders", SecretString="by-hand-1")
    copy = json.dumps(cycle.terraform.state())

    home_region_unreachable(project, cycle.terraform, copy, aws)
    an_administrators_mistake(cycle.terraform, aws)
    a_readers_account_created_anew(project, cycle.terraform, aws, scratch)
    assert values(aws) == {"token": VALUE, "orders": "by-hand-1"}


def values(aws: LocalAws) -> dict[str, str]:
    return {name: aws.secret_value(name) for name in ("token", "orders")}


def home_region_unreachable(project: Project, online: Terraform, copy: str, aws: LocalAws) -> None:
    """A copy of the state still tells what is there and what a change would do."""
    assert aws.secret_value("token", WEST) == VALUE
    dead = Terraform(
        online.folder,
        online.scratch,
        {**online.environment, "AWS_ENDPOINT_URL": DEAD_ENDPOINT, "AWS_MAX_ATTEMPTS": "1"},
    )
    dead.plan(expect=(FAILED,))

    copied = project.folder.parents[2] / "offline"
    shutil.copytree(project.folder.parents[1], copied, ignore=shutil.ignore_patterns(".terraform"))
    root = copied / "environments/test"
    write_offline_override(root)
    (root / "terraform.tfstate").write_text(copy, encoding="utf-8")
    offline = Terraform(root, online.scratch, {"AWS_ENDPOINT_URL": DEAD_ENDPOINT})
    offline.init()
    offline.assert_no_changes("-refresh=false")
    secrets = root / "secrets.tf"
    text = secrets.read_text(encoding="utf-8")
    secrets.write_text(
        text.replace("recovery_window_in_days = 30", "recovery_window_in_days = 7", 1)
    )
    planned = offline.plan("-refresh=false", expect=(CHANGES,))
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in planned.text


def an_administrators_mistake(terraform: Terraform, aws: LocalAws) -> None:
    """A secret deleted, a policy replaced, a key scheduled for deletion: all of it comes back."""
    secrets, keys = aws.client("secretsmanager"), aws.client("kms")
    before = values(aws)
    policy = secrets.get_resource_policy(SecretId="token")["ResourcePolicy"]
    key = secrets.describe_secret(SecretId="token")["KmsKeyId"].rpartition("/")[2]
    secrets.put_resource_policy(
        SecretId="token", ResourcePolicy='{"Version": "2012-10-17", "Statement": []}'
    )
    secrets.delete_secret(SecretId="orders", RecoveryWindowInDays=7)
    keys.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(ClientError, match="marked deleted"):
        aws.secret_value("orders")

    secrets.restore_secret(SecretId="orders")
    keys.cancel_key_deletion(KeyId=key)
    keys.enable_key(KeyId=key)
    planned = terraform.plan(expect=(CHANGES,))
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in planned.text
    terraform.apply(str(terraform.plan_file))
    terraform.assert_no_changes()
    restored = secrets.get_resource_policy(SecretId="token")["ResourcePolicy"]
    assert json.loads(restored) == json.loads(policy)
    assert keys.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert values(aws) == before


def a_readers_account_created_anew(
    project: Project, terraform: Terraform, aws: LocalAws, scratch: Path
) -> None:
    """Another account id in the spec; the folder is applied in the new account, from nothing."""
    project.change({FIRST: SECOND})
    terraform.init()
    planned = terraform.plan(expect=(CHANGES,))
    assert " 0 to destroy." in planned.text
    terraform.apply(str(terraform.plan_file))
    terraform.assert_no_changes()
    for region in (REGION, WEST):
        policy = aws.client("secretsmanager", region).get_resource_policy(SecretId="token")
        assert SECOND in policy["ResourcePolicy"]
        assert FIRST not in policy["ResourcePolicy"]
    there = aws.in_account(SECOND)
    consumer = Terraform(project.folder / "consumers/web", scratch, there.environment())
    consumer.init()
    consumer.apply()
    consumer.assert_no_changes()
    names = [r["RoleName"] for r in there.client("iam").list_roles()["Roles"]]
    assert names == ["shop-reader"]
