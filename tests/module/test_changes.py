"""What a change of the spec does to what is in AWS already: nothing is ever replaced."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.harness.aws import LocalAws
from tests.harness.cycle import begin, prepare
from tests.harness.workspace import TREE_FOLDERS
from tests.rendered import render

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=35)]

SPEC = """
version: 1
environment: test
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: test-terraform-state, locking: s3 }
keys: { database: { description: Database secrets } }
secrets:
  db/app:
    kms_key: database
    group: Databases
    value: { from: variable }
    rotation:
      lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-postgres
      every_days: 30
"""
SECRET = "module.secret__db__app.aws_secretsmanager_secret.this"
POLICY = "module.secret__db__app.aws_secretsmanager_secret_policy.this"


def test_changes_of_the_spec(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    work = tmp_path / "tree"
    project = tmp_path / "project"
    project.mkdir()

    def change(before: str, after: str) -> None:
        nonlocal spec
        assert before in spec
        spec = spec.replace(before, after)
        render(project, spec)
        (work / "environments/test/rotation.tf").unlink(missing_ok=True)
        for name in TREE_FOLDERS:
            shutil.copytree(project / name, work / name, dirs_exist_ok=True)

    spec = SPEC
    change("version: 1", "version: 1")
    folder = work / "environments" / "test"
    prepare(aws, folder)
    cycle = begin(aws, folder, scratch, variables={"db__app": "seed-5b1c"}, replans=False)

    secrets = folder / "secrets.tf"
    rendered = secrets.read_text()
    secrets.write_text(re.sub(r"(secret_string_version += )1", r"\g<1>2", rendered))
    refused = " ".join(cycle.terraform.plan(expect=(1,)).text.split())
    assert "must stay 1 while the secret rotates, but is 2" in refused
    secrets.write_text(rendered)

    change("group: Databases", "group: Data\n    deletion_protection: false")
    cycle.terraform.init()
    # Nothing but the tag that tells what is protected.
    assert set(map(tuple, _changes(cycle.terraform).values())) == {("update",)}

    change("database", "data")
    cycle.terraform.init()
    changed = _changes(cycle.terraform)
    assert changed[SECRET] == ["update"]
    assert not any({"delete", "create"} <= set(actions) for actions in changed.values())
    assert changed["module.shared_key__database.aws_kms_key.this"] == ["delete"]
    cycle.terraform.apply(str(cycle.terraform.plan_file))
    assert aws.secret_value("db/app") == "seed-5b1c"

    ours = aws.json_policy("db/app")
    change("    kms_key: data", "    kms_key: data\n    policy: unmanaged")
    cycle.terraform.init()
    assert _changes(cycle.terraform) == {POLICY: ["forget"]}
    cycle.terraform.apply(str(cycle.terraform.plan_file))
    assert aws.json_policy("db/app") == ours
    theirs = {**ours, "Statement": [{**ours["Statement"][0], "Sid": "ByHand"}]}
    manager = aws.client("secretsmanager")
    manager.put_resource_policy(SecretId="db/app", ResourcePolicy=json.dumps(theirs))
    assert _changes(cycle.terraform) == {}

    # What is there is overwritten; with an import the plan shows what that is.
    change("    policy: unmanaged", "    policy: managed")
    cycle.terraform.init()
    assert _changes(cycle.terraform) == {POLICY: ["create"]}
    arn = manager.describe_secret(SecretId="db/app")["ARN"]
    entry = f"import: {{ to: secrets.db/app, id: {arn!r}, policy: true }}"
    change("secrets:\n", f"changes: [{entry}]\nsecrets:\n")
    assert _changes(cycle.terraform) == {POLICY: ["update"]}
    cycle.terraform.apply(str(cycle.terraform.plan_file))
    assert aws.json_policy("db/app") == ours
    cycle.terraform.assert_no_changes()

    change(spec[spec.index("    rotation:") :], "")
    cycle.terraform.init()
    assert _changes(cycle.terraform) == {
        "aws_lambda_permission.rotate_postgres__db": ["delete"],
        "module.secret__db__app.aws_secretsmanager_secret_rotation.this": ["delete"],
    }


def _changes(terraform: Any) -> dict[str, list[str]]:
    terraform.plan()
    return {
        change["address"]: change["change"]["actions"]
        for change in terraform.show_json()["resource_changes"]
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }
