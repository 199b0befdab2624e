"""What is rendered into other folders works with Terraform."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.harness.cycle import offline_plan

SETTINGS = 'environments = "infra/live/eu"\nmodules = "shared/modules"\n'


@pytest.mark.terraform
@pytest.mark.slow
def test_terraform_finds_the_module(empty: Path, scratch: Path, secretgen: Command) -> None:
    (empty / "secretgen.toml").write_text(SETTINGS, encoding="utf-8")
    assert secretgen("init").code == 0
    assert secretgen("render").code == 0
    plan = offline_plan(empty / "infra/live/eu/production", scratch)
    planned = {change["type"] for change in plan["resource_changes"]}
    assert {"aws_secretsmanager_secret", "aws_kms_key"} <= planned
