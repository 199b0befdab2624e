"""Secrets move from other Terraform code by the page: in one state, and to another one.

The old code has the layouts of terraform-aws-modules/secrets-manager (`this[0]`) and of
lgallard/secrets-manager (`sm["name"]`), and a secret written by hand, with versions that hold
values in plain text.
"""

import json
import shutil
from pathlib import Path

import pytest

from secretgen.cli import run
from tests.harness.aws import ACCOUNT, REPOSITORY, LocalAws
from tests.harness.cycle import prepare
from tests.harness.desk import Desk, commands
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=10)]

PAGE = (REPOSITORY / "docs/how-to/move-from-terraform-aws-modules.md").read_text(encoding="utf-8")
TITLE = "Move from other Terraform code"
CANARY = "canary-3f9c"
SPEC = f"""\
version: 1
environment: production
aws: {{ account_id: "{ACCOUNT}", region: us-east-1 }}
backend: {{ bucket: test-terraform-state, locking: s3 }}
secrets:
"""
OLD = """\
terraform {
  backend "s3" {
    bucket = "test-terraform-state"
    key    = "%(key)s"
    region = "us-east-1"
  }
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
}
module "db" {
  source = "./tam"
}
module "many" {
  source = "./lgallard"
}
resource "aws_secretsmanager_secret" "own" {
  name = "own/token"
}
resource "aws_secretsmanager_secret_version" "own" {
  secret_id     = aws_secretsmanager_secret.own.id
  secret_string = "canary-3f9c own"
}
"""
TAM = """\
resource "aws_secretsmanager_secret" "this" {
  count       = 1
  name        = "prod/db"
  description = "From a module"
}
resource "aws_secretsmanager_secret_policy" "this" {
  count      = 1
  secret_arn = aws_secretsmanager_secret.this[0].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "secretsmanager:*"
      Resource  = "*"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
resource "aws_secretsmanager_secret_version" "this" {
  count         = 1
  secret_id     = aws_secretsmanager_secret.this[0].id
  secret_string = "canary-3f9c db"
}
"""
LGALLARD = """\
locals {
  secrets = toset(["a", "b"])
}
resource "aws_secretsmanager_secret" "sm" {
  for_each = local.secrets
  name     = "many/${each.key}"
  tags     = { team = each.key }
}
resource "aws_secretsmanager_secret_version" "sm-svu" {
  for_each      = local.secrets
  secret_id     = aws_secretsmanager_secret.sm[each.key].id
  secret_string = "canary-3f9c ${each.key}"
  lifecycle {
    ignore_changes = [secret_string, secret_id]
  }
}
"""
KEYED = """\
resource "aws_kms_key" "own" {}
resource "aws_secretsmanager_secret" "own" {
  kms_key_id = aws_kms_key.own.arn
"""
VALUES = {
    "prod/db": f"{CANARY} db",
    "many/a": f"{CANARY} a",
    "many/b": f"{CANARY} b",
    "own/token": f"{CANARY} own",
}


def _old(aws: LocalAws, folder: Path, scratch: Path, key: str, code: str = OLD) -> Terraform:
    for name, text in (("tam", TAM), ("lgallard", LGALLARD)):
        (folder / name).mkdir(parents=True)
        (folder / name / "main.tf").write_text(text)
    (folder / "main.tf").write_text(code % {"key": key})
    prepare(aws, folder)
    terraform = Terraform(folder, scratch, environment=aws.environment(), variables={})
    terraform.init()
    terraform.plan()
    terraform.apply(str(terraform.plan_file))
    return terraform


