"""Templates of a project's own may say it otherwise, but nothing else."""

import re

import pytest

from secretgen.render.overlay import template_names
from secretgen.usecases import rendering
from tests.rendered import tree
from tests.templates.conftest import Project

SECRETS = "environment/secrets.tf.j2"
MODULE = "module/main.tf.j2"


def test_all_templates_ejected_render_the_same(project: Project) -> None:
    before = tree(project.root)
    assert project.run("templates", "eject", ".", "--to", str(project.own)).code == 0
    assert {p.relative_to(project.own).as_posix() for p in project.own.rglob("*.j2")} == {
        *template_names()
    }
    assert project.render().code == 0
    after = tree(project.root)
    assert {path: after[path] for path in before} == before


@pytest.mark.parametrize(
    ("template", "old", "new", "file"),
    [
        (SECRETS, "{% for secret", "# Ours.\n\n{% for secret", "environments/rich/secrets.tf"),
        (SECRETS, "  name = {{ secret.name", "  # Its name.\n  name = {{ secret.name",
         "environments/rich/secrets.tf"),
        ("environment/README.md.j2", "## Architecture", "## How it is built\n\nAsk #platform.",
         "environments/rich/README.md"),
        (MODULE, "merge(var.tags, {", 'merge(var.tags, { Module = "secretgen" }, {',
         "modules/aws-secrets/main.tf"),
        ("module/variables.tf.j2", "What the secret is for.", "Its purpose.",
         "modules/aws-secrets/variables.tf"),
        ("module/versions.tf.j2", ">= 5.100, < 7", ">= 6, < 7", "modules/aws-secrets/versions.tf"),
        ("module/tests/keys.tftest.hcl.j2", "run ", "# Ours.\nrun ",
         "modules/aws-secrets/tests/keys.tftest.hcl"),
        ("bootstrap/main.tf.j2", "resource ", "# Ours.\nresource ",
         "environments/rich/bootstrap/main.tf"),
    ],
)  # fmt: skip
def test_same_meaning_is_rendered_without_drift(
    template: str, old: str, new: str, file: str, project: Project
) -> None:
    before = (project.root / file).read_bytes()
    project.change(template, old, new)
    assert project.render().code == 0
    assert (project.root / file).read_bytes() != before
    assert project.check().code == 0


def test_drift_depends_on_the_templates(project: Project) -> None:
    before = tree(project.root / "environments") | tree(project.root / "modules")
    for name in (SECRETS, MODULE):
        project.change(name, "\n\n", "\n\n# Ours.\n\n")
    assert project.check().code == 3
    assert project.render().code == 0
    assert project.run("check", "--no-diff").code == 3
    assert project.run("render").code == 0
    assert tree(project.root / "environments") | tree(project.root / "modules") == before


@pytest.mark.parametrize(
    ("template", "old", "new", "told"),
    [
        (SECRETS, "secret.readers | hcl(2)", "secret.readers[:1] | hcl(2)", r"readers"),
        (SECRETS, "{% if secret.readers %}", "{% if false %}", r": readers\S* is missing"),
        (SECRETS, "{{ secret.recovery_window_days | hcl }}", "7",
         r": recovery_window_days is 7, the spec has \d+"),
        (SECRETS, "secret.rotation | hcl(2)",
         "dict(secret.rotation, duration='4h') | hcl(2)",
         r": rotation.duration is \"4h\", the spec has"),
        (SECRETS, "secret.tags | hcl(2)", 'dict(secret.tags, Ours="x") | hcl(2)',
         r": tags.Ours is \"x\", which is not in the spec"),
        (SECRETS, "{% for secret in secrets %}", "{% for secret in secrets[1:] %}", r" is missing"),
        (SECRETS, "{% for secret", 'resource "null_resource" "x" {\n}\n\n{% for secret',
         r"resource.null_resource.x is not in the spec"),
        ("environment/providers.tf.j2", "{{ env.region | hcl }}", '"eu-west-3"',
         r"more\)|eu-west-3"),
        (MODULE, "merge(var.tags, {", 'merge(var.tags, { x = file("/etc/hostname") }, {',
         r"aws_secretsmanager_secret.this.tags"),
        ("bootstrap/main.tf.j2", "  bucket = {{",
         '  tags = { x = file("/etc/hostname") }\n  bucket = {{',
         r"tags"),
        (MODULE, "description = var.description", 'description = file("/etc/hostname")',
         r"aws_secretsmanager_secret.this.description"),
        (MODULE, "description = var.description", 'description = "x"',
         r"aws_secretsmanager_secret.this.description"),
        ("module/variables.tf.j2", '"What the secret is for."', 'file("x")',
         r"variable.description.description"),
        ("module/tests/keys.tftest.hcl.j2", "run ", 'run "x" {\n}\n\nrun ', r"add run.x"),
        ("bootstrap/backend.tf.example.j2", "{% include", 'provider "x" {\n}\n{% include',
         r"add provider.x"),
        ("environment/terraform.tfvars.example.j2", "{% for", "x = 1\n{% for", r"add x"),
        (MODULE, '"secretsmanager:GetSecretValue"]', '"secretsmanager:*"]',
         r"change locals.grants"),
        (MODULE, "block_public_policy = true", "block_public_policy = false",
         r"block_public_policy from true to false; modules/aws-secrets/\S*main.tf:\d+"),
        (MODULE, "prevent_destroy = {{ protected | hcl }}", "prevent_destroy = false",
         r"lifecycle.prevent_destroy from true to false"),
        (MODULE, "  block_public_policy = true\n", "",
         r"omit resource.aws_secretsmanager_secret_policy.this.block_public_policy"),
        (MODULE, "# AWS copies", 'output "all" {\n  value = 1\n}\n\n# AWS copies',
         r"add output.all"),
        ("module/kms-key/main.tf.j2", '"kms:Decrypt"', '"kms:*"', r"aws_kms_key.this.policy"),
        ("bootstrap/main.tf.j2", "block_public_acls = true", "block_public_acls = false",
         r"block_public_acls"),
        ("environment/versions.tf.j2", "hashicorp/aws", "someone/aws",
         r"required_providers.aws.source"),
    ],
)  # fmt: skip
def test_different_meaning_is_refused(
    template: str, old: str, new: str, told: str, project: Project
) -> None:
    project.change(template, old, new)
    before = tree(project.root)
    for result in (project.render(), project.check()):
        summary, hint, *more = result.err.splitlines()
        assert (result.code, result.out, more) == (2, "", [])
        assert re.search(told, summary)
        assert hint.startswith("  Nothing was written. Fix the templates in own")
    assert tree(project.root) == before


def test_no_record_vouches_for_templates(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can commit wrong templates, what they render, and a record that matches."""
    project.change(SECRETS, "secret.readers | hcl(2)", "secret.readers[:1] | hcl(2)")
    with monkeypatch.context() as forging:
        forging.setattr(rendering, "prove_tree", lambda *_, **__: None)
        assert project.render().code == 0
    for result in (project.check(), project.render()):
        assert result.code == 2
        assert "custom templates" in result.err
        assert "readers" in result.err
