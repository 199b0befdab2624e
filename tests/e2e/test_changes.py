"""What `changes` says, done by Terraform: keys move, secrets are forgotten, taken over, imported.

One environment is applied twice. In between, a shared key with a replica Region gets another
name; a rotating secret with keys of its own leaves the state, and was the last in its Region; a
secret and its policy are taken over from another module of the state, but not its version; and a
secret with policy and rotation, and a key, come in that Terraform did not make.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from secretgen.spec.load import load_spec
from tests.harness.aws import REGION, LocalAws
from tests.harness.calls import Call
from tests.harness.cycle import begin, prepare
from tests.harness.workspace import TREE_FOLDERS
from tests.policy.calls import Tags, refused, tags_now
from tests.rendered import render

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=40)]

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotate-app"
BEFORE = f"""
version: 1
environment: test
aws: {{ account_id: "123456789012", region: us-east-1 }}
backend: {{ bucket: test-terraform-state, locking: s3 }}
keys: {{ db: {{ description: Shared }} }}
secrets:
  app/shared: {{ kms_key: db, replicas: [us-west-2], value: {{ from: variable }} }}
  app/legacy:
    replicas: [eu-west-1]
    value: {{ from: variable }}
    rotation: {{ lambda_arn: "{FUNCTION}", every_days: 30 }}
"""
AFTER = """
version: 1
environment: test
aws: {{ account_id: "123456789012", region: us-east-1 }}
backend: {{ bucket: test-terraform-state, locking: s3 }}
keys: {{ database: {{ description: Shared }}, adopted: {{}} }}
secrets:
  app/shared: {{ kms_key: database, replicas: [us-west-2], value: {{ from: variable }} }}
  app/taken: {{}}
  app/imported:
    kms_key: adopted
    rotation: {{ lambda_arn: "{function}", every_days: 30 }}
changes:
  - move: {{ from: keys.db, to: keys.database }}
  - forget: secrets.app/legacy
  - destroy: regions.eu-west-1
  - move: {{ from: "module.old.aws_secretsmanager_secret.this[0]", to: secrets.app/taken }}
  - move: {{ from: "module.old.aws_secretsmanager_secret_policy.this[0]", to: secrets.app/taken }}
  - forget: module.old.aws_secretsmanager_secret_version.this[0]
  - import: {{ to: secrets.app/imported, id: "{arn}", policy: true, rotation: true }}
  - import: {{ to: keys.adopted, id: {key} }}
