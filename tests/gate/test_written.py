"""What a plan does not show: expressions around references, and values of locals."""

import json
import shutil

import pytest

from secretgen.plan.hcl_comparison import hcl_differences
from secretgen.plan.unrendered_resources import OF_MODULES, OF_READERS, OF_ROOTS
from tests.gate.life import LOCAL, edited, gate, rules
from tests.harness.terraform import Terraform
from tests.rendered import PROJECT

FOLDER, MODULE = "environments/production", "modules/aws-secrets"
LIFECYCLE = """\
  lifecycle {
    prevent_destroy = true

    # Secrets and replicas move to another key before this one is scheduled for deletion.
    create_before_destroy = true
  }
"""
EDITS = {
    "an expression around an ARN": (
        f"{MODULE}/main.tf",
        "secret_arn          = aws_secretsmanager_secret.this.arn",
        'secret_arn = replace(aws_secretsmanager_secret.this.arn, "a", "b")',
    ),
    "an output of a module": (
        f"{MODULE}/kms-key/outputs.tf", "= aws_kms_key.this.arn",
        '= replace(aws_kms_key.this.arn, "1", "2")',
    ),
    "a local value": (f"{FOLDER}/providers.tf", '= "us-east-1"', '= "us-east-2"'),
    "another account is allowed": (
        f"{FOLDER}/providers.tf",
        "  region              = local.region\n  allowed_account_ids = [local.account_id]",
        '  region              = local.region\n  allowed_account_ids = [local.account_id, "5"]',
    ),
    "an override": (
        f"{FOLDER}/x_override.tf", "",
        'module "secret__prod__database__master_password" {\n  kms_key_id = "${local.x}"\n}\n',
    ),
    "a removed block that runs a command": (
        f"{FOLDER}/x.tf", "",
        'removed {\n  from = module.gone\n  provisioner "local-exec" { command = "date" }\n}\n',
    ),
    "an OpenTofu file": (
        f"{FOLDER}/x_override.tofu", "",
        'module "secret__prod__database__master_password" {\n  kms_key_id = "${local.x}"\n}\n',
    ),
    "a validation is gone": (
        f"{MODULE}/kms-key/variables.tf", '!startswith(var.alias, "alias/aws/")', "true",
    ),
    "an ephemeral block that reads a value": (
        f"{FOLDER}/x.tf", "",
        'ephemeral "aws_secretsmanager_secret_version" "x" {\n  secret_id = "prod/x"\n}\n',
    ),
    "keys are deleted before they are replaced": (
        f"{MODULE}/kms-key/main.tf",
        "    create_before_destroy = true\n", "    create_before_destroy = false\n",
    ),
    "the condition about replicas is gone": (
        f"{MODULE}/main.tf", "keys(var.replicas))) == 0", "keys(var.replicas))) >= 0"
    ),
    "the protection of keys is gone": (
        f"{MODULE}/kms-key/main.tf",
        LIFECYCLE, "",
    ),
    "what is ignored is gone": (
        f"{MODULE}/main.tf",
        "    ignore_changes = [secret_string_wo_version, version_stages]\n", "",
    ),
    "a check is gone": (f"{MODULE}/main.tf", 'check "replicas" {', 'check "replica" {'),
    "a lifecycle in an override": (
        f"{MODULE}/kms-key/x_override.tf", "",
        'resource "aws_kms_key" "this" {\n  lifecycle {\n    ignore_changes = [policy]\n  }\n}\n',
    ),
    "JSON": (f"{FOLDER}/x_override.tf.json", "", "{}"),
    "not HCL": (f"{FOLDER}/x.tf", "", "}"),
}  # fmt: skip


@pytest.fixture(scope="session")
def files(projects):
    """The files of the reference environment as committed."""
    root = projects["production"]
    return {str(f.relative_to(root)): f.read_text() for f in root.rglob("*.tf")}


def test_files_as_rendered(files, rendered):
    _, plain = rendered["production"]
    folders = {path.rpartition("/")[0] for path in files}
    assert list(hcl_differences(plain, folders, files)) == []


@pytest.mark.parametrize("title", EDITS)
def test_file_with_more_than_a_backend(title, files, rendered):
    _, plain = rendered["production"]
    path, old, new = EDITS[title]
    text = edited(files[path], (old, new)) if old else new
    folders = {path.rpartition("/")[0]}
    found = list(hcl_differences(plain, folders, {**files, path: text}))
    assert {item.file for item in found} == {path}


@pytest.mark.terraform
def test_plan_without_the_change(aws_server, projects, tmp_path, capsys):
    root = tmp_path / "project"
    shutil.copytree(projects["roles"], root)
    folder = root / "environments/roles/consumers/workloads"
    environment = aws_server.in_account("555555555555").environment()
    (folder / "zz_backend_override.tf").write_text(LOCAL)
    main = (folder / "main.tf").read_text()
    line = next(line for line in main.splitlines() if "policy_arn" in line)
    reference = line.partition("= ")[2]
    hidden = line.replace(reference, f'replace({reference}, "policy/", "policy/x")')
    (folder / "main.tf").write_text(edited(main, (line, hidden)))
    terraform = Terraform(folder, tmp_path / "scratch", environment)
    (tmp_path / "scratch").mkdir()
    terraform.init()
    terraform.plan("-refresh=false")
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(terraform.show_json()))
    code, found = gate(root, plan, capsys, name="consumers/workloads")
    assert code == 1
    ((rule, summary),) = rules(found)
    assert rule == "SG511"
    assert "environments/roles/consumers/workloads/main.tf" in summary
    shutil.rmtree(root / "environments")
    code, found = gate(root, plan, capsys, name="consumers/workloads")
    assert (code, {d["rule"] for d in found}) == (1, {"SG516"})


def test_every_type_of_the_templates_is_known():
    texts = [file.read_text() for file in (PROJECT / "templates").rglob("*.j2")]
    found = {
        line.split('"')[1]
        for text in texts
        for line in text.splitlines()
        if line.lstrip().startswith('resource "')
    }
    labels = (
        *("this", "trail", "state", "lock", "replicas", "decrypted", "access_denied"),
        *("x__y", "x_secrets"),
    )
    rendered = {
        type_
        for type_ in (*found, "aws_iam_user", "aws_iam_group", "aws_s3_bucket_acl", "aws_sns_x")
        for label in labels
        if any(p.fullmatch(f"{type_}.{label}") for p in (OF_MODULES, OF_READERS, OF_ROOTS))
    }
    assert rendered == found - {"aws_cloudwatch_event_target"}
    assert OF_ROOTS.fullmatch("aws_cloudwatch_event_target.secret_read_us_west_2")
