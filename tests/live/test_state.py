"""A Terraform state is read without its values."""

import json
from typing import Any

import pytest

from secretgen.errors import SecretgenError
from secretgen.live.state import State, parse_state

CANARY = "hunter2-canary"
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-a1b2c3"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
POLICY = {"Version": "2012-10-17", "Statement": []}


def _resource(address: str, values: dict[str, Any], mode: str = "managed") -> dict[str, Any]:
    kind, name = address.split(".")[-2:]
    return {
        "address": address,
        "mode": mode,
        "type": kind,
        "name": name.partition("[")[0],
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "schema_version": 0,
        "values": values,
        "sensitive_values": {"secret_string": True, "tags": {}},
    }


SECRET = {
    "arn": ARN, "description": "", "force_overwrite_replica_secret": False, "id": ARN,
    "kms_key_id": KEY, "name": "prod/db", "name_prefix": "", "policy": "",
    "recovery_window_in_days": 30,
    "replica": [{"kms_key_id": "alias/aws/secretsmanager", "last_accessed_date": "2026-01-02",
                 "region": "us-west-2", "status": "InSync", "status_message": ""}],
    "tags": {"value": "kept"}, "tags_all": {"value": "kept", "outputs": "kept"},
}  # fmt: skip
VERSION = {
    "arn": ARN, "has_secret_string_wo": None, "id": f"{ARN}|v1", "secret_binary": "",
    "secret_id": ARN, "secret_string": CANARY, "secret_string_wo": None, "version_id": "v1",
    "version_stages": ["AWSCURRENT"],
}  # fmt: skip
ROTATION = {
    "id": ARN, "rotate_immediately": True, "rotation_enabled": True, "secret_id": ARN,
    "rotation_lambda_arn": "arn:aws:lambda:us-east-1:123456789012:function:rotate",
    "rotation_rules": [{"automatically_after_days": 0, "duration": "3h",
                        "schedule_expression": "rate(10 days)"}],
}  # fmt: skip
IN_MODULE = [
    _resource("module.db.aws_secretsmanager_secret.this[0]", SECRET),
    _resource("module.db.aws_secretsmanager_secret_policy.this[0]",
              {"id": ARN, "secret_arn": ARN, "policy": json.dumps(POLICY)}),
    _resource("module.db.aws_secretsmanager_secret_version.this[0]", VERSION),
    _resource("module.db.aws_secretsmanager_secret_rotation.this[0]", ROTATION),
]  # fmt: skip
AT_ROOT = [
    _resource("random_password.db", {"result": CANARY, "length": 32}),
    _resource("aws_kms_key.db", {"arn": KEY, "key_id": KEY.rpartition("/")[2], "is_enabled": True,
                                 "enable_key_rotation": True, "rotation_period_in_days": 365}),
    _resource("aws_kms_alias.db", {"name": "alias/db", "target_key_arn": KEY}),
    _resource("data.aws_secretsmanager_secret.other", {**SECRET, "arn": "other"}, mode="data"),
]  # fmt: skip
VALUES = {
    "outputs": {"password": {"sensitive": True, "type": "string", "value": CANARY}},
    "root_module": {
        "resources": AT_ROOT,
        "child_modules": [{"address": "module.db", "resources": IN_MODULE}],
    },
}
DOCUMENT = {"format_version": "1.0", "terraform_version": "1.11.4", "values": VALUES}


def _with(address: str, values: Any, *others: Any, **more: Any) -> Any:
    resources = [{**_resource(address, values), **more}, *others]
    return {"format_version": "1.0", "values": {"root_module": {"resources": resources}}}


def _parse(document: Any) -> State:
    return parse_state(json.dumps(document).encode(), "state.json")


@pytest.mark.parametrize(
    "document", [DOCUMENT, {"format_version": "1.2", "planned_values": VALUES,
                            "prior_state": DOCUMENT}],
)  # fmt: skip
def test_a_state_and_the_state_before_a_plan(document: Any) -> None:
    state = _parse(document)
    (secret,) = state.account.secrets
    assert (state.account.region, secret.name, secret.policy) == ("us-east-1", "prod/db", POLICY)
    assert secret.tags == {"value": "kept", "outputs": "kept"}
    assert secret.rotation
    assert secret.rotation.schedule == "rate(10 days)"
    assert secret.rotation.every_days is None
    assert [(r.region, r.kms_key) for r in secret.replicas] == [
        ("us-west-2", "alias/aws/secretsmanager")
    ]
    key = state.account.key(secret.kms_key)
    assert key
    assert key.aliases == ("alias/db",)
    assert [(r.address, r.arn) for r in state.resources] == [
        ("aws_kms_alias.db", KEY),
        ("aws_kms_key.db", KEY),
        *((r["address"], ARN) for r in sorted(IN_MODULE, key=lambda r: str(r["address"]))),
        ("random_password.db", ""),
    ]
    assert CANARY not in repr(state)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"version": 4, "serial": 1, "resources": []}, "raw state file"),
        ([], "not a state"),
        ({"values": VALUES}, "not a state"),
        ({"format_version": "1.0"}, "holds no secret"),
        ({"format_version": "2.0", "values": VALUES}, "unsupported format_version: 2.0"),
        ({"version": 3, "serial": 1, "modules": [{"resources": {}}]}, "not a state"),
        ({"serial": 1, "lineage": "x", "encrypted_data": CANARY}, "not a state"),
        (_with("aws_secretsmanager_secret.x", {**SECRET, "arn": 5}), "ARN is not text"),
        (_with("aws_kms_key.x", {"arn": "key"}), "Arn has a form"),
        (_with("aws_secretsmanager_secret.x", SECRET, tainted=True), "x is tainted"),
        (_with("aws_secretsmanager_secret.x", SECRET, deposed_key="1a2b3c4d"), "to be deleted"),
        (_with("aws_secretsmanager_secret.x", SECRET, *AT_ROOT, IN_MODULE[0]), "prod/db-a1b2c3 at"),
        (
            {"format_version": "1.0", "values": {"root_module": {"resources": {"a": "b"}}}},
            "unexpected form",
        ),
        ({"format_version": "1.0", "values": {"root_module": {"resources": [
            _resource("aws_secretsmanager_secret.x", {"name": 5})]}}}, "cannot be read"),
    ],
)  # fmt: skip
def test_other_text_is_an_error_with_a_message(document: Any, words: str) -> None:
    with pytest.raises(SecretgenError) as error:
        _parse(document)
    assert words in error.value.summary
    assert CANARY not in f"{error.value.summary}{error.value.hint}"


def test_a_rotation_that_names_its_secret_by_name() -> None:
    rotation = {**ROTATION, "secret_id": SECRET["name"]}
    resources = [
        IN_MODULE[0],
        _resource("module.db.aws_secretsmanager_secret_rotation.r", rotation),
    ]
    (secret,) = _parse(_with("aws_kms_key.k", AT_ROOT[1]["values"], *resources)).account.secrets
    assert secret.rotates
