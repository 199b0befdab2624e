"""What Terraform plans for environments that hypothesis draws is what the model says."""

from pathlib import Path

import pytest

from secretgen.model.names import label
from secretgen.render.files import render_environment, render_module
from secretgen.render.templates import environment as templates
from tests.harness.aws import LocalAws
from tests.harness.terraform import Terraform
from tests.harness.workspace import write_offline_override
from tests.planned.compare import changes_of, compare
from tests.planned.drawn import drawn_environments
from tests.planned.environment import roots

DRAWN = 4


@pytest.mark.terraform
@pytest.mark.slow(seconds=5)
def test_a_first_plan_is_what_the_model_says(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    """All root modules are planned at once, as modules of one."""
    drawn = drawn_environments(DRAWN)
    files = render_module(templates())
    for environment in drawn:
        files |= render_environment(environment, templates())
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    expected = {
        folder: resources
        for environment in drawn
        for folder, resources in roots(environment).items()
    }
    found = {file.parent for file in (tmp_path / "environments").rglob("providers.tf")}
    assert found == {tmp_path / "environments" / folder for folder in expected}
    calls = ""
    for folder in expected:
        write_offline_override(tmp_path / "environments" / folder)
        calls += f'module "{label(folder)}" {{\n  source = "./environments/{folder}"\n}}\n'
    (tmp_path / "main.tf").write_text(calls)
    terraform = Terraform(tmp_path, scratch, environment=aws.environment())
    terraform.init()
    terraform.plan()
    plan = terraform.show_json()
    different = [
        f"{folder} {difference}"
        for folder, resources in expected.items()
        for difference in compare(resources, changes_of(plan, label(folder)))
    ]
    assert different == []
