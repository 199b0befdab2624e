"""What becomes of the old addresses of a Terraform state, in the layouts of known modules."""

import json
from pathlib import Path
from typing import Any

import pytest

from secretgen.cli import run
from secretgen.spec.load import load_spec
from tests.importing.brownfield import policy, statement
from tests.importing.project import ACCOUNT, FUNCTION, KEY, READER, SPEC, Project

CANARY = "hunter2-canary"


def _resource(address: str, **values: Any) -> dict[str, Any]:
    kind, name = address.split("[", maxsplit=1)[0].split(".")[-2:]
    return {"address": address, "mode": "managed", "type": kind, "name": name, "values": values}


def _arn(name: str) -> str:
    return f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{name}-a1b2c3"


def _secret(address: str, name: str, **more: Any) -> dict[str, Any]:
    return _resource(address, arn=_arn(name), name=name, policy="", tags_all={}, replica=[], **more)


def _version(address: str, name: str) -> dict[str, Any]:
    return _resource(address, secret_id=_arn(name), arn=_arn(name), secret_string=CANARY)


def _rotation(address: str, name: str) -> dict[str, Any]:
    rules = [{"automatically_after_days": 30, "duration": "", "schedule_expression": ""}]
    return _resource(address, secret_id=_arn(name), rotation_enabled=True,
                     rotation_lambda_arn=FUNCTION, rotation_rules=rules)  # fmt: skip


