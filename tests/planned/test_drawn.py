"""What Terraform plans for environments that hypothesis draws is what the model says."""

from pathlib import Path
from typing import Any

import pytest

from secretgen.model.names import label
from secretgen.render.files import render_environment, render_module
from secretgen.render.templates import environment as templates
from secretgen.spec.resolve import resolve
from secretgen.spec.schema import Spec
from tests.harness.aws import LocalAws
from tests.harness.terraform import Terraform
from tests.harness.workspace import write_offline_override
from tests.planned.compare import changes_of, compare
from tests.planned.drawn import drawn_specs, specs_shown
from tests.planned.environment import roots

DRAWN = 4


@pytest.mark.terraform
@pytest.mark.slow(seconds=5)
def test_a_first_plan_is_what_the_model_says(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    """All root modules are planned at once, as modules of one."""
    specs = drawn_specs(DRAWN)
    with specs_shown(specs):
        _plan_and_compare(specs, Terraform(tmp_path, scratch, environment=aws.environment()))


def _plan_and_compare(specs: list[dict[str, Any]], terraform: Terraform) -> None:
    drawn = [resolve(Spec.model_validate(spec)) for spec in specs]
    files = render_module(templates())
    for environment in drawn:
        files |= render_environment(environment, templates())
    for path, text in files.items():
        file = terraform.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    expected = {
        folder: resources
        for environment in drawn
        for folder, resources in roots(environment).items()
    }
    found = {file.parent for file in (terraform.folder / "environments").rglob("providers.tf")}
    assert found == {terraform.folder / "environments" / folder for folder in expected}
    calls = ""
    for folder in expected:
        write_offline_override(terraform.folder / "environments" / folder)
        calls += f'module "{label(folder)}" {{\n  source = "./environments/{folder}"\n}}\n'
    (terraform.folder / "main.tf").write_text(calls)
    terraform.init()
    terraform.plan()
    plan = terraform.show_json()
    different = [
        f"{folder} {difference}"
        for folder, resources in expected.items()
        for difference in compare(resources, changes_of(plan, label(folder)))
    ]
    assert not different, "\n".join(different)
