"""What the gate prints: every format, several plans, no value; and a plan with many resources."""

import json

import pytest

from secretgen.cli import run
from secretgen.model.names import label
from tests.gate.edits import (
    ENVIRONMENT,
    KEY,
    POLICY,
    STRANGER,
    VERSION,
    allow,
    block,
    change,
    document,
    planned,
)
from tests.gate.life import gate
from tests.rendered import write_spec

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=1)]

VALUE = "hunter2-8c1f"
FORMATS = ("text", "json", "github", "sarif", "markdown")
MANY = 500


def leak(plan):
    """Puts a value wherever a plan may hold one."""
    for values in (change(plan, VERSION)["after"], planned(plan, VERSION)):
        values["secret_string"] = VALUE
    change(plan, VERSION)["after_sensitive"] = {"secret_string": True}
    plan["variables"] = {"prod__app__oauth_client_secret": {"value": VALUE}}
    given = plan["configuration"]["root_module"]
    given["variables"]["prod__app__oauth_client_secret"]["default"] = VALUE
    block(plan, VERSION)["expressions"]["secret_string"] = {"constant_value": VALUE}
    plan["output_changes"]["leak"] = {"actions": ["create"], "before": None, "after": VALUE}
    data = {
        "address": "data.aws_secretsmanager_secret_version.x", "mode": "data", "name": "x",
        "type": "aws_secretsmanager_secret_version", "values": {"secret_string": VALUE},
    }  # fmt: skip
    plan["prior_state"] = {"values": {"root_module": {"resources": [data]}}}


@pytest.fixture
def plans(first_plans, tmp_path):
    """Two plans of the reference environment: one of them leaks and is widened."""
    plan = json.loads(first_plans[ENVIRONMENT])
    leak(plan)
    for address, action in ((POLICY, "secretsmanager:GetSecretValue"), (KEY, "kms:Decrypt")):
        document(address, allow(Principal={"AWS": STRANGER}, Action=action))(plan)
    file, other = tmp_path / "plan.json", tmp_path / "partner.json"
    file.write_text(json.dumps(plan))
    other.write_text(first_plans[f"{ENVIRONMENT}/consumers/partner"])
    return ["--plan", str(file), "--plan", f"consumers/partner={other}"]


@pytest.mark.parametrize("written_as", FORMATS)
def test_no_format_prints_a_value(written_as, plans, project, tmp_path, capsys):
    root = ["--root", str(project), "--format", written_as]
    assert run(["gate", *root, *plans]) == 1
    printed = capsys.readouterr()
    assert VALUE not in printed.out + printed.err
    assert "SG511" in printed.out
    for place in (
        "secret_string of module.secret__prod__app__oauth_client_secret",
        "secret_string of data.aws_secretsmanager_secret_version.x",
        "the input variable prod__app__oauth_client_secret",
        "the default of the input variable prod__app__oauth_client_secret",
    ):
        assert place in printed.err
    report = tmp_path / "report"
    assert run(["gate", *root, *plans, "--output", str(report)]) == 1
    assert VALUE not in report.read_text()
    assert VALUE not in capsys.readouterr().out


def test_access_is_shown_in_each_format(plans, project, capsys):
    told = "555555555555:stranger can read prod/database/master-password"
    for written_as in ("text", "markdown"):
        assert run(["gate", "--root", str(project), *plans, "--format", written_as]) == 1
        lines = capsys.readouterr().out.splitlines()
        (line,) = (line for line in lines if told in line)
        assert line.lstrip(" |").startswith("+")
    assert run(["gate", "--root", str(project), *plans, "--format", "json"]) == 1
    access = json.loads(capsys.readouterr().out)["access"]
    assert {c["plan"] for c in access} == {"environment", "consumers/partner"}
    (opened,) = (c for c in access if c["principal"].endswith(":stranger"))
    assert opened == {
        "plan": "environment", "secret": "prod/database/master-password", "region": "us-east-1",
        "principal": "555555555555:stranger", "account": "555555555555", "right": "read",
        "effect": "gains", "declared": False,
    }  # fmt: skip


@pytest.mark.slow(seconds=4)
def test_a_plan_of_two_thousand_resources(first_plans, tmp_path, capsys):
    """Of the real plan of one secret, one is made of many secrets, and one of them is widened."""
    names = [f"app/s{number:04}" for number in range(MANY)]
    plan = json.loads(first_plans["small"])

    def copies(item):
        text = json.dumps(item)
        return [
            json.loads(text.replace("app__token", label(n)).replace("app/token", n)) for n in names
        ]

    plan["resource_changes"] = [c for item in plan["resource_changes"] for c in copies(item)]
    root = plan["planned_values"]["root_module"]
    root["child_modules"] = [c for item in root["child_modules"] for c in copies(item)]
    blocks = plan["configuration"]["root_module"]
    blocks["module_calls"] = {
        name.replace("app__token", label(n)): call
        for name, item in blocks["module_calls"].items()
        for n, call in zip(names, copies(item), strict=True)
    }
    for output in blocks["outputs"].values():
        given = output["expression"]
        if "references" in given:
            given["references"] = [r for item in given["references"] for r in copies(item)]
    spec = "\n".join(f"  {name}:" for name in names)
    write_spec(tmp_path, SMALL + spec + "\n", "small")
    assert run(["render", "--root", str(tmp_path)]) == 0
    assert len(plan["resource_changes"]) == 4 * MANY
    file = tmp_path / "plan.json"
    address = f"module.secret__{label(names[-1])}.aws_secretsmanager_secret_policy.this"
    document(address, allow(Action="secretsmanager:GetSecretValue"))(plan)
    file.write_text(json.dumps(plan))
    code, found = gate(tmp_path, file, capsys)
    widened = f"policy of {address} is not what is rendered from the spec"
    assert (code, [(d["rule"], d["summary"]) for d in found]) == (1, [("SG511", widened)])


SMALL = """
version: 1
environment: small
aws: { account_id: 123456789012, region: eu-central-1 }
backend: { bucket: small-terraform-state, locking: s3 }
secrets:
"""
