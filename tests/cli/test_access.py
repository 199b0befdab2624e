"""`secretgen access` judges what the spec renders, and says whether that is what is committed."""

import json
import shutil
from pathlib import Path

from tests.cli.conftest import Command


def test_edited_committed_policy_is_a_finding(project: Path, secretgen: Command) -> None:
    assert secretgen("access").code == 0
    module = project / "modules/aws-secrets/main.tf"
    module.write_text(module.read_text("utf-8").replace("var.readers", '["*"]'), "utf-8")
    result = secretgen("access")
    assert result.code == 1
    assert "The file modules/aws-secrets/main.tf is edited" in result.out
    assert "Access matches the spec." not in result.out
    report = json.loads(secretgen("access", "--format", "json").out)
    assert not report["ok"]
    assert {finding["kind"] for finding in report["findings"]} == {"drifted"}


def test_unrendered_environment_is_noted(project: Path, secretgen: Command) -> None:
    shutil.rmtree(project / "environments")
    result = secretgen("access")
    assert result.code == 0
    assert "is not rendered yet" in result.out
