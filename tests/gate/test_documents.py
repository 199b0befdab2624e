"""What is no plan, or not a whole one, is reported; what an import may change."""

import json

import pytest

from secretgen.cli import run
from secretgen.plan.document import ResourceChange, without_instances
from secretgen.plan.planned_imports import import_changes
from tests.rendered import render, write_spec

SPEC = """
version: 1
environment: small
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: test-terraform-state, locking: s3 }
secrets: { app/key: {} }
"""
PLAN = {
    "format_version": "1.2",
    "planned_values": {"root_module": {}},
    "resource_changes": [],
    "configuration": {"root_module": {}},
    "applyable": True,
    "complete": True,
    "errored": False,
}
BAD = {
    "nothing": "",
    "not JSON": "hello",
    "truncated": json.dumps(PLAN)[:-20],
    "not UTF-8": "\udcff",
    "a list": "[]",
    "nested": "[" * 100_000,
    "no format": json.dumps({**PLAN, "format_version": None}),
    "a format that is no text": json.dumps({**PLAN, "format_version": 1.2}),
    "an old format": json.dumps({**PLAN, "format_version": "0.2"}),
    "a later format": json.dumps({**PLAN, "format_version": "2.0"}),
    "a state": json.dumps({"format_version": "1.0", "values": {"root_module": {}}}),
    "no configuration": json.dumps({k: v for k, v in PLAN.items() if k != "configuration"}),
    "a key twice": json.dumps(PLAN)[:-1] + ', "resource_changes": []}',
    "another shape": json.dumps({**PLAN, "resource_changes": [{"address": 1}]}),
    "values of another shape": json.dumps({**PLAN, "planned_values": []}),
    "of another project": json.dumps(PLAN),
    "the text that show prints": "Terraform will perform the following actions:",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    render(folder, SPEC, "small")
    return folder


@pytest.mark.parametrize("name", BAD)
def test_file_that_is_not_a_plan(name, root, tmp_path, capsys):
    file = tmp_path / "plan.json"
    file.write_bytes(BAD[name].encode("utf-8", "surrogateescape"))
    for written_as in ("json", "text", "github", "sarif", "markdown"):
        arguments = ["gate", "--root", str(root), "--plan", str(file), "--format", written_as]
        assert run(arguments) == 1
        captured = capsys.readouterr()
        assert "SG516" in captured.out
        assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ("hello", "is not JSON, or is cut off"),
        ("[]", "is not a JSON object"),
        (BAD["a state"], "is the JSON of a state, not of a plan"),
        (BAD["a later format"], "has the unknown format 2.0"),
    ],
)
def test_plan_file_is_named(text, what, root, tmp_path, capsys):
    file = tmp_path / "plan.json"
    file.write_text(text)
    assert run(["gate", "--root", str(root), "--plan", str(file), "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert found["summary"] == f"the plan file {file} {what}"
    assert found["detail"].endswith(".json\nThis finding is about the plan of environment.")


def test_hazards_without_a_command(root, tmp_path, capsys):
    base = ["gate", "--root", str(root), "--format", "json"]
    for arguments in (
        [],
        ["--plan", str(tmp_path / "missing.json")],
        ["--plan", f"consumers/nobody={tmp_path}"],
        ["--plan", "environment=a.json", "--plan", "b.json"],
    ):
        assert run([*base, *arguments]) == 2
        found = json.loads(capsys.readouterr().out)
        assert found["diagnostics"] == []
        assert found["error"]["summary"]


def test_invalid_spec_is_reported_first(tmp_path, capsys):
    write_spec(tmp_path, SPEC.replace("app/key: {}", "app/key: { nope: 1 }"), "small")
    assert run(["gate", "--root", str(tmp_path), "--plan", "plan.json", "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert (found["rule"], found["stage"]) == ("SG101", "spec")


def imported(type_, before, after, unknown=None, actions=("update",)):
    change = ResourceChange(
        "x", "", "managed", type_, "this", actions, before, after, unknown or {}, importing="id"
    )
    return list(import_changes(change))


SECRET, POLICY, ROTATION, KEY = (
    "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_policy",
    "aws_secretsmanager_secret_rotation",
    "aws_kms_key",
)
EVERY_IMPORT = [
    (SECRET, {"recovery_window_in_days": None}, {"recovery_window_in_days": 30}),
    (SECRET, {"kms_key_id": None}, {"kms_key_id": "alias/aws/secretsmanager"}),
    (SECRET, {"kms_key_id": "1a2b"}, {"kms_key_id": "arn:aws:kms:us-east-1:1:key/1a2b"}),
    (SECRET, {"tags": {"a": "b"}}, {"tags": {"a": "b", "secretgen:protected": "true"}}),
    (POLICY, {"policy": "{}", "block_public_policy": None},
     {"policy": "{ }", "block_public_policy": True}),
    (KEY, {"description": "old", "deletion_window_in_days": None},
     {"description": "new", "deletion_window_in_days": 30}),
]  # fmt: skip
MORE = [
    (SECRET, {"description": "a"}, {"description": "b"}),
    (SECRET, {"recovery_window_in_days": 7}, {"recovery_window_in_days": 30}),
    (SECRET, {"kms_key_id": "alias/x"}, {"kms_key_id": "arn:aws:kms:us-east-1:1:key/1a2b"}),
    (SECRET, {"tags": {"a": "b"}}, {"tags": {"a": "c"}}),
    (SECRET, {"tags": {"a": "b"}}, {"tags": {}}),
    (SECRET, {"replica": [{"region": "us-west-2"}]}, {"replica": []}),
    (ROTATION, {"rotation_rules": [{"automatically_after_days": 30}]},
     {"rotation_rules": [{"automatically_after_days": 60}]}),
    (KEY, {"multi_region": True}, {"multi_region": False}),
    ("aws_secretsmanager_secret_version", {"secret_id": "x"}, {"secret_id": "x"}),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "before", "after"), EVERY_IMPORT)
def test_expected_changes_of_an_import(type_, before, after):
    assert imported(type_, before, after) == []


@pytest.mark.parametrize(("type_", "before", "after"), MORE)
def test_forbidden_changes_of_an_import(type_, before, after):
    assert imported(type_, before, after)


def test_an_import_that_replaces_or_is_not_known():
    assert imported(KEY, {"a": 1}, {"a": 2}, actions=("delete", "create"))
    assert imported(SECRET, {"kms_key_id": "1a2b"}, {}, {"kms_key_id": True})


def test_addresses_of_blocks():
    assert without_instances('module.a["x[1].y"].aws_kms_key.b[0]') == "module.a.aws_kms_key.b"
