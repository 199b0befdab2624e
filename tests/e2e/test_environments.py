"""Rendered environments live through all of Terraform: the reference, a small and a rich one."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from secretgen.insight.references.arns import read_outputs
from secretgen.model.environment import Environment
from secretgen.model.names import variable
from secretgen.model.secret import Number
from secretgen.spec.load import load_spec
from tests.harness.aws import LocalAws
from tests.harness.calls import Call
from tests.harness.cycle import Cycle, begin, offline_plan, prepare
from tests.harness.locking import apply_while_locked
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree
from tests.policy.called import check_called
from tests.policy.calls import Tags, actions_of, refused, tags_now
from tests.rendered import PRODUCTION, SPECS, render

pytestmark = pytest.mark.terraform

UNPROTECTING = {"kms:TagResource", "secretsmanager:UntagResource"}
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-tokens"
MAX_FUNCTION_POLICY = 20_480
VARIABLE = re.compile(r'^variable "(\w+)"', re.MULTILINE)
REFERENCES = {
    "production": PRODUCTION,
    "small": SPECS / "small.yaml",
    "rich": SPECS / "rich.yaml",
}


@dataclass
class Rendered:
    """A spec, its environment, and a copy of the rendered tree in which Terraform may work."""

    environment: Environment
    folder: Path

    @property
    def canaries(self) -> dict[str, str]:
        """A value that must never leak, for every input variable."""
        names = VARIABLE.findall((self.folder / "variables.tf").read_text())
        return {name: f"canary-of-{name}-8d1f" for name in names}


def rendered(spec: Path, tmp_path: Path, *, pattern: str = "$^", by: str = "") -> Rendered:
    text = re.sub(pattern, by, spec.read_text(encoding="utf-8"))
    project = tmp_path / "project"
    project.mkdir()
    folder = render(project, text)
    environment = load_spec(text.encode(), "specs/production.yaml").environment
    assert environment
    copy = copy_tree(project, tmp_path / "tree")
    return Rendered(environment, copy / "environments" / folder.name)


@pytest.mark.slow(seconds=40)
@pytest.mark.parametrize("name", REFERENCES)
def test_complete_lifecycle(name: str, tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    made = rendered(REFERENCES[name], tmp_path)
    prepare(aws, made.folder)
    aws.record()
    # One life with Terraform as people run it; the others share providers that run.
    alone = name == "small"
    variables = made.canaries
    cycle = begin(
        aws, made.folder, scratch, variables=variables, starts_providers=alone, replans=False
    )
    applied, tags = aws.recorded(), _tags(made, aws)
    _assert_protected(made.environment, tags)
    assert not refused(made.environment, "apply", applied, tags)
    for secret in made.environment.secrets:
        regions = [made.environment.aws.region, *(r.region for r in secret.replicas)]
        if secret.value.source == "variable":
            for region in regions:
                written = aws.secret_value(secret.name, region)
                assert written == made.canaries[variable(secret.name)]
    _assert_literals(made.environment, aws)
    _assert_outputs_name_secrets(made.environment, cycle)
    rotated = _rotate_from_outside(made, aws)
    # Neither the apply nor the rotations left anything to change.
    aws.record()
    cycle.assert_clean()
    planned = aws.recorded()
    assert not refused(made.environment, "plan", planned, tags)
    for secret_name, value in rotated.items():
        assert aws.secret_value(secret_name, made.environment.aws.region) == value
    unprotected, ended = _unprotect_and_end(made, cycle, tags)
    check_called(name, actions_of([*applied, *planned, *unprotected, *ended]))


def _assert_outputs_name_secrets(environment: Environment, cycle: Cycle) -> None:
    """`secretgen references` finds the ARN of each secret in Terraform's outputs, as AWS has it."""
    outputs = {name: {"value": value} for name, value in cycle.terraform.outputs().items()}
    arns = read_outputs(environment, json.dumps(outputs), "outputs.json")
    places = [(s.name, environment.aws.region) for s in environment.secrets]
    places += [(s.name, r.region) for s in environment.secrets for r in s.replicas]
    for name, region in places:
        there = cycle.aws.client("secretsmanager", region).describe_secret(SecretId=name)
        assert arns.arn(name, region) == there["ARN"]


