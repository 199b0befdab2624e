"""A state that is lost is built again by the page: no secret, key, value or label changes."""

import re
from pathlib import Path

import pytest

from secretgen.cli import run
from tests.harness.aws import REPOSITORY, LocalAws
from tests.harness.cycle import begin, prepare
from tests.harness.desk import Desk, commands
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=20)]

PAGE = (REPOSITORY / "docs/how-to/move-in.md").read_text(encoding="utf-8")
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotate-app"
SPEC = f"""\
version: 1
environment: production
aws: {{ account_id: "123456789012", region: us-east-1 }}
backend: {{ bucket: test-terraform-state, locking: s3 }}
accounts:
  app: {{ id: "111111111111" }}
keys: {{ db: {{ description: Shared }} }}
secrets:
  app/own: {{ value: {{ from: variable }}, replicas: [us-west-2], readers: [app] }}
  app/shared: {{ kms_key: db, value: {{ from: variable }} }}
  app/rotated:
    kms_key: db
    value: {{ from: variable }}
    rotation: {{ lambda_arn: "{FUNCTION}", every_days: 30 }}
"""
VALUES = {f"app__{name}": f"{name}-3f9c" for name in ("own", "shared", "rotated")}


def test_a_lost_state(aws: LocalAws, tmp_path: Path, scratch: Path) -> None:
    project = tmp_path / "project"
    spec = project / "specs" / "production.yaml"
    spec.parent.mkdir(parents=True)
    spec.write_text(SPEC)
    assert run(["render", "--root", str(project)]) == 0
    folder = copy_tree(project, tmp_path / "tree") / "environments" / "production"
    prepare(aws, folder)
    begin(aws, folder, scratch, variables=VALUES)
    names = ("app/own", "app/shared", "app/rotated")
    labels = {name: aws.labels(name) for name in names}
    keys = _keys(aws)

    s3 = aws.client("s3")
    s3.delete_object(Bucket="test-terraform-state", Key="production/secrets/terraform.tfstate")
    (first,) = re.findall(r"Set `value: ({.*?})` for secrets whose value", PAGE, re.DOTALL)
    spec.write_text(SPEC.replace("{ from: variable }", first))
    home = tmp_path / "home"
    home.mkdir()
    desk, step = Desk(aws, project, home), commands(PAGE, "After losing the state", "--existing")
    told = desk.run(step).stdout
    text = spec.read_text()
    desk.run(step)
    assert spec.read_text() == text
    by_hand = [line.strip() for line in told.splitlines() if line.startswith("  aws ")]
    assert len(by_hand) == 4
    desk.run("\n".join(by_hand))

    assert run(["render", "--root", str(project)]) == 0
    again = copy_tree(project, tmp_path / "again") / "environments" / "production"
    new = tmp_path / "new-scratch"
    new.mkdir()
    terraform = Terraform(again, new, environment=aws.environment(), variables={})
    terraform.init()
    terraform.plan()
    changes = [c for c in terraform.show_json()["resource_changes"] if c["mode"] == "managed"]
    created = {c["type"] for c in changes if c["change"]["actions"] == ["create"]}
    assert created == {"aws_kms_alias", "aws_lambda_permission"}
    assert not [c["address"] for c in changes if "delete" in c["change"]["actions"]]
    terraform.apply(str(terraform.plan_file))
    terraform.assert_no_changes()
    assert {name: aws.labels(name) for name in names} == labels
    assert {name: aws.secret_value(name) for name in names} == {
        name: VALUES[name.replace("/", "__")] for name in names
    }
    assert _keys(aws) == keys


def _keys(aws: LocalAws) -> dict[str, str]:
    client = aws.client("secretsmanager")
    return {s["Name"]: s["KmsKeyId"] for s in client.list_secrets()["SecretList"]}
