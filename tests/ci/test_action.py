"""`action.yml`: its shell steps do what it promises."""

import json
import subprocess
from pathlib import Path

import pytest

from secretgen.cli import run
from tests.ci.support import PROJECT, SPEC, drift, load, run_step, step
from tests.harness.commands import command_folder
from tests.rendered import another_environment

ACTION = load(PROJECT / "action.yml")
STEPS = ACTION["runs"]["steps"]


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    """The runner's folder for temporary files, with the program where the action installs it."""
    folder = tmp_path / "temp"
    programs = folder / "secretgen/bin"
    programs.mkdir(parents=True)
    (programs / "secretgen").symlink_to(command_folder() / "secretgen")
    return folder


def check(
    project: Path, temp: Path, spec: str = "", root: str = ".", strict: str = "false"
) -> subprocess.CompletedProcess[str]:
    return run_step(
        step(STEPS, "Check"), project, temp, Path("/"), SPEC=spec, ROOT=root, STRICT=strict
    )


def sarif(temp: Path) -> list[str]:
    """The rules that found something, from the file that the action names as its output."""
    name, _, file = (temp / "output").read_text(encoding="utf-8").strip().partition("=")
    assert name == "sarif-file"
    (run,) = json.loads(Path(file).read_text(encoding="utf-8"))["runs"]
    return [result["ruleId"] for result in run["results"]]


def test_inputs_and_outputs_are_used() -> None:
    used = (PROJECT / "action.yml").read_text(encoding="utf-8")
    for name in ACTION["inputs"]:
        assert f"${{{{ inputs.{name} }}}}" in used
    assert not [s for s in STEPS if "${{" in s.get("run", "")], "text of others in a script"
    checked = {s["id"] for s in STEPS if "id" in s}
    assert {o["value"].split(".")[1] for o in ACTION["outputs"].values()} == checked


def test_no_failures(project: Path, temp: Path) -> None:
    checked = check(project, temp)
    assert (checked.returncode, checked.stdout) == (0, "")
    assert sarif(temp) == []


def test_drift_is_an_annotation_and_sarif(project: Path, temp: Path) -> None:
    drift(project)
    checked = check(project, temp, SPEC)
    assert checked.returncode == 3
    assert checked.stdout.startswith("::error file=environments/production/secrets.tf,line=")
    assert len(sarif(temp)) == len(checked.stdout.splitlines())


def test_warnings_fail_with_strict(project: Path, temp: Path) -> None:
    spec = project / SPEC
    spec.write_text(spec.read_text("utf-8") + "keys: { spare: {} }\n", encoding="utf-8")
    assert run(["render", "--root", str(project)]) == 0
    assert check(project, temp).returncode == 0
    found = check(project, temp, strict="true")
    assert (found.returncode, found.stdout.startswith("::warning file=specs/")) == (1, True)


def test_several_specs_and_another_root(project: Path, temp: Path) -> None:
    other = project / "specs/other.yaml"
    text = (project / SPEC).read_text(encoding="utf-8")
    other.write_text(another_environment(text, "production", "other"), encoding="utf-8")
    folder = project.name
    named = f" {folder}/{SPEC}\n {folder}/specs/other.yaml "
    checked = check(project.parent, temp, named, folder)
    assert checked.returncode == 3
    assert "environments/other/secrets.tf" in checked.stdout
    assert check(project.parent, temp, f"{folder}/{SPEC}", folder).returncode == 0


def test_an_input_is_never_code(project: Path, temp: Path) -> None:
    checked = check(
        project, temp, "$(touch pwned) ; touch pwned", "`touch pwned`", "$(touch pwned)"
    )
    assert checked.returncode == 2
    assert not list(temp.parent.rglob("pwned"))


def test_plans_are_judged(project: Path, temp: Path) -> None:
    (project / "plan.json").write_text('{"format_version": "2.0"}', encoding="utf-8")
    summary = temp / "summary"
    judged = run_step(
        step(STEPS, "Gate"),
        project,
        temp,
        Path("/"),
        SPEC="",
        ROOT=".",
        STRICT="true",
        PLAN="plan.json bootstrap=plan.json",
        BASE="",
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert judged.returncode == 1
    assert judged.stdout.startswith("::error file=specs/")
    assert "SG516" in summary.read_text(encoding="utf-8")