TAM = [  # terraform-aws-modules/secrets-manager
    _secret("module.db.aws_secretsmanager_secret.this[0]", "prod/db", kms_key_id=KEY),
    _resource("module.db.aws_secretsmanager_secret_policy.this[0]", secret_arn=_arn("prod/db"),
              policy=policy(statement({"AWS": READER}))),
    _version("module.db.aws_secretsmanager_secret_version.ignore_changes[0]", "prod/db"),
    _rotation("module.db.aws_secretsmanager_secret_rotation.this[0]", "prod/db"),
    _resource("module.db.random_password.this[0]", result=CANARY),
]  # fmt: skip
LGALLARD = [  # lgallard/secrets-manager
    _secret('module.many.aws_secretsmanager_secret.sm["a"]', "many/a"),
    _version('module.many.aws_secretsmanager_secret_version.sm-sv["a"]', "many/a"),
    _secret('module.many.aws_secretsmanager_secret.sm["b"]', "many/b"),
    _version('module.many.aws_secretsmanager_secret_version.sm-sv["b"]', "many/b"),
    _secret('module.many.aws_secretsmanager_secret.rsm["r"]', "many/r"),
    _rotation('module.many.aws_secretsmanager_secret_rotation.rsm-sr["r"]', "many/r"),
]
OWN = [
    _secret("aws_secretsmanager_secret.mine", "own/mine", kms_key_id=KEY),
    _version("aws_secretsmanager_secret_version.mine", "own/mine"),
    _resource("aws_kms_key.db", arn=KEY, key_id=KEY.rpartition("/")[2], is_enabled=True,
              policy=policy(statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*"))),
    _resource("aws_kms_alias.db", name="alias/db", target_key_arn=KEY),
]  # fmt: skip
ELSE = [_resource("aws_instance.web", id="i-1")]


def _state(*resources: list[dict[str, Any]]) -> dict[str, Any]:
    listed = [resource for group in resources for resource in group]
    return {"format_version": "1.0", "values": {"root_module": {"resources": listed}}}


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    project = Project(tmp_path, capsys)
    project.spec.write_text(SPEC)
    return project


def _changes(project: Project) -> tuple[dict[str, str], set[str], dict[str, str]]:
    """What moves where, what is forgotten, what is imported."""
    environment = load_spec(project.spec.read_bytes(), "specs/test.yaml").environment
    assert environment
    found = environment.changes
    return (
        {str(m.source): str(m.to) for m in found.moves},
        {f.name for f in found.forgets},
        {i.name: i.id for i in found.imports},
    )


def test_one_state(project: Project) -> None:
    text = project.import_(_state(TAM, LGALLARD, OWN), source="state")
    moves, forgotten, imports = _changes(project)
    module = "module.db.aws_secretsmanager_secret"
    assert moves == {
        f"{module}.this[0]": "secrets.prod/db",
        f"{module}_policy.this[0]": "secrets.prod/db",
        f"{module}_rotation.this[0]": "secrets.prod/db",
        'module.many.aws_secretsmanager_secret.sm["a"]': "secrets.many/a",
        'module.many.aws_secretsmanager_secret.sm["b"]': "secrets.many/b",
        'module.many.aws_secretsmanager_secret.rsm["r"]': "secrets.many/r",
        'module.many.aws_secretsmanager_secret_rotation.rsm-sr["r"]': "secrets.many/r",
        "aws_secretsmanager_secret.mine": "secrets.own/mine",
    }
    assert forgotten == {
        f"{module}_version.ignore_changes[0]",
        "module.db.random_password.this[0]",
        'module.many.aws_secretsmanager_secret_version.sm-sv["a"]',
        "aws_secretsmanager_secret_version.mine",
        "aws_kms_key.db",
        "aws_kms_alias.db",
    }
    assert imports == {}
    assert run(["validate", str(project.spec)]) == 0
    assert CANARY not in text + project.told
    for words in ("terraform-aws-modules/secrets-manager", "lgallard/secrets-manager",
                  "States hold values in plain text"):  # fmt: skip
        assert words in project.told


def test_an_address_that_a_spec_cannot_hold(project: Project) -> None:
    state = _state([_secret(r'aws_secretsmanager_secret.m["a\"b"]', "own/odd")], OWN[:1])
    project.import_(state, source="state")
    assert r'aws_secretsmanager_secret.m["a\"b"]' in project.told
    assert _changes(project)[0] == {"aws_secretsmanager_secret.mine": "secrets.own/mine"}
    project.import_(state, "--state", "other", source="state")
    assert "secrets.own/odd" in _changes(project)[2]


@pytest.mark.parametrize(("other", "named"), [("sm-svu", True), ("else", False)])
def test_layout_is_named_if_it_has_a_complete_module(
    project: Project, other: str, named: bool
) -> None:
    more = _version(f'module.many.aws_secretsmanager_secret_version.{other}["a"]', "many/a")
    project.import_(_state([*LGALLARD, more]), source="state")
    assert ("layout of lgallard/secrets-manager" in project.told) is named


def test_a_key_moves_when_it_is_adopted(project: Project) -> None:
    project.import_(_state(OWN), "--keys", "adopt", source="state")
    moves, forgotten, imports = _changes(project)
    assert moves["aws_kms_key.db"] == "keys.db"
    assert forgotten == {"aws_secretsmanager_secret_version.mine", "aws_kms_alias.db"}
    assert imports == {}


@pytest.mark.parametrize("options", [[], ["--state", "other"]])
def test_another_state(project: Project, options: list[str]) -> None:
    resources = [*OWN, *TAM, *(ELSE if not options else [])]
    project.import_(_state(resources), *options, source="state")
    moves, forgotten, imports = _changes(project)
    assert (moves, forgotten) == ({}, set())
    assert imports == {f"secrets.{n}": _arn(n) for n in ("own/mine", "prod/db")}
    for address in ("aws_secretsmanager_secret.mine", "aws_secretsmanager_secret_version.mine",
                    "module.db.aws_secretsmanager_secret_policy.this"):  # fmt: skip
        assert f"removed {{\n  from = {address}\n  lifecycle {{" in project.told
    assert "from = aws_kms_key.db" not in project.told
    assert ("such as aws_instance.web" in project.told) is not bool(options)


def test_one_instance_of_many_is_taken_out_by_a_command(project: Project) -> None:
    options = ["--state", "other", "--include", "many/a"]
    project.import_(_state(LGALLARD), *options, source="state")
    address = 'module.many.aws_secretsmanager_secret.sm["a"]'
    assert f"terraform state rm '{address}'" in project.told
    assert json.dumps(_changes(project)[2]) == json.dumps({"secrets.many/a": _arn("many/a")})
