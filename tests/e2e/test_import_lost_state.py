"""A state that is lost is built again by import: no secret, key, value or label changes."""

from pathlib import Path

import pytest

from secretgen.cli import run
from tests.harness.aws import LocalAws
from tests.harness.cycle import begin, prepare
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree
from tests.rendered import write_spec

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=60)]

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotate-app"
SPEC = f"""\
version: 1
environment: test
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


def test_a_lost_state(
    aws: LocalAws,
    tmp_path: Path,
    scratch: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project = tmp_path / "project"
    spec = write_spec(project, SPEC)
    assert run(["render", "--root", str(project)]) == 0
    folder = copy_tree(project, tmp_path / "tree") / "environments" / "test"
    prepare(aws, folder)
    begin(aws, folder, scratch, variables=VALUES)
    names = ("app/own", "app/shared", "app/rotated")
    labels = {name: aws.labels(name) for name in names}
    keys = _keys(aws)

    s3 = aws.client("s3")
    s3.delete_object(Bucket="test-terraform-state", Key="test/secrets/terraform.tfstate")
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    capsys.readouterr()
    spec.write_text(SPEC.replace("{ from: variable }", "{ from: external }"))
    assert run(["import", str(spec), "--existing"]) == 0
    told = capsys.readouterr().out
    text = spec.read_text()
    assert run(["import", str(spec), "--existing"]) == 0
    assert spec.read_text() == text
    commands = [line.strip() for line in told.splitlines() if line.startswith("  aws ")]
    assert len(commands) == 4
    for command in commands:
        _run(aws, command)

    assert run(["render", "--root", str(project)]) == 0
    again = copy_tree(project, tmp_path / "again") / "environments" / "test"
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


def _run(aws: LocalAws, command: str) -> None:
    """Runs a command of the report; the AWS CLI is not needed for these two."""
    words = command.split()
    options = dict(zip(words[3::2], words[4::2], strict=True))
    region = options["--region"]
    if words[1:3] == ["kms", "delete-alias"]:
        aws.client("kms", region).delete_alias(AliasName=options["--alias-name"])
    else:
        assert words[1:3] == ["lambda", "remove-permission"], command
        aws.client("lambda", region).remove_permission(
            FunctionName=options["--function-name"], StatementId=options["--statement-id"]
        )
