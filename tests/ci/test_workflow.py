"""The workflow that `secretgen init` writes: its shell steps, run here."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ci.support import drift, load, run_step, step

TERRAFORM = """#!/bin/sh
echo "$@" >> "$RUNNER_TEMP/asked"
exit "$PLANNED"
"""


@pytest.fixture(scope="session")
def jobs(begun: Path) -> dict[str, Any]:
    found: dict[str, Any] = load(begun / ".github/workflows/secretgen.yml")["jobs"]
    return found


def test_each_job_may_do_no_more_than_it_needs(begun: Path, jobs: dict[str, Any]) -> None:
    workflow = load(begun / ".github/workflows/secretgen.yml")
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "check": {"contents": "read", "security-events": "write"},
        "plan": {"contents": "read", "id-token": "write"},
        "audit": {"contents": "read", "id-token": "write"},
    }
    for job in jobs.values():
        (checkout,) = (s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout"))
        assert checkout["with"]["persist-credentials"] is False
        assert not [s for s in job["steps"] if "${{" in s.get("run", "")]


def test_the_check(project: Path, tmp_path: Path, jobs: dict[str, Any]) -> None:
    steps = jobs["check"]["steps"]
    annotations = step(steps, "Findings and drift, as annotations")
    report = step(steps, "Findings and drift, as SARIF")
    assert run_step(annotations, project, tmp_path).returncode == 0
    drift(project)
    run = run_step(annotations, project, tmp_path)
    assert (run.returncode, run.stdout.startswith("::error file=environments/")) == (3, True)
    assert run_step(report, project, tmp_path).returncode == 3
    assert '"ruleId"' in (tmp_path / "sarif/secretgen-..sarif").read_text(encoding="utf-8")


def test_each_environment_is_planned_with_its_own_role_and_region(
    project: Path, tmp_path: Path, jobs: dict[str, Any]
) -> None:
    spec = (project / "specs/production.yaml").read_text(encoding="utf-8")
    account = load(project / "specs/production.yaml")["aws"]["account_id"]
    other = spec.replace("production", "europe").replace("us-east-1", "eu-west-1")
    other = other.replace(account, "999999999999")
    (project / "specs/europe.yaml").write_text(other, encoding="utf-8")
    environments = step(jobs["check"]["steps"], "Environments to plan")
    output = tmp_path / "output"
    run = run_step(environments, project, tmp_path, GITHUB_OUTPUT=str(output))
    assert run.returncode == 0, run.stderr
    name, _, roots = output.read_text(encoding="utf-8").partition("=")
    assert jobs["check"]["outputs"] == {name: f"${{{{ steps.roots.outputs.{name} }}}}"}
    assert jobs["plan"]["strategy"]["matrix"] == {
        "include": f"${{{{ fromJSON(needs.check.outputs.{name}).roots }}}}"
    }
    matrix = json.loads(roots)["roots"]
    assert [(m["path"], m["role"], m["region"]) for m in matrix] == [
        ("environments/europe", "arn:aws:iam::999999999999:role/secretgen-plan", "eu-west-1"),
        ("environments/production", f"arn:aws:iam::{account}:role/secretgen-plan", "us-east-1"),
    ]
    steps = {s.get("uses", "").split("@")[0]: s for s in jobs["plan"]["steps"]}
    assert steps["aws-actions/configure-aws-credentials"]["with"] == {
        "role-to-assume": "${{ matrix.role }}",
        "aws-region": "${{ matrix.region }}",
    }


@pytest.mark.parametrize(
    ("event", "planned", "code", "told"),
    [
        ("pull_request", 0, 0, ""),
        ("pull_request", 2, 0, "::notice title=Plan::Terraform would change production"),
        ("pull_request", 1, 1, ""),
        ("schedule", 0, 0, ""),
        ("schedule", 2, 2, "::error title=Drift::AWS is not what the code of production says"),
        ("schedule", 1, 1, ""),
    ],
)
def test_the_plan(  # noqa: PLR0917 -- three fixtures and a table
    event: str,
    planned: int,
    code: int,
    told: str,
    project: Path,
    tmp_path: Path,
    jobs: dict[str, Any],
) -> None:
    terraform = tmp_path / "bin/terraform"
    terraform.parent.mkdir()
    terraform.write_text(TERRAFORM, encoding="utf-8")
    terraform.chmod(0o755)
    job = jobs["plan"]
    folder = job["defaults"]["run"]["working-directory"]
    folder = folder.replace("${{ matrix.path }}", "environments/production")
    run = run_step(
        step(job["steps"], "Plan"),
        project / folder,
        tmp_path,
        terraform.parent,
        PLANNED=str(planned),
        GITHUB_EVENT_NAME=event,
        ENVIRONMENT="production",
    )
    assert (run.returncode, run.stdout.strip()) == (code, told)
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    options = "-lock=false -no-color -detailed-exitcode"
    assert asked == f"plan {options} -out={tmp_path}/saved.tfplan\n"


SECRETGEN = """#!/bin/sh
echo "$@" >> "$RUNNER_TEMP/asked"
case "$*" in
  gate*) echo "# gate" > "$RUNNER_TEMP/gate.md"; test -s "$RUNNER_TEMP/plan.json"; exit "$JUDGED" ;;
  diff*) head -c 2000000 /dev/zero | tr '\\0' d ;;
