"""The rendered module: its variants, its own tests, its documentation."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.render.files import render_module
from secretgen.render.templates import environment
from tests.harness.terraform import Terraform

VARIANTS = ("", "static/", "unmanaged-policy/", "unmanaged-policy/static/", "kms-key/")
FOLDERS = (*VARIANTS, "rotation-function/")
DOCUMENTED = {
    "Secrets": ("", "static/"),
    "Keys": ("kms-key/",),
    "Rotation functions": ("rotation-function/",),
}
VARIABLE = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r'^output "(\w+)"', re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| (?:`([^`]+)` \| (.+?) \| )?.+ \|$", re.MULTILINE)
RUN = re.compile(r'^run "\w+" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
SOURCE = re.compile(r'^ +source = "\./(?:unprotected/?)?(.*)"', re.MULTILINE)
GIVEN = re.compile(r"^variables \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```hcl\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """The module's files by their path in its folder."""
    rendered = render_module(environment())
    return {path.removeprefix(f"{DEFAULT_LAYOUT.module}/"): body for path, body in rendered.items()}


def write(files: dict[str, str], folder: Path) -> Path:
    for path, body in files.items():
        file = folder / DEFAULT_LAYOUT.module / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body)
    return folder / DEFAULT_LAYOUT.module


@pytest.mark.parametrize("variant", VARIANTS)
def test_unprotected_variants_differ_only_in_protection(
    variant: str, files: dict[str, str]
) -> None:
    for name in ("main.tf", "outputs.tf", "variables.tf", "versions.tf"):
        protected = files[variant + name]
        assert protected.count("prevent_destroy = true") == (name == "main.tf")
        free = protected.replace("prevent_destroy = true", "prevent_destroy = false")
        # A secret without protection carries no tag; a key says that it has none.
        free = free.replace('"secretgen:protected" = "true"', '"secretgen:protected" = "false"')
        if variant != "kms-key/":
            free = free.replace('merge(var.tags, { "secretgen:protected" = "false" })', "var.tags")
        assert files[f"unprotected/{variant}{name}"] == free


def test_a_secret_that_stops_rotating_keeps_its_addresses(files: dict[str, str]) -> None:
    def addresses(name: str) -> set[str]:
        return set(re.findall(r'^resource ("\w+" "\w+")', files[name], re.MULTILINE))

    assert addresses("main.tf") - addresses("static/main.tf") == {
        '"aws_secretsmanager_secret_rotation" "this"',
    }
    assert addresses("static/main.tf") < addresses("main.tf")
    for variant in ("", "static/"):
        assert addresses(f"{variant}main.tf") - addresses(f"unmanaged-policy/{variant}main.tf") == {
            '"aws_secretsmanager_secret_policy" "this"'
        }


@pytest.mark.terraform
@pytest.mark.slow
def test_the_module_passes_its_own_tests(
    files: dict[str, str], tmp_path: Path, scratch: Path
) -> None:
    terraform = Terraform(write(files, tmp_path), scratch)
    terraform.init()
    assert "0 failed" in terraform.test().stdout
    terraform.fmt_check()


def test_the_modules_own_tests_assert_something_of_every_input(files: dict[str, str]) -> None:
    named: dict[str, set[str]] = {folder.strip("/"): set() for folder in FOLDERS}
    for path, text in files.items():
        for body in map(dedent, RUN.findall(text) if path.startswith("tests/") else ()):
            if "\nassert {" in body:
                (folder,) = SOURCE.findall(body) or [""]
                named[folder] |= given(text) | given(body)
    for folder in FOLDERS:
        declared = {name for name, _ in VARIABLE.findall(files[f"{folder}variables.tf"])}
        assert declared - named[folder.strip("/")] == set(), folder


def given(text: str) -> set[str]:
    """The inputs that `variables` of a test, or of a run, sets."""
    return {
        name
        for body in GIVEN.findall(text)
        for name in re.findall(r"^  (\w+) +=", body, re.MULTILINE)
    }


@pytest.mark.terraform
def test_the_examples_of_the_readme_are_valid(
    files: dict[str, str], tmp_path: Path, scratch: Path
) -> None:
    write(files, tmp_path)
    providers = 'provider "aws" {\n  region = "us-east-1"\n}\n\n'
    replica = 'provider "aws" {\n  alias  = "us_west_2"\n  region = "us-west-2"\n}\n\n'
    examples = "\n".join(EXAMPLE.findall(files["README.md"]))
    (tmp_path / "main.tf").write_text(providers + replica + examples)
    terraform = Terraform(tmp_path, scratch)
    terraform.init()
    assert terraform.validate() == []
    terraform.fmt_check()


@pytest.mark.parametrize("title", DOCUMENTED)
def test_the_readme_lists_inputs_and_outputs_as_they_are(title: str, files: dict[str, str]) -> None:
    section = files["README.md"].split(f"\n### {title}")[1].split("\n## ")[0].split("\n### ")[0]
    inputs, outputs = section.split("| output | |")
    declared = dict(
        v for f in DOCUMENTED[title] for v in VARIABLE.findall(files[f"{f}variables.tf"])
    )
    listed = {name: (kind, default) for name, kind, default in ROW.findall(inputs)}
    assert listed.keys() == declared.keys()
    for name, body in declared.items():
        kind, default = listed[name]
        begins = re.escape(kind.rstrip(")"))
        assert re.search(rf"^  type +?= {begins}[()\n]", body, re.MULTILINE), name
        assert (default == "required") == (re.search(r"^  default ", body, re.MULTILINE) is None)
        if default.startswith("`"):
            assert re.search(rf"^  default += {re.escape(default.strip('`'))}$", body, re.MULTILINE)
    made = {name for f in DOCUMENTED[title] for name in OUTPUT.findall(files[f"{f}outputs.tf"])}
    assert {name for name, _, _ in ROW.findall(outputs)} == made


def test_every_folder_is_documented(files: dict[str, str]) -> None:
    folders = {str(Path(path).parent) for path in files}
    assert folders == {
        *(str(Path(folder)) for folder in FOLDERS),
        *(str(Path("unprotected") / folder) for folder in VARIANTS),
        "tests",
    }
    for folder in FOLDERS:
        assert f"| `{folder or '.'}` |" in files["README.md"]
