"""The harness proves itself on a hand-written reference: red elsewhere then means the product."""

import base64
from pathlib import Path

import pytest

from tests.harness.aws import LocalAws
from tests.harness.cycle import (
    Cycle,
    begin,
    find_leaks,
    full_cycle,
    offline_plan,
    prepare,
)
from tests.harness.locking import apply_while_locked
from tests.harness.terraform import Terraform, TerraformFailedError
from tests.harness.workspace import copy_tree, provider_aliases

REFERENCE = Path(__file__).parent / "fixtures" / "reference"
ROOT_MODULE = "environments/reference"
BUCKET, TABLE = "reference-terraform-state", "reference-terraform-lock"
CANARY = "canary-5f21-password"
LOCKING = {
    "dynamodb": f'dynamodb_table = "{TABLE}"',
    "s3": "use_lockfile = true",
    "both": f'dynamodb_table = "{TABLE}"\n    use_lockfile = true',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_tree(REFERENCE, tmp_path / "tree") / ROOT_MODULE


@pytest.mark.slow
@pytest.mark.terraform
def test_life_of_an_environment(aws: LocalAws, folder: Path, scratch: Path) -> None:
    prepare(aws, folder)

    def rotate_from_outside(cycle: Cycle) -> None:
        assert aws.secret_value("reference/rotated", "us-west-2") == CANARY
        aws.rotate("reference/rotated", times=3)

    cycle = full_cycle(
        aws, folder, scratch, variables={"password": CANARY}, between=rotate_from_outside
    )
    assert (folder / ".terraform/providers/registry.terraform.io/hashicorp/aws").exists()
    assert [run.arguments[0] for run in cycle.terraform.runs].count("plan") == 3


FAULTY = """
terraform {
  backend "s3" {
    bucket = "faulty-state"
    key    = "faulty/terraform.tfstate"
    region = "us-east-1"
  }
}
provider "aws" {
  region = "us-east-1"
}
variable "password" {
  type = string
}
resource "aws_secretsmanager_secret" "this" {
  name = "faulty/secret"
}
resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.id
  secret_string = var.password
}
"""


@pytest.mark.slow
@pytest.mark.terraform
def test_faults_are_found(aws: LocalAws, tmp_path: Path, scratch: Path) -> None:
    """A value in the state, and a version whose labels rotations take away."""
    folder = tmp_path / "tree" / "environments" / "faulty"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(FAULTY)
    prepare(aws, folder)
    with pytest.raises(AssertionError, match="secret values found in: plan:tfplan") as found:
        begin(aws, folder, scratch, variables={"password": CANARY})
    assert CANARY not in str(found.value)
    terraform = Terraform(folder, scratch, aws.environment(), {"password": CANARY})
    terraform.apply()
    aws.rotate("faulty/secret", times=1)
    terraform.assert_no_changes()
    aws.rotate("faulty/secret", times=1)
    with pytest.raises(TerraformFailedError, match="the plan should be empty"):
        terraform.assert_no_changes()


@pytest.mark.terraform
@pytest.mark.parametrize("locking", LOCKING)
def test_second_apply_is_refused_while_the_first_holds_the_lock(
    aws: LocalAws, tmp_path: Path, locking: str
) -> None:
    aws.create_state_backend(BUCKET, TABLE)
    backend = tmp_path / "backend.tf"
    backend.write_text(
        f'terraform {{\n  backend "s3" {{\n    bucket = "{BUCKET}"\n    key = "a/b.tfstate"\n'
        f'    region = "us-east-1"\n    {LOCKING[locking]}\n  }}\n}}\n'
    )
    work = tmp_path / "work"
    work.mkdir()
    refused = apply_while_locked(aws, backend, work)
    assert "Error acquiring the state lock" in refused.text


@pytest.mark.terraform
def test_offline_plan_needs_no_aws(folder: Path, scratch: Path) -> None:
    plan = offline_plan(folder, scratch, {"password": CANARY})
    planned = {change["address"] for change in plan["resource_changes"]}
    assert "module.rotated.aws_secretsmanager_secret.this" in planned
    assert provider_aliases(folder) == [None, "us-west-2"]


@pytest.mark.terraform
def test_a_tree_is_checked_for_terraforms_own_layout(folder: Path, scratch: Path) -> None:
    terraform = Terraform(folder, scratch)
    terraform.fmt_check(folder.parents[1])
    (folder / "main.tf").write_text("locals {\na = 1\n}\n")
    with pytest.raises(TerraformFailedError, match=r"\+  a = 1"):
        terraform.fmt_check(folder.parents[1])


@pytest.mark.terraform
def test_a_late_call_is_interrupted_and_told(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "wait.tf").write_text(
        'resource "terraform_data" "a" {\n  provisioner "local-exec" {\n'
        '    command = "exec sleep 60"\n  }\n}\n'
    )
    terraform = Terraform(tmp_path, scratch)
    terraform.init()
    with pytest.raises(TerraformFailedError, match="not finished after 2 s"):
        terraform.apply(limit=2)
    assert "interrupt" in terraform.runs[-1].text.lower()


@pytest.mark.parametrize("prefix", ["", "x", "xy", "xyz"])
def test_a_leak_is_found_as_text_and_in_base64(prefix: str) -> None:
    plain = f"{prefix}{CANARY}?".encode()
    places = {"plain": plain, "encoded": base64.b64encode(plain), "clean": b"nothing"}
    assert find_leaks(places, [CANARY]) == ["plain", "encoded"]
