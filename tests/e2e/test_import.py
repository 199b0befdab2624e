"""An account that grew over years moves in: nothing is lost, and no value is touched.

`secretgen import` writes the spec, Terraform imports what it names. Then the account is as it was,
but for the policies, tags and names of keys that the report announces.
"""

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from secretgen.cli import run
from secretgen.live.permissions import VALUES
from tests.harness.aws import REGION, LocalAws
from tests.harness.cycle import prepare
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree
from tests.importing.brownfield import EXPRESSIBLE, INEXPRESSIBLE, SKIPPED, make, versions

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=60)]

FOREIGN_KEY = "keyed/foreign"


def test_a_grown_account_moves_in(
    aws: LocalAws,
    tmp_path: Path,
    scratch: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(aws)
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    before = versions(aws)
    project = tmp_path / "project"
    (project / "specs").mkdir(parents=True)
    spec = project / "specs" / "test.yaml"

    aws.record()
    imported = ["import", str(spec), "--region", REGION]
    assert run(imported) == 0
    told = capsys.readouterr().out
    text = spec.read_text()
    assert run(imported) == 0
    assert spec.read_text() == text
    calls = [str(call) for call in aws.recorded()]
    assert calls
    assert not [c for c in calls if any(fnmatchcase(c, value) for value in VALUES)]
    for name in (*SKIPPED, *INEXPRESSIBLE, FOREIGN_KEY):
        assert f"\n  {name}: " in told
        assert f"\n  {name}:\n" not in text

    # Policies that a spec cannot express stay as they are.
    aws_policies = {name: aws.json_policy(name) for name in INEXPRESSIBLE}
    assert run([*imported, "--policy", "unmanaged"]) == 0
    text = spec.read_text()
    assert text.count("policy: unmanaged") == len(INEXPRESSIBLE)

    assert run(["render", "--root", str(project)]) == 0
    folder = copy_tree(project, tmp_path / "tree") / "environments" / "test"
    prepare(aws, folder)
    terraform = Terraform(folder, scratch, environment=aws.environment(), variables={})
    terraform.init()
    terraform.plan()
    plan = terraform.show_json()
    _assert_plan(plan, text.count("- import:"))
    shown = project / "plan.json"
    shown.write_text(json.dumps(plan))
    capsys.readouterr()
    code = run(["gate", str(spec), "--plan", str(shown)])
    assert code == 0, capsys.readouterr().out
    aws.record()
    terraform.apply(str(terraform.plan_file))
    calls = [str(call) for call in aws.recorded()]
    assert not [c for c in calls if any(fnmatchcase(c, value) for value in _NOT_IN_AN_APPLY)]
    terraform.assert_no_changes()
    assert versions(aws) == before
    assert {name: aws.json_policy(name) for name in INEXPRESSIBLE} == aws_policies


_NOT_IN_AN_APPLY = set(VALUES) - {"secretsmanager:UpdateSecret"}


def _assert_plan(plan: dict[str, Any], secrets: int) -> None:
    changes = [c for c in plan["resource_changes"] if c["mode"] == "managed"]
    for change in changes:
        assert "delete" not in change["change"]["actions"], change["address"]
        assert change["type"] != "aws_secretsmanager_secret_version", change["address"]
        if change["type"] == "aws_secretsmanager_secret_rotation":
            assert change["change"]["actions"] == ["no-op"], json.dumps(change["change"])
    imported = [c for c in changes if "importing" in c["change"]]
    kinds = [c["type"] for c in imported]
    assert kinds.count("aws_secretsmanager_secret") == secrets
    for change in (c["change"] for c in imported if "replica" in (c["change"]["after"] or {})):
        regions = [
            {(r["region"], r["kms_key_id"]) for r in change[side]["replica"]}
            for side in ("before", "after")
        ]
        assert regions[0] == regions[1]
    assert kinds.count("aws_secretsmanager_secret_policy") == len(EXPRESSIBLE)
    assert kinds.count("aws_secretsmanager_secret_rotation") == 3
