"""A first plan of every root module: each policy is known, and the model says each attribute."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secretgen.model.names import label
from tests.harness.aws import LocalAws
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree, write_offline_override
from tests.planned.compare import changes_of, compare
from tests.planned.drawn import drawn_environments, write_environment
from tests.planned.environment import roots
from tests.rendered import environments, render_all

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=60)]

DRAWN = 4
"""Environments that hypothesis draws, next to those of the specs."""

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
    drawn = drawn_environments(DRAWN)
    for environment in drawn:
        write_environment(project, environment)
    tree = copy_tree(project, tmp_path / "tree")
    expected = {
        folder: resources
        for environment in [*environments(project), *drawn]
        for folder, resources in roots(environment).items()
    }
    found = {file.parent for file in (tree / "environments").rglob("providers.tf")}
    assert {folder.relative_to(tree / "environments").as_posix() for folder in found} == {*expected}
    calls = ""
    for folder in found:
        write_offline_override(folder)
        shutil.rmtree(folder / ".terraform", ignore_errors=True)
        name = folder.relative_to(tree / "environments").as_posix()
        calls += f'module "{label(name)}" {{\n  source = "./environments/{name}"\n}}\n'
    (tree / "main.tf").write_text(calls)
    terraform = Terraform(tree, scratch, environment=aws.environment())
    terraform.init()
    terraform.plan()
    plan = terraform.show_json()
    different = [
        f"{folder} {difference}"
        for folder, resources in expected.items()
        for difference in compare(resources, changes_of(plan, label(folder)))
    ]
    assert different == []
    assert [found for change in plan["resource_changes"] for found in _unknown(change)] == []


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
