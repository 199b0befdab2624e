"""The harness proves itself: it finds the faults that it is there to find."""

import base64
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.harness.aws import LocalAws
from tests.harness.commands import command_folder
from tests.harness.cycle import begin, find_leaks, prepare
from tests.harness.locking import HOLDER, wait_for
from tests.harness.terraform import FAILED, Terraform, TerraformFailedError
from tests.rendered import SPECS

CANARY = "canary-5f21-password"

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
def test_defects_are_found(aws: LocalAws, tmp_path: Path, scratch: Path) -> None:
    """A value in the state, and a version whose labels rotations take away."""
    folder = tmp_path / "tree" / "environments" / "faulty"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(FAULTY)
    prepare(aws, folder)
    with pytest.raises(AssertionError, match="secret values found in: plan:tfplan") as found:
        begin(aws, folder, scratch, variables={"password": CANARY})
    assert CANARY not in str(found.value)
    terraform = Terraform(folder, scratch, aws.environment(), {"password": CANARY})
    terraform.apply(str(terraform.plan_file))
    aws.rotate("faulty/secret", times=2)
    with pytest.raises(TerraformFailedError, match="the plan should be empty"):
        terraform.assert_no_changes()


PLACED = """
provider "aws" {{
  region              = "{0}"
  allowed_account_ids = ["{account}"]
}}
provider "aws" {{
  alias  = "second"
  region = "{1}"
}}
resource "aws_secretsmanager_secret" "first" {{
  name = "{name}/{0}"
}}
resource "aws_secretsmanager_secret" "second" {{
  provider = aws.second
  name     = "{name}/{1}"
}}
"""


@pytest.mark.slow
@pytest.mark.terraform
def test_each_running_provider_has_one_configuration(tmp_path: Path, aws: LocalAws) -> None:
    """Whatever they did before, each resource lands in its provider's Region and account."""
    other = aws.in_account("210987654321")
    regions = ["us-east-1", "eu-central-1"]
    made: dict[tuple[str, str], set[str]] = {}
    for number, there in enumerate([aws, aws, other, aws]):
        folder, scratch, name = tmp_path / f"{number}", tmp_path / f"scratch{number}", f"n{number}"
        folder.mkdir()
        scratch.mkdir()
        text = PLACED.format(*regions, account=there.account, name=name)
        (folder / "main.tf").write_text(text)
        terraform = Terraform(folder, scratch, there.environment())
        terraform.init()
        terraform.apply()
        for region in regions:
            made.setdefault((there.account, region), set()).add(f"{name}/{region}")
        regions.reverse()
        if number == 1:
            _interrupt_an_apply(terraform, there)
    for (account, region), names in made.items():
        client = aws.in_account(account).client("secretsmanager", region)
        assert {secret["Name"] for secret in client.list_secrets()["SecretList"]} == names
    terraform.assert_no_changes()
    text = PLACED.format(*regions, account=other.account, name="wrong")
    (folder / "main.tf").write_text(text)
    refused = terraform.plan(expect=(FAILED,))
    assert "AWS account ID not allowed: 123456789012" in refused.text


def _interrupt_an_apply(terraform: Terraform, aws: LocalAws) -> None:
    """End an apply in the middle, which leaves a provider behind that has been told to stop."""
    key = terraform.folder / "key.tf"
    key.write_text('resource "aws_kms_key" "slow" {\n  tags = { a = "b" }\n}\n')
    call = ("apply", "-input=false", "-auto-approve")
    process = terraform.start(*call)
    keys = aws.client("kms", "us-east-1"), aws.client("kms", "eu-central-1")
    while process.poll() is None and not any(client.list_keys()["Keys"] for client in keys):
        time.sleep(0.05)
    # The provider now waits some seconds for the tags of the key to be seen.
    with pytest.raises(TerraformFailedError, match="not finished after 0 s"):
        terraform.finish(process, call, limit=0.1)
    assert process.returncode != 0
    key.unlink()


@pytest.mark.parametrize("arguments", [["check"], ["render", "--quite"]])
def test_a_forked_command_does_what_a_process_of_its_own_does(
    arguments: list[str], tmp_path: Path
) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/small.yaml").write_text((SPECS / "small.yaml").read_text("utf-8"), "utf-8")
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "70"}
    forked, own = (
        subprocess.run(
            [*command, *arguments],
            check=False,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        for command in ([command_folder() / "secretgen"], [sys.executable, "-m", "secretgen"])
    )
    assert forked.returncode == own.returncode != 0
    assert forked.stdout + forked.stderr
    assert (forked.stdout, forked.stderr) == (own.stdout, own.stderr)


def test_an_answer_of_the_local_aws_comes_in_one_piece(aws: LocalAws) -> None:
    where = urlsplit(aws.endpoint)
    for _ in range(20):
        with socket.create_connection((where.hostname, where.port)) as connection:
            connection.sendall(b"GET /moto-api/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            head, _, body = connection.recv(1 << 20).partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length
        assert len(body) == int(length[1]) > 0


@pytest.mark.terraform
def test_tree_is_checked_for_terraform_layout(tmp_path: Path, scratch: Path) -> None:
    folder = tmp_path / "tree" / "environments" / "a"
    folder.mkdir(parents=True)
    terraform = Terraform(folder, scratch)
    terraform.fmt_check(folder.parents[1])
    (folder / "main.tf").write_text("locals {\na = 1\n}\n")
    with pytest.raises(TerraformFailedError, match=r"\+  a = 1"):
        terraform.fmt_check(folder.parents[1])


@pytest.mark.terraform
def test_late_call_is_interrupted_and_reported(tmp_path: Path, scratch: Path) -> None:
    (tmp_path / "hold.tf").write_text(HOLDER)
    terraform = Terraform(tmp_path, scratch)
    terraform.init()
    call = ("apply", "-input=false", "-auto-approve")
    process = terraform.start(*call)
    wait_for(tmp_path / "held")
    with pytest.raises(TerraformFailedError, match="not finished after 1 s"):
        terraform.finish(process, call, limit=1)
    assert "interrupt" in terraform.runs[-1].text.lower()


@pytest.mark.parametrize("prefix", ["", "x", "xy", "xyz"])
def test_a_leak_is_found_as_text_and_in_base64(prefix: str) -> None:
    plain = f"{prefix}{CANARY}?".encode()
    places = {"plain": plain, "encoded": base64.b64encode(plain), "clean": b"nothing"}
    assert find_leaks(places, [CANARY]) == ["plain", "encoded"]
