"""What programs of others read fits their own schemas, and the page about them as well."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.ci.support import PROJECT
from tests.docs.support import Document
from tests.docs.test_commands import understood
from tests.scanners.conftest import scanner

PAGE = (PROJECT / "docs/how-to/continuous-integration.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^## (.+?)\n.*?^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
ALLOWED_PINS = "rules: { unpinned-uses: { config: { policies: { '*': ref-pin } } } }\n"


def fits(schema: str, file: Path) -> None:
    run = subprocess.run(
        [scanner("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.slow
def test_action_and_workflow(begun: Path) -> None:
    fits("github-actions", PROJECT / "action.yml")
    fits("github-workflows", begun / ".github/workflows/secretgen.yml")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("heading", "schema"), [("GitHub Actions", "github-workflows"), ("GitLab", "gitlab-ci")]
)
def test_the_page(heading: str, schema: str, tmp_path: Path) -> None:
    file = tmp_path / "ci.yml"
    file.write_text(BLOCKS[heading], encoding="utf-8")
    fits(schema, file)


@pytest.mark.slow
def test_zizmor_reports_nothing(begun: Path, tmp_path: Path) -> None:
    config = tmp_path / "zizmor.yml"
    config.write_text(ALLOWED_PINS, encoding="utf-8")
    files = [begun / ".github/workflows/secretgen.yml", PROJECT / "action.yml"]
    run = subprocess.run(
        [scanner("zizmor"), "--offline", "--no-progress", "--config", config, *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_the_page_knows_the_action() -> None:
    (uses,) = (
        step
        for job in yaml.safe_load(BLOCKS["GitHub Actions"])["jobs"].values()
        for step in job["steps"]
        if "/secretgen@" in step.get("uses", "")
    )
    action = yaml.safe_load((PROJECT / "action.yml").read_text(encoding="utf-8"))
    assert set(uses["with"]) <= set(action["inputs"])
    for name, value in action["inputs"].items():
        assert re.search(rf"^\| `{name}` \| ", PAGE, re.MULTILINE), name
        assert value["default"] in PAGE


def test_every_command_is_one() -> None:
    scripts = "\n".join(
        line
        for job in yaml.safe_load(BLOCKS["GitLab"]).values()
        for line in job["script"]
        if line.startswith(("secretgen ", "terraform "))
    )
    page = Document("page", f"{PAGE}\n```sh\n{scripts}\n```\n")
    assert understood([page]) >= {"secretgen", "terraform"}


def test_the_page_names_the_hooks_that_there_are() -> None:
    (repo,) = yaml.safe_load(BLOCKS["pre-commit"])["repos"]
    manifest = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [h["id"] for h in repo["hooks"]] == [h["id"] for h in manifest]
