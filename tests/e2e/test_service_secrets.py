"""The rotation of a secret that an AWS service owns, from its first apply until it is let go."""

from pathlib import Path

import pytest

from tests.harness.aws import LocalAws
from tests.harness.cycle import begin, prepare
from tests.harness.terraform import TerraformFailedError
from tests.harness.workspace import copy_tree
from tests.rendered import render

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=10)]

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-6d0a3f1e-AbCdEf"
SPEC = f"""
version: 1
environment: test
aws: {{ account_id: "123456789012", region: us-east-1 }}
backend: {{ bucket: test-terraform-state, locking: s3 }}
secrets: {{ app/token: {{ kms_key: aws-managed }} }}
service_secrets:
  orders-master:
    arn: "{ARN}"
    rotation: {{ every_days: 30 }}
"""
ADDRESS = "aws_secretsmanager_secret_rotation.orders_master"


def test_service_secret_rotation_is_set_and_never_switched_off(
    tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    folder = copy_tree(render(project, SPEC).parents[1], tmp_path / "tree") / "environments/test"
    prepare(aws, folder)
    cycle = begin(aws, folder, scratch)
    terraform = cycle.terraform
    assert _days(aws) == 30
    assert ADDRESS in terraform.addresses()
    value = aws.secret_value(ARN)

    path = folder / "service_secrets.tf"
    again = render(project, SPEC.replace("every_days: 30", "every_days: 60")) / path.name
    path.write_text(again.read_text())
    terraform.apply()
    assert _days(aws) == 60
    cycle.assert_clean()

    with pytest.raises(TerraformFailedError, match="Instance cannot be destroyed"):
        terraform.destroy()

    aws.record()
    path.write_text(
        f"removed {{\n  from = {ADDRESS}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"
    )
    terraform.apply()
    assert ADDRESS not in terraform.addresses()
    cycle.assert_clean()
    assert "CancelRotateSecret" not in {call.operation for call in aws.recorded()}
    described = aws.client("secretsmanager").describe_secret(SecretId=ARN)
    assert described["RotationEnabled"]
    assert aws.secret_value(ARN) == value


def _days(aws: LocalAws) -> int:
    described = aws.client("secretsmanager").describe_secret(SecretId=ARN)
    assert "RotationLambdaARN" not in described or not described["RotationLambdaARN"]
    return int(described["RotationRules"]["AutomaticallyAfterDays"])
