"""An applied environment: nothing is invented, and each change outside of Terraform is named."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest

from secretgen.live.pace import Pace
from secretgen.spec.load import load_spec
from tests.auditing.changes_by_hand import CHANGES
from tests.cli.conftest import Command, secretgen
from tests.harness.aws import LocalAws
from tests.harness.cycle import prepare
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree
from tests.policy.calls import Tags, refused
from tests.rendered import PRODUCTION, SPECS, render

__all__ = ["secretgen"]

pytestmark = pytest.mark.terraform

EXTERNAL = {"SG640"}


@dataclass
class Applied:
    """A project whose environment is applied."""

    root: Path
    aws: LocalAws
    secretgen: Command

    def audit(self, *options: str) -> tuple[int, Any]:
        result = self.secretgen("audit", "--root", str(self.root), "--format", "json", *options)
        return result.code, json.loads(result.out)

    def assert_allowed_to_plan(self) -> None:
        """The role that plans may do all that an audit does: the scheduled workflow uses it."""
        (spec,) = (self.root / "specs").glob("*.yaml")
        environment = load_spec(spec.read_bytes(), spec.name).environment
        assert environment
        calls = self.aws.recorded()
        assert {"secretsmanager:ListSecrets", "kms:ListGrants"} <= {str(call) for call in calls}
        assert refused(environment, "plan", calls, Tags()) == set()


@pytest.fixture
def applied(  # noqa: PLR0917 -- pytest's own fixtures
    tmp_path: Path,
    scratch: Path,
    aws: LocalAws,
    monkeypatch: pytest.MonkeyPatch,
    secretgen: Command,
    request: pytest.FixtureRequest,
) -> Iterator[Applied]:
    """The environment of a spec, applied by Terraform."""
    project = tmp_path / "project"
    project.mkdir()
    folder = render(project, request.param.read_text(encoding="utf-8"))
    copy = copy_tree(project, tmp_path / "tree") / "environments" / folder.name
    prepare(aws, copy)
    text = (copy / "variables.tf").read_text()
    names = [line.split('"')[1] for line in text.splitlines() if line.startswith("variable ")]
    terraform = Terraform(
        copy, scratch, environment=aws.environment(), variables=dict.fromkeys(names, "canary-8d1f")
    )
    terraform.init()
    terraform.apply()
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("secretgen.live.aws.Pace", partial(Pace, 1000))
    # A session reads the definitions of the services, which are the same for each audit.
    monkeypatch.setattr("boto3.Session", cache(boto3.Session))
    return Applied(project, aws, secretgen)


def rules_of(report: Any) -> set[str]:
    return {finding["rule"] for finding in report["diagnostics"]}


def told(report: Any) -> str:
    return "\n".join(f"{d['summary']} {d['detail']}" for d in report["diagnostics"])


@pytest.mark.slow(seconds=40)
@pytest.mark.parametrize("applied", [PRODUCTION], indirect=True, ids=["production"])
def test_shown_settings_exist_in_the_environment(applied: Applied) -> None:
    applied.aws.record()
    code, report = applied.audit()
    assert (code, report["drift"]) == (0, []), told(report)
    assert rules_of(report) <= EXTERNAL, told(report)
    applied.assert_allowed_to_plan()


@pytest.mark.slow(seconds=60)
@pytest.mark.parametrize("applied", [SPECS / "rich.yaml"], indirect=True, ids=["rich"])
def test_each_change_outside_of_terraform_is_named(applied: Applied) -> None:
    applied.aws.record()
    code, report = applied.audit()
    before = rules_of(report)
    assert (code, report["drift"]) == (0, []), told(report)
    applied.assert_allowed_to_plan()
    assert before <= EXTERNAL, told(report)
    failures = []
    for name, change in CHANGES.items():
        undo = change.make(applied.aws)
        code, report = applied.audit()
        undo()
        found, text = rules_of(report) - before, told(report)
        if (code, found) != (change.code, change.rules) or change.says not in text:
            failures.append(f"{name}: {code} {found}\n{text}")
    assert not failures, "\n\n".join(failures)
    code, report = applied.audit()
    assert (code, rules_of(report)) == (0, before), told(report)
    applied.aws.client("secretsmanager").delete_secret(
        SecretId="db/scheduled", ForceDeleteWithoutRecovery=True
    )
    code, report = applied.audit()
    assert (code, rules_of(report) - before) == (1, {"SG620"}), told(report)
    assert all(finding["stage"] == "live" for finding in report["diagnostics"])