def _tags(made: Rendered, aws: LocalAws) -> Tags:
    environment = made.environment
    return tags_now(aws, [environment.aws.region, *environment.replica_regions])


def _assert_protected(environment: Environment, tags: Tags) -> None:
    """Secrets and keys carry the tag that says whether they are protected."""
    found = {
        arn.partition(":secret:")[2][: -len("-AbCdEf")]: value
        for arn, value in tags.values.items()
        if ":secret:" in arn
    }
    protected = [s for s in environment.secrets if s.deletion_protection]
    copies = {s.name: "true" for s in protected}
    assert found == copies
    keys = [value for arn, value in tags.values.items() if ":key/" in arn]
    expected = sum(len(key.regions) for key in environment.keys if key.deletion_protection)
    assert keys.count("true") == expected


def _unprotect_and_end(made: Rendered, cycle: Cycle, tags: Tags) -> tuple[list[Call], list[Call]]:
    """Switches the protection off, which only the role that destroys may, and destroys."""
    environment, aws = made.environment, cycle.aws
    _switch_protection(made, cycle)
    aws.record()
    switched = cycle.terraform.apply().text
    assert re.search(r"Plan: 0 to add, \d+ to change, 0 to destroy|No changes\.", switched)
    unprotected = aws.recorded()
    assert not refused(environment, "destroy", unprotected, tags)
    is_protected = any(found == "true" for found in tags.values.values())
    denied = {action for action, _ in refused(environment, "apply", unprotected, tags)}
    assert denied <= UNPROTECTING
    assert bool(denied) is is_protected
    tags = _tags(made, aws)
    assert "true" not in tags.values.values()
    cycle.assert_no_leak()
    aws.record()
    cycle.end()
    ended = aws.recorded()
    # Only the role that destroys ends the rotation of a secret that an AWS service owns.
    ends = {("secretsmanager:CancelRotateSecret", s.arn) for s in environment.service_secrets}
    assert refused(environment, "apply", ended, tags) == ends
    assert not refused(environment, "destroy", ended, tags)
    return unprotected, ended


def _assert_literals(environment: Environment, aws: LocalAws) -> None:
    """The literals of JSON values arrive with their types: `==` would take 1 for true."""
    for secret in environment.secrets:
        if secret.value.source == "json":
            written = json.loads(aws.secret_value(secret.name), parse_float=Decimal)
            for field in secret.value.fields:
                if isinstance(field.literal, Number):
                    assert format(Decimal(written[field.name]), "f") == field.literal.text
                elif field.literal is not None:
                    assert type(written[field.name]) is type(field.literal)
                    assert written[field.name] == field.literal


def _rotate_from_outside(made: Rendered, aws: LocalAws) -> dict[str, str]:
    """Every value that Terraform wrote changes elsewhere, often; returns the last ones."""
    written = [s.name for s in made.environment.secrets if s.value.source != "external"]
    region = made.environment.aws.region
    return {name: aws.rotate(name, times=3, region=region) for name in written}


def _switch_protection(made: Rendered, cycle: Cycle) -> None:
    """Switch `deletion_protection` off for everything; that replaces nothing."""
    services = made.folder / "service_secrets.tf"
    if services.exists():
        text = services.read_text()
        services.write_text(text.replace("prevent_destroy = true", "prevent_destroy = false"))
    for file in ("keys.tf", "secrets.tf"):
        path = made.folder / file
        path.write_text(
            re.sub(r"modules/aws-secrets(?!/unprotected)", "modules/aws-secrets/unprotected",
                   path.read_text())
        )  # fmt: skip
    cycle.terraform.init()


@pytest.mark.parametrize("name", REFERENCES)
def test_layout_is_terraforms_own(name: str, tmp_path: Path, scratch: Path) -> None:
    made = rendered(REFERENCES[name], tmp_path)
    Terraform(made.folder.parents[1], scratch).fmt_check()


