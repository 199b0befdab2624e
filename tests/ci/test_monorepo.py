"""Two projects in folders of one repository, with what `init` writes for both."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from secretgen.cli import run
from tests.ci.conftest import commit
from tests.ci.support import PROJECT, load, run_step, step
from tests.ci.test_pre_commit import outcomes, pre_commit
from tests.harness.commands import command_folder
from tests.init.conftest import git
from tests.rendered import PRODUCTION, render
from tests.scanners.conftest import scanner

PROJECTS = ("infra/the one", "infra/two")


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository, committed, with what `init` of the second project tells to add."""
    top = tmp_path_factory.mktemp("monorepo")
    git(top, "init", "--quiet")
    for project in PROJECTS:
        assert run(["init", str(top / project)]) == 0
        assert run(["render", "--root", str(top / project)]) == 0
    for name in (".pre-commit-config.yaml", ".github/workflows/secretgen.yml", ".prettierignore"):
        file = top / name
        file.write_text(_for_both(file.read_text(encoding="utf-8")), encoding="utf-8")
    commit(top)
    return top


def _for_both(text: str) -> str:
    """Adds the second project as the first is there."""
    if "PROJECTS" in text:
        return text.replace('"infra/the one"', '"infra/the one:infra/two"')
    added = text.partition("    hooks:\n")[2] or text
    for written in ("'infra/the one'", "infra/the one", r"infra/the\ one"):
        added = added.replace(written, "infra/two")
    return text + added


@pytest.fixture
def top(begun: Path, tmp_path: Path) -> Path:
    """The repository of one test."""
    git(tmp_path, "clone", "--quiet", str(begun), str(tmp_path / "top"))
    return tmp_path / "top"


def describe(top: Path, project: str) -> Path:
    """Changes a spec."""
    spec = top / project / "specs/production.yaml"
    spec.write_text(spec.read_text("utf-8").replace("payment", "shipping"), encoding="utf-8")
    return spec


def test_the_steps_of_the_workflow(top: Path, tmp_path: Path) -> None:
    job = load(top / ".github/workflows/secretgen.yml")["jobs"]["check"]
    projects = {"PROJECTS": job["env"]["PROJECTS"]}
    annotations, environments, report = (
        step(job["steps"], name)
        for name in (
            "Findings and drift, as annotations",
            "Environments to plan",
            "Findings and drift, as SARIF",
        )
    )
    assert run_step(annotations, top, tmp_path, **projects).returncode == 0
    describe(top, "infra/two")
    found = run_step(annotations, top, tmp_path, **projects)
    assert found.returncode == 3
    assert found.stdout.startswith("::error file=infra/two/environments/")
    assert run_step(report, top, tmp_path, **projects).returncode == 3
    runs = {}
    for file in (tmp_path / "sarif").iterdir():
        (sarif,) = json.loads(file.read_text("utf-8"))["runs"]
        runs[sarif["automationDetails"]["id"]] = sarif["results"]
        for result in sarif["results"]:
            location = result["locations"][0]["physicalLocation"]["artifactLocation"]
            assert (top / location["uri"]).is_file()
    assert {name: bool(results) for name, results in runs.items()} == {
        "secretgen/infra/the one/": False, "secretgen/infra/two/": True,
    }  # fmt: skip
    assert run_step(environments, top, tmp_path, **projects).returncode == 0
    roots = (tmp_path / "output").read_text("utf-8").partition("roots=")[2]
    paths = [root["path"] for root in json.loads(roots)["roots"]]
    assert paths == [f"{project}/environments/production" for project in PROJECTS]


def test_the_action_twice_in_a_job(top: Path, tmp_path: Path) -> None:
    (tmp_path / "secretgen/bin").mkdir(parents=True)
    (tmp_path / "secretgen/bin/secretgen").symlink_to(command_folder() / "secretgen")
    script = step(load(PROJECT / "action.yml")["runs"]["steps"], "Check")
    describe(top, "infra/two")
    checked = [
        run_step(script, top, tmp_path, Path("/"), SPEC="", ROOT=root, STRICT="false")
        for root in (*PROJECTS, "infra/nothing")
    ]
    assert [check.returncode for check in checked] == [0, 3, 2]
    assert checked[1].stdout.startswith("::error file=infra/two/environments/")
    assert checked[2].stdout.startswith("::error title=")
    reports = re.findall(
        "^sarif-file=(.+)$", (tmp_path / "output").read_text("utf-8"), re.MULTILINE
    )
    one, two, nothing = (json.loads(Path(r).read_text("utf-8"))["runs"][0] for r in reports)
    assert (one["results"], bool(two["results"])) == ([], True)
    assert nothing["invocations"][0]["executionSuccessful"] is False
    assert one["automationDetails"] != two["automationDetails"]


@pytest.mark.slow
def test_the_hooks(top: Path, tmp_path: Path) -> None:
    both = [
        f"secretgen {hook} ({project})" for project in PROJECTS for hook in ("validate", "check")
    ]
    assert outcomes(pre_commit(top, tmp_path, "run", "--all-files").stdout) == dict.fromkeys(
        both, "Passed"
    )
    describe(top, "infra/two")
    git(top, "add", "--all")
    found = pre_commit(top, tmp_path, "run")
    assert outcomes(found.stdout) == dict(
        zip(both, ("Skipped", "Skipped", "Passed", "Failed"), strict=True)
    )
    spec = top / "infra/two/specs/production.yaml"
    text = spec.read_text("utf-8").replace("#readers", "readers")
    account = "accounts: { app: { id: '111111111111' } }\n"
    spec.write_text(f"{text}{account}", encoding="utf-8")
    assert run(["render", "--root", str(top / "infra/two")]) == 0
    git(top, "add", "--update")
    found = pre_commit(top, tmp_path, "run")
    assert "not added to Git" in found.stdout
    assert outcomes(found.stdout)[both[3]] == "Failed", "new files are not added"
    git(top, "add", "--all")
    assert outcomes(pre_commit(top, tmp_path, "run").stdout)[both[3]] == "Passed"
    commit(top)
    for name in ("templates/environment/x.tf.j2", "parts/x.yaml", "secretgen.toml"):
        file = top / PROJECTS[0] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as opened:
            opened.write("# Nothing\n")
        git(top, "add", "--all")
        assert outcomes(pre_commit(top, tmp_path, "run").stdout)[both[1]] != "Skipped", name
        git(top, "reset", "--quiet", "--hard")


@pytest.mark.slow
def test_fixers_of_line_ends_change_nothing(tmp_path: Path) -> None:
    render(tmp_path, PRODUCTION.read_text(encoding="utf-8"))
    files = [p for folder in ("environments", "modules") for p in (tmp_path / folder).rglob("*")]
    generated = [p for p in files if p.is_file()]
    bad = tmp_path / "bad.txt"
    bad.write_text("two spaces  \n\n", encoding="utf-8")
    fixer = scanner("end-of-file-fixer")
    for program in (fixer, fixer.with_name("trailing-whitespace-fixer")):
        fixed = subprocess.run(
            [program, *generated, bad], capture_output=True, text=True, check=False
        )
        assert fixed.stdout == f"Fixing {bad}\n"
    assert run(["check", "--root", str(tmp_path)]) == 0


def test_prettier_ignores_generated_files(begun: Path) -> None:
    ignored = (begun / ".prettierignore").read_text("utf-8").splitlines()
    generated = git(begun, "ls-files", "*.md", "*.svg", "*.json", "*.hcl", "*.html").splitlines()
    assert generated
    for file in generated:
        assert any(file.startswith(line) for line in ignored if line), file