esac
"""


@pytest.mark.parametrize("judged", [0, 1])
def test_the_gate(judged: int, project: Path, tmp_path: Path, jobs: dict[str, Any]) -> None:
    """The plan is judged, shown in the summary as far as GitHub takes it, and deleted."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"terraform": 'echo "{}"\n', "secretgen": SECRETGEN}.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    (tmp_path / "saved.tfplan").write_text("saved", encoding="utf-8")
    summary = tmp_path / "summary"
    script = step(jobs["plan"]["steps"], "Gate")
    run = run_step(
        script,
        project / "environments/production",
        tmp_path,
        programs,
        GITHUB_WORKSPACE=str(project),
        GITHUB_STEP_SUMMARY=str(summary),
        BASE="main",
        SPEC="specs/production.yaml",
        JUDGED=str(judged),
    )
    assert run.returncode == judged, run.stderr
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    spec = f"{project}/specs/production.yaml --base origin/main"
    assert asked[0] == f"diff {spec} --format markdown"
    assert asked[1].startswith(f"gate {spec} --plan {tmp_path}/plan.json --format markdown")
    assert summary.read_text(encoding="utf-8").endswith("\n# gate\n")
    assert summary.stat().st_size < 1024 * 1024
    assert not (tmp_path / "plan.json").exists()
    assert not (tmp_path / "saved.tfplan").exists()
    uploads = [s["uses"] for s in jobs["plan"]["steps"] if "upload" in s.get("uses", "")]
    assert uploads == []


def test_the_audit(project: Path, tmp_path: Path, begun: Path, jobs: dict[str, Any]) -> None:
    """Once a week each environment is audited by name, with its own role; nothing is uploaded."""
    workflow = load(begun / ".github/workflows/secretgen.yml")
    crons = [entry["cron"] for entry in workflow[True]["schedule"]]  # `on` is a boolean in YAML
    job = jobs["audit"]
    assert sum(cron in job["if"] for cron in crons) == 1
    assert "vars.AWS_AUDIT == 'true'" in job["if"]
    assert job["strategy"] == jobs["plan"]["strategy"]
    assert not [s for s in job["steps"] if "upload" in s.get("uses", "")]
    (script,) = (s for s in job["steps"] if s.get("name") == "Audit")
    assert script["env"] == {"SPEC": "${{ matrix.spec }}"}
    program = tmp_path / "bin/secretgen"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$@"\nexit 3\n', encoding="utf-8")
    program.chmod(0o755)
    run = run_step(
        step(job["steps"], "Audit"),
        project,
        tmp_path,
        program.parent,
        SPEC="specs/production.yaml",
    )
    assert (run.returncode, run.stdout) == (3, "audit specs/production.yaml --format github\n")
