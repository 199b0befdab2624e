"""How long Terraform itself plans: one module block per secret, or a map in one module."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.bench.measure import once
from tests.bench.results import Row
from tests.harness.install import TerraformMissingError, find_installation

BLOCKS, MAP = "one module block per secret", "one module that takes a map"

_PROVIDER = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  max_retries                 = 1
}
"""

_RESOURCES = """\
resource "aws_kms_key" "this" {{{each}
  description             = "Secret ${{{name}}}"
  deletion_window_in_days = 30
  enable_key_rotation     = true
}}

resource "aws_kms_alias" "this" {{{each}
  name          = "alias/bench/${{{name}}}"
  target_key_id = aws_kms_key.this{of}.key_id
}}

resource "aws_secretsmanager_secret" "this" {{{each}
  name       = {name}
  kms_key_id = aws_kms_key.this{of}.arn
}}

resource "aws_secretsmanager_secret_policy" "this" {{{each}
  secret_arn = aws_secretsmanager_secret.this{of}.arn
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = {readers} }}
      Action    = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource  = "*"
    }}]
  }})
}}
"""
_READERS = '["arn:aws:iam::111111111111:root"]'


def write_blocks(folder: Path, size: int) -> None:
    """Writes a configuration with one module block per secret."""
    types = {"name": "string", "readers": "list(string)"}
    variables = "".join(f'variable "{n}" {{\n  type = {kind}\n}}\n\n' for n, kind in types.items())
    resources = _RESOURCES.format(each="", of="", name="var.name", readers="var.readers")
    calls = "".join(
        f'\nmodule "secret_{n}" {{\n  source  = "./secret"\n  name    = "app/secret-{n}"\n'
        f"  readers = {_READERS}\n}}\n"
        for n in range(size)
    )
    _write(folder, "secret", variables + resources, calls)


def write_map(folder: Path, size: int) -> None:
    """Writes a configuration with one module that takes all secrets."""
    variables = 'variable "secrets" {\n  type = map(object({ readers = list(string) }))\n}\n\n'
    each = "\n  for_each = var.secrets\n"
    resources = _RESOURCES.format(
        each=each, of="[each.key]", name="each.key", readers="each.value.readers"
    )
    entries = "".join(f'    "app/secret-{n}" = {{ readers = {_READERS} }}\n' for n in range(size))
    call = f'\nmodule "secrets" {{\n  source = "./secrets"\n  secrets = {{\n{entries}  }}\n}}\n'
    _write(folder, "secrets", variables + resources, call)


def _write(folder: Path, module: str, resources: str, calls: str) -> None:
    (folder / module).mkdir(parents=True)
    (folder / module / "main.tf").write_text(resources, encoding="utf-8")
    (folder / "main.tf").write_text(_PROVIDER + calls, encoding="utf-8")


def plan(folder: Path, size: int, title: str) -> Row:
    """Measures one plan, with nothing that answers for AWS."""
    try:
        installation = find_installation()
    except TerraformMissingError as error:
        return Row(size, title, None, f"not installed: {error}")
    (write_blocks if title == BLOCKS else write_map)(folder, size)
    environment = {
        "TF_CLI_CONFIG_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    terraform = str(installation.command)
    mirror = f"-plugin-dir={installation.mirror}"
    once([terraform, "init", "-input=false", mirror], folder, environment)
    cost = once([terraform, "plan", "-input=false", "-out=saved"], folder, environment)
    shutil.rmtree(folder)
    return Row(size, title, cost)
