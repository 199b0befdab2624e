"""A first plan of every root module: each policy is known, and the model says each attribute."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secretgen.model.environment import Environment
from secretgen.model.names import label
from tests.harness.aws import LocalAws
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree, write_offline_override
from tests.planned.attributes import Expected, compare
from tests.rendered import environments, render_all

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=60)]

SECURITY = re.compile("polic|principal|source_a|trust")
COMPUTED = {
    # What the provider makes of a resource that is not there yet; no argument of it is rendered.
    ("aws_secretsmanager_secret", "policy"),
    ("aws_sns_topic", "policy"),
    ("aws_s3_bucket", "policy"),
    ("aws_sns_topic_subscription", "filter_policy_scope"),
    ("aws_iam_role", "inline_policy"),
    ("aws_iam_role", "managed_policy_arns"),
    # Identifiers: the policies themselves are known.
    ("aws_iam_policy", "policy_id"),
    ("aws_iam_role_policy_attachment", "policy_arn"),
}


def test_a_first_plan_says_what_the_model_says(
    tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    """All root modules of all specs are planned at once, as modules of one."""
    project = tmp_path / "project"
    project.mkdir()
    render_all(project)
    tree = copy_tree(project, tmp_path / "tree")
    roots = sorted(path.parent for path in (tree / "environments").rglob("providers.tf"))
    assert {"bootstrap", "production", "watched"} < {root.name for root in roots}
    assert {"consumers"} < {root.parent.name for root in roots}
    calls = ""
    for root in roots:
        write_offline_override(root)
        shutil.rmtree(root / ".terraform", ignore_errors=True)
        name = root.relative_to(tree / "environments").as_posix()
        calls += f'module "{label(name)}" {{\n  source = "./environments/{name}"\n}}\n'
    (tree / "main.tf").write_text(calls)
    terraform = Terraform(tree, scratch, environment=aws.environment())
    terraform.init()
    terraform.plan()
    changes = terraform.show_json()["resource_changes"]
    for environment in environments(project):
        _check_attributes(environment, changes)
    policies = {c["type"] for c in changes for name in c["change"]["after"] if name == "policy"}
    assert {"aws_iam_policy", "aws_kms_key", "aws_sns_topic_policy"} < policies
    assert [found for change in changes for found in _unknown(change)] == []


def _check_attributes(environment: Environment, changes: list[dict[str, Any]]) -> None:
    """What the module plans is what the model says, attribute by attribute."""
    begin = f"module.{label(environment.name)}.module."
    own = [c for c in changes if c.get("module_address", "").startswith(begin)]
    assert own
    assert compare(Expected(environment).resources(), own) == []


def _unknown(change: dict[str, Any]) -> Iterator[str]:
    for path in _paths(change["change"]["after_unknown"]):
        if SECURITY.search(path[-1]) and (change["type"], path[0]) not in COMPUTED:
            yield f"{change['address']}: {'.'.join(path)}"


def _paths(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if value is True:
        yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, path)
