"""An applied environment: nothing is invented, and each change outside of Terraform is named."""

import json
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest

from secretgen.live.pace import Pace
from secretgen.spec.load import load_spec
from tests.auditing.changes import Change
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
) -> Applied:
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


def code_of(report: Any, rules: set[str]) -> int:
    """The exit code of what these rules found, had nothing else been found."""
    differing = {change["rule"] for found in report["drift"] for change in found["changes"]}
    broken = {d["rule"] for d in report["diagnostics"] if d["severity"] == "error"} - differing
    return 1 if rules & broken else 3 if rules & differing else 0


def groups() -> list[dict[str, Change]]:
    """The changes by name, in groups that hold one of a kind: of a first word, and of a rule."""
    found: list[tuple[set[str], dict[str, Change]]] = []
    for name, change in CHANGES.items():
        kinds = {name.replace(",", "").split()[0], *change.rules}
        there, group = next((g for g in found if not kinds & g[0]), (set(), {}))
        if not group:
            found.append((there, group))
        there |= kinds
        group[name] = change
    return [group for _, group in found]


@pytest.mark.slow(seconds=15)
@pytest.mark.parametrize("applied", [PRODUCTION], indirect=True, ids=["production"])
def test_shown_settings_exist_in_the_environment(applied: Applied) -> None:
    applied.aws.record()
    code, report = applied.audit()
    assert (code, report["drift"]) == (0, []), told(report)
    assert rules_of(report) <= EXTERNAL, told(report)
    applied.assert_allowed_to_plan()


@pytest.mark.slow(seconds=30)
@pytest.mark.parametrize("applied", [SPECS / "rich.yaml"], indirect=True, ids=["rich"])
def test_each_change_outside_of_terraform_is_named(applied: Applied) -> None:
    applied.aws.record()
    code, report = applied.audit()
    before = rules_of(report)
    assert (code, report["drift"]) == (0, []), told(report)
    applied.assert_allowed_to_plan()
    assert before <= EXTERNAL, told(report)
    failures = []
    for group in groups():
        undo = [change.make(applied.aws) for change in group.values()]
        code, report = applied.audit()
        for take_back in reversed(undo):
            take_back()
        text = told(report)
        rules = {rule for change in group.values() for rule in change.rules}
        if (code, rules_of(report) - before) != (code_of(report, rules), rules):
            failures.append(f"{', '.join(group)}: {code}\n{text}")
        for name, change in group.items():
            if code_of(report, change.rules) != change.code or change.says not in text:
                failures.append(f"{name}: {code_of(report, change.rules)}\n{text}")
    assert not failures, "\n\n".join(failures)
    code, report = applied.audit()
    assert (code, rules_of(report)) == (0, before), told(report)
    applied.aws.client("secretsmanager").delete_secret(
        SecretId="db/scheduled", ForceDeleteWithoutRecovery=True
    )
    code, report = applied.audit()
    assert (code, rules_of(report) - before) == (1, {"SG620"}), told(report)
    assert all(finding["stage"] == "live" for finding in report["diagnostics"])
