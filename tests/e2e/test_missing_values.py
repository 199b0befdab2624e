"""A value is needed only when it is written; one that is missing then writes over nothing."""

import json
import re
from pathlib import Path

import pytest

from tests.harness.aws import LocalAws
from tests.harness.cycle import prepare
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree
from tests.rendered import render

pytestmark = [pytest.mark.terraform, pytest.mark.slow]

SPEC = """
version: 1
environment: test
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: test-terraform-state, locking: s3 }
defaults: { kms_key: aws-managed, deletion_protection: false, recovery_window_days: 0 }
secrets:
  app/token:
    value: { from: variable }
  app/database:
    value:
      from: json
      fields:
        engine: { literal: postgres }
        password: { from: variable }
        salt: { from: generated }
        pepper: { from: variable }
  app/seeded:
    value: { from: variable }
    rotation:
      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate
      every_days: 30
"""
DATABASE = {"app__database___password": "one-8d1f", "app__database___pepper": "two-8d1f"}
VALUES = {"app__token": "token-8d1f", "app__seeded": "seed-8d1f", **DATABASE}
NO_VALUE = "You must provide either SecretString or SecretBinary"


def test_values_are_needed_when_they_are_written(
    tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    render(project, SPEC)
    folder = copy_tree(project, tmp_path / "tree") / "environments" / "test"
    prepare(aws, folder)
    half = {name: value for name, value in VALUES.items() if not name.endswith("pepper")}
    terraform = Terraform(folder, scratch, environment=aws.environment(), variables=half)
    terraform.init()

    refused = terraform.apply(expect=(1,))
    assert refused.text.count(NO_VALUE) == 1
    assert "module.secret__app__database.aws_secretsmanager_secret_version" in refused.text
    assert aws.labels("app/database") == {}

    terraform.variables = DATABASE
    terraform.apply()
    written = json.loads(aws.secret_value("app/database"))
    assert (written["password"], written["pepper"]) == ("one-8d1f", "two-8d1f")
    assert aws.secret_value("app/token") == VALUES["app__token"]

    terraform.variables = {}
    rotated = aws.rotate("app/seeded", times=3)
    terraform.assert_no_changes()

    secrets = folder / "secrets.tf"
    blocks = re.split("^(?=module )", secrets.read_text(), flags=re.MULTILINE)
    raised = [b if "app/seeded" in b else b.replace("_version = 1", "_version = 2") for b in blocks]
    secrets.write_text("".join(raised))
    refused = terraform.apply(expect=(1,))
    assert refused.text.count(NO_VALUE) == 2
    assert aws.secret_value("app/token") == VALUES["app__token"]
    assert json.loads(aws.secret_value("app/database")) == written

    terraform.variables = {"app__token": "new-8d1f", **DATABASE}
    terraform.apply()
    terraform.variables = {}
    terraform.assert_no_changes()
    assert aws.secret_value("app/token") == "new-8d1f"
    assert aws.secret_value("app/seeded") == rotated
