"""What a release rendered and applied loses nothing when this one renders it anew.

Each folder `<version>` is a project as that release left it. The local AWS applies one of its
environments and the accounts that read it; of what it cannot apply, the plans are compared.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from secretgen.cli import run
from tests.harness.aws import LocalAws
from tests.harness.cycle import begin, offline_plan, prepare
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree, write_offline_override
from tests.rendered import tree

RELEASES = sorted(folder.parent for folder in Path(__file__).parent.glob("*/environments"))
ACCOUNTS = {"app": "111111111111", "here": "123456789012"}
VALUES = {"app__shared": "shared-3f9c"}
PLANNED = {"root": "environments/planned", "bootstrap": "environments/planned/bootstrap"}
"""Root modules that are planned together, as modules of one."""
# Changed in place by AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
# has "Update requires: No interruption" for each, under the resource of the same name.
CHANGED_IN_PLACE = {"description", "policy", "tags", "tags_all"}

releases = pytest.mark.parametrize("release", RELEASES, ids=lambda folder: folder.name)


def project(release: Path, tmp_path: Path) -> Path:
    """A copy of what a release left."""
    return shutil.copytree(release, tmp_path / "project")


def test_release_is_complete() -> None:
    assert RELEASES


@pytest.mark.terraform
@pytest.mark.slow(seconds=40)
@releases
def test_nothing_is_destroyed_or_replaced(
    release: Path, tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    root = project(release, tmp_path)
    folder = root / "environments/applied"
    prepare(aws, folder)
    terraform = begin(aws, folder, scratch, variables=VALUES, replans=False).terraform
    consumers = [_applied(aws, folder, scratch, account) for account in ACCOUNTS]

    assert run(["render", "--root", str(root)]) == 0
    for module in (terraform, *consumers):
        module.init()
        before = set(module.addresses())
        module.plan()
        changes = module.show_json()["resource_changes"]
        assert list(_losses(changes)) == [], module.folder.name
        assert before <= {change["address"] for change in changes}
        module.apply(str(module.plan_file))
        module.assert_no_changes()
    assert aws.secret_value("app/shared") == aws.secret_value("app/shared", "us-west-2")
    assert aws.secret_value("app/shared") == VALUES["app__shared"]


def _applied(aws: LocalAws, folder: Path, scratch: Path, account: str) -> Terraform:
    """The root module of an account that reads, applied there."""
    there = aws.in_account(ACCOUNTS[account])
    if account == "app":
        there.client("iam").create_role(RoleName="web", AssumeRolePolicyDocument="{}")
    own = scratch / account
    own.mkdir()
    terraform = Terraform(folder / "consumers" / account, own, environment=there.environment())
    terraform.init()
    terraform.apply()
    return terraform


def _losses(changes: list[dict[str, Any]]) -> Iterator[str]:
    """The resources that leave or are replaced."""
    for change in changes:
        if {"delete", "forget"} & set(change["change"]["actions"]):
            yield f"{change['address']}: {change['change'].get('replace_paths', 'leaves')}"


@pytest.mark.terraform
@pytest.mark.slow(seconds=4)
@releases
def test_resources_that_cannot_be_applied_are_planned(release: Path, tmp_path: Path) -> None:
    root = project(release, tmp_path)
    before = _planned(root, tmp_path / "before")
    assert {address.split(".")[1] for address in before} == PLANNED.keys()
    assert run(["render", "--root", str(root)]) == 0
    after = _planned(root, tmp_path / "after")
    for address, values in before.items():
        assert address in after
        differing = {name for name in values if values[name] != after[address].get(name)}
        assert differing <= CHANGED_IN_PLACE, address


def _planned(root: Path, work: Path) -> dict[str, dict[str, Any]]:
    """What Terraform plans for each address: the arguments whose values are known."""
    scratch = work / "scratch"
    scratch.mkdir(parents=True)
    tree = copy_tree(root, work / "tree")
    for folder in PLANNED.values():
        write_offline_override(tree / folder)
    calls = [f'module "{name}" {{\n  source = "./{path}"\n}}\n' for name, path in PLANNED.items()]
    (tree / "main.tf").write_text("".join(calls))
    plan = offline_plan(tree, scratch)
    return {c["address"]: c["change"]["after"] for c in plan["resource_changes"]}


@releases
def test_guard_compares_with_deployed_files(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(release, tmp_path)
    file = root / "specs/applied.yaml"
    spec = yaml.safe_load(file.read_text("utf-8"))
    leaving = [name for name, secret in spec["secrets"].items()
               if secret.get("deletion_protection", True)]  # fmt: skip
    for name in leaving:
        del spec["secrets"][name]
    del spec["service_secrets"]
    file.write_text(yaml.safe_dump(spec), "utf-8")
    before = tree(root)
    capsys.readouterr()
    assert run(["render", "--root", str(root), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    assert not [f for f in found if f["rule"] == "SG518"]
    refused = {f["path"] for f in found if (f["rule"], f["severity"]) == ("SG501", "error")}
    assert refused == {"service_secrets.orders", *(f"secrets.{name}" for name in leaving)}
    assert tree(root) == before
