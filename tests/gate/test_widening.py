"""Faithful plans have no finding, and each plan that is widened has one.

`SECRETGEN_UPDATE_GOLDEN=1` writes the table of docs/explanation/security.md again.
"""

import json
import os
import re

import pytest

from secretgen.cli import run
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.plan.judge import judge
from secretgen.plan.reading import read_plan
from secretgen.usecases.gating import named_roots
from tests.gate.edits import (
    BOOTSTRAP,
    ENVIRONMENT,
    OTHER_POLICY,
    POLICY,
    SECRET,
    STRANGER,
    allow,
    change,
    document,
    setting,
)
from tests.gate.life import gate
from tests.gate.widened import widening
from tests.rendered import PROJECT

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=1)]

EDITS = list(widening())
PAGE = PROJECT / "docs/explanation/security.md"
TABLE = re.compile(r"(?<=<!-- widened plans -->\n).*?(?=<!-- end -->)", re.DOTALL)


def found_in(name, text, rendered, *, each=False):
    """Rules that a plan breaks, with the last summary of each; with `each`, all summaries."""
    folder, _, root = name.partition("/")
    environment, files = rendered[folder]
    ((planned, file),) = named_roots(
        environment, DEFAULT_LAYOUT, [f"{root or 'environment'}=plan.json"]
    )
    judged = judge(read_plan(file, text), planned, files, environment)
    if each:
        return [seen.change.summary for seen in judged.seen]
    return {seen.change.hazard.rule: seen.change.summary for seen in judged.seen}


def test_faithful_plans_have_no_finding(first_plans, rendered):
    assert len(first_plans) > 20
    for name, text in first_plans.items():
        assert found_in(name, text, rendered) == {}, name


def test_whatever_is_rendered_may_be_destroyed(first_plans, rendered):
    for name, text in first_plans.items():
        plan = json.loads(text)
        for item in plan["resource_changes"]:
            change = item["change"]
            change.update(actions=["delete"], before=change["after"], after=None, after_unknown={})
        found = found_in(name, json.dumps(plan), rendered, each=True)
        assert not [text for text in found if "not rendered from a spec" in text], name


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.title)
def test_a_widened_plan_is_reported(edit, first_plans, rendered):
    plan = json.loads(first_plans[edit.root])
    edit.apply(plan)
    text = json.dumps(plan)
    assert text != first_plans[edit.root]
    found = found_in(edit.root, text, rendered)
    assert edit.rule in found
    assert not found.keys() - {"SG511", "SG514", "SG517"}, found
    assert "hunter2-8c1f" not in "".join(found.values())


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("errored", True),
        ("complete", False),
        ("deferred_changes", [{"reason": "unknown"}]),
        ("action_invocations", [{}]),
        ("checks", [{"address": {"kind": "resource", "to_display": "x.y"}, "status": "fail"}]),
        ("something_new", [{"address": "aws_iam_role.x"}]),
    ],
)
def test_incomplete_plan(part, value, first_plans, rendered):
    plan = {**json.loads(first_plans[ENVIRONMENT]), part: value}
    assert found_in(ENVIRONMENT, json.dumps(plan), rendered).keys() == {"SG516"}


def test_emptied_policy(first_plans, rendered):
    plan = json.loads(first_plans[ENVIRONMENT])
    found = change(plan, SECRET)
    found.update(actions=["update"], before={**found["after"], "policy": "{}"})
    setting(SECRET, policy="")(plan)
    assert "SG511" in found_in(ENVIRONMENT, json.dumps(plan), rendered)


def test_removed_trail(first_plans, rendered):
    plan = json.loads(first_plans["watched"])
    for item in plan["resource_changes"]:
        if item["address"] in {"aws_cloudtrail.trail", "aws_kms_key.trail", "aws_kms_key.alarms"}:
            item["change"].update(actions=["delete"], before=item["change"]["after"], after=None)
    found = found_in("watched", json.dumps(plan), rendered)
    assert "SG513" in found
    assert "SG502" not in found


def test_a_store_that_was_deleted_in_aws(first_plans, rendered):
    plan = json.loads(first_plans[BOOTSTRAP])
    (bucket,) = (d for d in plan["resource_changes"] if d["address"] == "aws_s3_bucket.state")
    gone = {"actions": ["delete"], "before": bucket["change"]["after"], "after": None}
    plan["resource_drift"] = [{**bucket, "change": gone}]
    found = found_in(BOOTSTRAP, json.dumps(plan), rendered)
    assert "was deleted in AWS, and would be created again" in found["SG514"]


def test_finding_lists_gained_and_lost_access(first_plans, project, tmp_path, capsys):
    plan = json.loads(first_plans["production"])
    document(POLICY, allow(Principal={"AWS": STRANGER}, Action="secretsmanager:GetSecretValue"))(
        plan
    )
    document(OTHER_POLICY, lambda statements: statements.pop(0))(plan)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    code, found = gate(project, file, capsys)
    assert code == 1
    details = {d["address"]: d["detail"] for d in found}
    assert details.keys() == {POLICY, OTHER_POLICY}
    assert f"This policy names {STRANGER}" in details[POLICY]
    assert "refuses the read" in details[OTHER_POLICY]
    assert "us-east-1" in details[OTHER_POLICY]


def test_the_table_of_the_documentation():
    kinds = {"bootstrap": "bootstrap", "consumers": "consumer"}
    rows = ["| what was changed | plan of | reported by |", "| --- | --- | --- |"]
    for edit in EDITS:
        root = kinds.get(edit.root.split("/")[1], "") if "/" in edit.root else "environment"
        rows.append(f"| {edit.title} | {root} | {edit.rule} |")
    table = "\n" + "\n".join(rows) + "\n\n"
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("SECRETGEN_UPDATE_GOLDEN"):
        PAGE.write_text(TABLE.sub(lambda _: table, text), encoding="utf-8")
    assert len({edit.title for edit in EDITS}) == len(EDITS) >= 60
    assert TABLE.search(PAGE.read_text(encoding="utf-8"))[0] == table


def test_several_plans_at_once(first_plans, project, tmp_path, capsys):
    arguments = []
    for name, text in first_plans.items():
        environment, _, root = name.partition("/")
        if environment == "production":
            file = tmp_path / f"{root.replace('/', '-')}.json"
            file.write_text(text)
            arguments += ["--plan", f"{root or 'environment'}={file}"]
    spec = project / "specs/production.yaml"
    assert run(["gate", str(spec), "--root", str(project), *arguments, "--strict"]) == 0
    assert "consumers/partner, environment: no findings" in capsys.readouterr().err
