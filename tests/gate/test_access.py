"""`secretgen access --plan`: the policies of real plans, and what in them is not the spec's."""

import json

import pytest

from secretgen.access.access_report import access_report
from secretgen.access.policies import rendered_policies
from secretgen.cli import run
from secretgen.errors import UsageError
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.plan.planned_access import Plan, planned_policies
from secretgen.plan.reading import UnreadablePlanError
from tests.gate.edits import KEY, OTHER_POLICY, POLICY, SECRET, STRANGER, change, condition
from tests.gate.widened import widening

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=1)]

EDITS = [
    edit
    for edit in widening()
    if "bootstrap" not in edit.root and "provider" not in edit.title.split(":")[0]
]


def let_in(condition):
    """Names another role in a condition."""
    for keys in condition.values():
        keys["aws:PrincipalArn"].append(STRANGER)


def planned(rendered, *plans, name="production"):
    environment, files = rendered[name]
    folder = DEFAULT_LAYOUT.environment(name)
    return planned_policies(environment, plans, files, folder)


def test_faithful_plans_are_the_spec(first_plans, rendered):
    for name, (environment, _) in rendered.items():
        plans = [
            Plan("plan.json", text, folder.partition("/")[2])
            for folder, text in first_plans.items()
            if folder.split("/")[0] == name and not folder.endswith("bootstrap")
        ]
        found = planned(rendered, *plans, name=name)
        assert found.findings == (), name
        assert found.policies == rendered_policies(environment), name
        report = access_report(environment, found.policies, findings=found.findings)
        assert report.ok


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.title)
def test_a_widened_plan_is_reported(edit, first_plans, rendered):
    plan = json.loads(first_plans[edit.root])
    edit.apply(plan)
    root = edit.root.partition("/")[2]
    assert planned(rendered, Plan("plan.json", json.dumps(plan), root)).findings


def test_gained_and_refused_access(first_plans, rendered):
    plan = json.loads(first_plans["production"])
    condition(POLICY, 0, let_in)(plan)
    condition(OTHER_POLICY, 0, lambda c: c.update(ArnLike={"aws:PrincipalArn": STRANGER}))(plan)
    found = planned(rendered, Plan("plan.json", json.dumps(plan)))
    environment, _ = rendered["production"]
    report = access_report(environment, found.policies, findings=found.findings)
    told = {(f.kind.value, f.secret, f.summary) for f in report.findings}
    assert ("beyond", "prod/database/master-password", f"allows {STRANGER}") in told
    refused = {secret for kind, secret, _ in told if kind == "broken"}
    assert refused == {"prod/app/oauth-client-secret"}


def test_root_module_is_detected_or_named(first_plans, rendered):
    text = first_plans["production/consumers/partner"]
    named = planned(rendered, Plan("plan.json", text, "partner"))
    assert any("environment's plan" in note for note in named.notes)
    with pytest.raises(UsageError, match="no root module 'nobody'"):
        planned(rendered, Plan("plan.json", text, "nobody"))
    with pytest.raises(UsageError, match="is not a plan of production"):
        planned(rendered, Plan("plan.json", first_plans["sharing"]))
    with pytest.raises(UnreadablePlanError):
        planned(rendered, Plan("plan.json", "{}"))
    odd = json.loads(first_plans["production"])
    change(odd, SECRET).update(before={"tags": ["x"]})
    with pytest.raises(UnreadablePlanError, match="unexpected types"):
        planned(rendered, Plan("plan.json", json.dumps(odd)))


def test_deposed_objects_decide_nothing(first_plans, rendered):
    plan = json.loads(first_plans["production"])
    for address in (POLICY, KEY):
        (item,) = (c for c in plan["resource_changes"] if c["address"] == address)
        old = {"actions": ["delete"], "before": {"id": "x"}, "after": None}
        plan["resource_changes"].append({**item, "deposed": "1a2b3c4d", "change": old})
    environment, _ = rendered["production"]
    found = planned(rendered, Plan("plan.json", json.dumps(plan)))
    assert found.policies == rendered_policies(environment)


def test_the_command(first_plans, project, tmp_path, capsys):
    file = tmp_path / "plan.json"
    file.write_text(first_plans["production"])
    spec = str(project / "specs/production.yaml")
    assert run(["access", spec, "--root", str(project), "--plan", str(file)]) == 0
    plan = json.loads(first_plans["production"])
    condition(POLICY, 0, let_in)(plan)
    file.write_text(json.dumps(plan))
    assert run(["access", spec, "--root", str(project), "--plan", f"environment={file}"]) == 1
    assert STRANGER in capsys.readouterr().out.replace("\n", "")