@pytest.mark.parametrize("locking", ["dynamodb", "s3", "both"])
def test_a_second_apply_waits_for_the_lock(locking: str, tmp_path: Path, aws: LocalAws) -> None:
    made = rendered(PRODUCTION, tmp_path, pattern="locking: dynamodb", by=f"locking: {locking}")
    prepare(aws, made.folder)
    work = tmp_path / "work"
    work.mkdir()
    refused = apply_while_locked(aws, made.folder / "backend.tf", work)
    assert "Error acquiring the state lock" in refused.text


WORDS = [
    *("count", "depends-on", "depends_on", "each", "for-each", "for_each", "lifecycle", "local"),
    *("locals", "null", "path", "providers", "self", "source", "terraform", "true", "version"),
]


@pytest.mark.slow(seconds=3)
def test_secrets_may_have_names_that_terraform_uses(tmp_path: Path, scratch: Path) -> None:
    spec = REFERENCES["small"].read_text(encoding="utf-8")
    (tmp_path / "project").mkdir()
    body = "{ value: { from: variable }, kms_key: aws-managed }"
    spec += "".join(f'  "{word}": {body}\n' for word in WORDS)
    folder = render(tmp_path / "project", spec)
    variables = {variable(word): "value-3b1d" for word in WORDS}
    changes = offline_plan(folder, scratch, variables)["resource_changes"]
    assert {c["change"]["after"].get("name") for c in changes} >= set(WORDS)


@pytest.mark.slow(seconds=8)
def test_many_secrets_are_planned_together(tmp_path: Path, scratch: Path) -> None:
    """All but two rotate by one function, whose policy stays within AWS's limit."""
    rotated = 60
    project = tmp_path / "project"
    project.mkdir()
    small = REFERENCES["small"].read_text(encoding="utf-8")
    body = f"kms_key: aws-managed, rotation: {{ lambda_arn: '{FUNCTION}', every_days: 30 }}"
    names = [f"team-{n % 15}/token-{n}" for n in range(rotated)]
    spec = small + "".join(f"  {name}: {{ {body} }}\n" for name in names) + "  app/token-1:\n"
    folder = render(project, spec)
    copy = copy_tree(project, tmp_path / "tree") / "environments" / folder.name
    changes = offline_plan(copy, scratch)["resource_changes"]
    planned = Counter(change["type"] for change in changes if change["mode"] == "managed")
    assert planned == {
        "aws_kms_alias": 2,
        "aws_kms_key": 2,
        "aws_lambda_permission": 15,
        "aws_secretsmanager_secret": rotated + 2,
        "aws_secretsmanager_secret_policy": rotated + 2,
        "aws_secretsmanager_secret_rotation": rotated,
    }
    permissions = [c["change"] for c in changes if c["type"] == "aws_lambda_permission"]
    statements = [_statement(change["after"]) for change in permissions]
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    assert len(json.dumps(policy, separators=(",", ":"))) <= MAX_FUNCTION_POLICY
    # Known before anything exists, so that whoever reads the plan sees who may invoke what.
    literal = {"statement_id", "function_name", "principal", "source_account", "source_arn"}
    assert not any(literal & change["after_unknown"].keys() for change in permissions)
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret"
    patterns = [change["after"]["source_arn"] for change in permissions]
    for name in names:
        assert sum(fnmatchcase(f"{arn}:{name}-AbCdEf", pattern) for pattern in patterns) == 1
    assert not any(fnmatchcase(f"{arn}:app/token-1-AbCdEf", pattern) for pattern in patterns)


def _statement(permission: dict[str, Any]) -> dict[str, Any]:
    """The statement that Lambda makes of a permission."""
    assert permission["function_name"] == FUNCTION
    return {
        "Sid": permission["statement_id"],
        "Effect": "Allow",
        "Principal": {"Service": permission["principal"]},
        "Action": permission["action"],
        "Resource": FUNCTION,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": permission["source_account"]},
            "ArnLike": {"AWS:SourceArn": permission["source_arn"]},
        },
    }