"""
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }],
}  # fmt: skip
OLD_MODULE = """
resource "aws_secretsmanager_secret" "this" {
  count = 1
  name  = "app/taken"
}
resource "aws_secretsmanager_secret_policy" "this" {
  count      = 1
  secret_arn = aws_secretsmanager_secret.this[0].arn
  policy     = jsonencode(%s)
}
resource "aws_secretsmanager_secret_version" "this" {
  count         = 1
  secret_id     = aws_secretsmanager_secret.this[0].id
  secret_string = "taken"
}
""" % json.dumps(POLICY)  # noqa: UP031 -- braces are HCL's
VALUES = {"app__shared": "shared-3f9c", "app__legacy": "legacy-3f9c"}
NEVER = {
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:UpdateSecretVersionStage",
}


def test_changes_entries_are_applied_without_loss(
    tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    work, project = tmp_path / "tree", tmp_path / "project"
    project.mkdir()
    folder = _render(project, work, BEFORE)
    old, call = folder / "old", folder / "zz_old.tf"
    old.mkdir()
    (old / "main.tf").write_text(OLD_MODULE)
    call.write_text('module "old" {\n  source = "./old"\n}\n')
    prepare(aws, folder)
    cycle = begin(aws, folder, scratch, variables=VALUES)
    keys = _keys(aws)
    arn, key = _made_elsewhere(aws)

    call.unlink()
    shutil.rmtree(old)
    _render(project, work, AFTER.format(function=FUNCTION, arn=arn, key=key))
    terraform = cycle.terraform
    del terraform.variables["app__legacy"]
    terraform.init()
    terraform.plan()
    plan = terraform.show_json()
    _assert_plan(plan, arn, key)
    tags = tags_now(aws, [REGION, "us-west-2", "eu-west-1"])
    aws.record()
    terraform.apply(str(terraform.plan_file))
    calls = aws.recorded()
    _assert_allowed(AFTER.format(function=FUNCTION, arn=arn, key=key), calls, tags)
    assert {str(c) for c in calls} & NEVER == set()
    assert _writes_about(calls, "app/legacy", keys["app/legacy"]) == []
    # Entries that are applied stay harmless.
    terraform.assert_no_changes()

    values = {"app/shared": "shared-3f9c", "app/legacy": "legacy-3f9c", "app/taken": "taken"}
    for name, value in (*values.items(), ("app/imported", "imported-3f9c")):
        assert aws.secret_value(name) == value
    assert aws.secret_value("app/legacy", "eu-west-1") == "legacy-3f9c"
    described = aws.client("secretsmanager").describe_secret(SecretId="app/legacy")
    assert described["RotationEnabled"]
    assert _states(aws) == {"Enabled"}
    left = [a for a in terraform.addresses() if "legacy" in a or a.startswith("module.old")]
    assert left == []


def _assert_allowed(spec: str, calls: list[Call], tags: Tags) -> None:
    """The policies in `iam/` allow what Terraform called, also on a key that it did not make."""
    environment = load_spec(spec.encode(), "spec").environment
    assert environment
    assert {"kms:PutKeyPolicy", "kms:TagResource"} <= {str(call) for call in calls}
    for role in ("apply", "destroy"):
        assert refused(environment, role, calls, tags) == set()


def _render(project: Path, work: Path, spec: str) -> Path:
    folder = render(project, spec)
    for name in TREE_FOLDERS:
        shutil.copytree(project / name, work / name, dirs_exist_ok=True)
    return work / "environments" / folder.name


def _made_elsewhere(aws: LocalAws) -> tuple[str, str]:
    """A secret with a policy and a rotation, and its key, which has an alias; ARN and key id."""
    key = str(aws.client("kms").create_key(KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"])
    aws.client("kms").create_alias(AliasName="alias/legacy", TargetKeyId=key)
    client = aws.client("secretsmanager")
    arn = str(
        client.create_secret(Name="app/imported", SecretString="imported-3f9c", KmsKeyId=key)["ARN"]
    )
    client.put_resource_policy(SecretId=arn, ResourcePolicy=json.dumps(POLICY))
    aws.client("lambda").add_permission(
        FunctionName="rotate-app",
        StatementId="elsewhere",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
    )
    client.rotate_secret(
        SecretId=arn,
        RotationLambdaARN=FUNCTION,
        RotationRules={"AutomaticallyAfterDays": 30},
        RotateImmediately=False,
    )
    return arn, key


def _assert_plan(plan: dict[str, Any], arn: str, key: str) -> None:
    changes = {c["address"]: c for c in plan["resource_changes"] if c["mode"] == "managed"}
    actions = {address: c["change"]["actions"] for address, c in changes.items()}
    gone = {a: x for a, x in actions.items() if "delete" in x}
    # The alias of a key that moves has another name; the key stays the key.
    assert gone == {
        f"module.shared_key{region}__database.aws_kms_alias.this": ["delete", "create"]
        for region in ("", "_us_west_2")
    }
    forgotten = {a.split(".")[1] for a, x in actions.items() if x == ["forget"]}
    assert forgotten == {
        "key__app__legacy", "key_eu_west_1__app__legacy", "old", "secret__app__legacy",
    }  # fmt: skip
    for region in ("", "_us_west_2"):
        moved = changes[f"module.shared_key{region}__database.aws_kms_key.this"]
        assert moved["previous_address"] == f"module.shared_key{region}__db.aws_kms_key.this"
        assert moved["change"]["actions"] == ["no-op"]
    for kind in ("secret", "secret_policy"):
        taken = changes[f"module.secret__app__taken.aws_secretsmanager_{kind}.this"]
        assert taken["previous_address"] == f"module.old.aws_secretsmanager_{kind}.this[0]"
    imported = {a: c["change"]["importing"]["id"] for a, c in changes.items()
                if "importing" in c["change"]}  # fmt: skip
    module = "module.secret__app__imported.aws_secretsmanager_secret"
    assert imported == {
        f"{module}.this": arn, f"{module}_policy.this": arn, f"{module}_rotation.this": arn,
        "module.shared_key__adopted.aws_kms_key.this": key,
    }  # fmt: skip
    assert not [a for a in actions if "secret_version" in a and actions[a] == ["create"]]


def _keys(aws: LocalAws) -> dict[str, set[str]]:
    """Ids of the keys of each secret, in all Regions."""
    found: dict[str, set[str]] = {}
    for region in (REGION, "eu-west-1", "us-west-2"):
        client = aws.client("secretsmanager", region)
        for secret in client.list_secrets()["SecretList"]:
            key = str(client.describe_secret(SecretId=secret["ARN"]).get("KmsKeyId") or "")
            found.setdefault(secret["Name"], set()).add(key.rpartition("/")[2])
    return found


def _states(aws: LocalAws) -> set[str]:
    states = set()
    for region in (REGION, "eu-west-1", "us-west-2"):
        client = aws.client("kms", region)
        for key in client.list_keys()["Keys"]:
            states.add(client.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"])
    return states


def _writes_about(calls: list[Call], secret: str, keys: set[str]) -> list[str]:
    """The calls that change a secret or its keys."""
    reading = ("Describe", "Get", "List")
    return [
        str(call)
        for call in calls
        if not call.operation.startswith(reading)
        and any(name in json.dumps(call.parameters) for name in (secret, *filter(None, keys)))
    ]
