"""`secretgen access` judges what the spec renders, and says whether that is what is committed."""

import json
import shutil
from pathlib import Path

from tests.cli.conftest import SMALL, Command


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


def test_a_writer_is_an_answer_and_a_role_without_access_is_none(
    project: Path, secretgen: Command
) -> None:
    spec = project / "specs/small.yaml"
    accounts = 'accounts: { app: { id: "111111111111" } }\n'
    spec.write_text(
        accounts + SMALL.replace("app/token:", 'app/token: { writers: ["app:writer"] }'), "utf-8"
    )
    assert secretgen("access", "--who", "app:writer").code == 0
    assert secretgen("access", "--who", "app:nobody").code == 1
