"""Terraform 1.15 takes and plans all that is rendered as the oldest supported Terraform does."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.compat.terraform_1_15 import command
from tests.harness.aws import LocalAws
from tests.harness.cycle import begin, prepare
from tests.harness.install import Installation, find_installation
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree, write_offline_override
from tests.pip import PackageMissingError
from tests.rendered import SPECS, render, render_all

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.slow(seconds=20),
    pytest.mark.skipif(not os.environ.get("SECRETGEN_COMPAT"), reason="`make compat` runs it"),
]

VARIABLE = re.compile(r'^variable "(\w+)"', re.MULTILINE)


@pytest.fixture(scope="module")
def newest() -> Installation:
    """Terraform 1.15 with the mirror of the other."""
    try:
        return Installation(command(), find_installation().mirror)
    except PackageMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


def test_terraform_is_the_expected_version(
    newest: Installation, tmp_path: Path, scratch: Path
) -> None:
    told = [Terraform(tmp_path, scratch, installation=i)._call("version", limit=60).stdout
            for i in (newest, find_installation())]  # fmt: skip
    assert told[0].startswith("Terraform v1.15.")
    assert not told[1].startswith("Terraform v1.15.")


def test_it_plans_the_same(
    newest: Installation, tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    render_all(tmp_path / "project")
    tree = copy_tree(tmp_path / "project", tmp_path / "tree")
    roots = sorted(file.parent for file in tree.glob("environments/**/providers.tf"))
    assert len(roots) > 12
    for root in roots:
        write_offline_override(root)
        plans = [_planned(root, scratch, aws, i) for i in (newest, find_installation())]
        assert plans[0] == plans[1], root
        assert plans[0], root


def _planned(root: Path, scratch: Path, aws: LocalAws, by: Installation) -> dict[str, Any]:
    """What a Terraform, to which the root module is valid, plans for each resource."""
    declared = VARIABLE.findall("".join(file.read_text() for file in root.glob("variables.tf")))
    values = {name: f"value of {name}" for name in declared}
    terraform = Terraform(root, scratch, aws.environment(), values, installation=by)
    terraform.init()
    assert terraform.validate() == [], root
    terraform.plan("-refresh=false")
    return {
        change["address"]: change["change"] for change in terraform.show_json()["resource_changes"]
    }


def test_it_applies(newest: Installation, tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    """It starts the provider itself, and its second plan is empty."""
    folder = render(tmp_path / "project", (SPECS / "small.yaml").read_text("utf-8"))
    copy = copy_tree(tmp_path / "project", tmp_path / "tree") / "environments" / folder.name
    prepare(aws, copy)
    begin(aws, copy, scratch, starts_providers=True, installation=newest)