def _imported(project: Path, old: Terraform, aws: LocalAws, state: str) -> tuple[str, str]:
    """Does the steps of the page up to the plan; returns the spec and what the import tells."""
    spec = project / "specs" / "production.yaml"
    spec.parent.mkdir(parents=True)
    spec.write_text(SPEC)
    home = project.parent / "home"
    home.mkdir()
    desk = Desk(aws, project, home)
    old.shell(commands(PAGE, TITLE, "show -json"))
    shown = project / "state.json"
    shutil.move(old.folder / "state.json", shown)
    assert CANARY in shown.read_text()
    step = commands(PAGE, TITLE, "--from-state")
    assert step.endswith("--state other")
    told = desk.run(step.replace("--state other", f"--state {state}")).stdout
    assert CANARY not in told + spec.read_text()
    desk.run(commands(PAGE, TITLE, "secretgen render"))
    desk.run(commands(PAGE, TITLE, "rm state.json").partition("\n")[0])
    assert not shown.exists()
    return spec.read_text(), told


def _assert_moved(
    aws: LocalAws, project: Path, terraform: Terraform, labels: dict[str, object]
) -> None:
    terraform.init()
    terraform.plan()
    plan = terraform.show_json()
    changes = [c for c in plan["resource_changes"] if c["mode"] == "managed"]
    assert not [c["address"] for c in changes if "delete" in c["change"]["actions"]]
    versions = [c for c in changes if c["type"] == "aws_secretsmanager_secret_version"]
    assert {tuple(c["change"]["actions"]) for c in versions} <= {("forget",)}
    shown = project.parent / "plan.json"
    shown.write_text(json.dumps(plan))
    assert run(["gate", "--root", str(project), "--plan", str(shown)]) == 0
    terraform.apply(str(terraform.plan_file))
    terraform.assert_no_changes()
    assert {name: aws.secret_value(name) for name in VALUES} == VALUES
    assert {name: aws.labels(name) for name in VALUES} == labels


def test_in_one_state(aws: LocalAws, tmp_path: Path, scratch: Path) -> None:
    code = OLD.replace('resource "aws_secretsmanager_secret" "own" {\n', KEYED)
    old = _old(aws, tmp_path / "old", scratch, "production/secrets/terraform.tfstate", code)
    labels: dict[str, object] = {name: aws.labels(name) for name in VALUES}
    project = tmp_path / "project"
    text, _ = _imported(project, old, aws, "same")
    assert text.count("- move:") == 5
    folder = copy_tree(project, tmp_path / "tree") / "environments" / "production"
    new = tmp_path / "new-scratch"
    new.mkdir()
    terraform = Terraform(folder, new, environment=aws.environment(), variables={})
    _assert_moved(aws, project, terraform, labels)
    left = terraform.addresses()
    assert not [a for a in left if a.startswith(("module.db", "module.many", "aws_"))]


def test_from_one_state_to_another(aws: LocalAws, tmp_path: Path, scratch: Path) -> None:
    old = _old(aws, tmp_path / "old", scratch, "old/terraform.tfstate")
    labels: dict[str, object] = {name: aws.labels(name) for name in VALUES}
    project = tmp_path / "project"
    text, told = _imported(project, old, aws, "other")
    assert text.count("- import:") == 4
    folder = copy_tree(project, tmp_path / "tree") / "environments" / "production"
    new = tmp_path / "new-scratch"
    new.mkdir()
    terraform = Terraform(folder, new, environment=aws.environment(), variables={})
    _assert_moved(aws, project, terraform, labels)

    # What the report says to put into the old code, in the place of the modules.
    removed = told[told.index("removed {") : told.index("\n\nStates hold")]
    head = (OLD % {"key": "old/terraform.tfstate"}).partition('module "db"')[0]
    (tmp_path / "old" / "main.tf").write_text(head + removed)
    shutil.rmtree(tmp_path / "old" / "tam")
    old.init()
    old.plan()
    plan = old.show_json()
    actions = {json.dumps(c["change"]["actions"]) for c in plan["resource_changes"]}
    assert actions == {'["forget"]'}
    old.apply(str(old.plan_file))
    assert old.addresses() == []
    assert {name: aws.labels(name) for name in VALUES} == labels
    terraform.assert_no_changes()
