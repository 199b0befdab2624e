"""Two environments side by side."""

import json
from pathlib import Path

import pytest

from secretgen.cli import run

SPEC = """\
version: 1
environment: {name}
include:
  - {{ file: parts/app.yaml, inputs: {{ stage: {stage}, days: {days} }} }}
aws: {{ account_id: "{account}", region: us-east-1 }}
backend: {{ bucket: {name}-terraform-state, locking: s3 }}
"""
PART = """\
version: 1
inputs: { stage: {}, days: {} }
keys: { app: {} }
secrets:
  $(stage)/app/token:
    description: Token of $(stage)
    kms_key: app
    recovery_window_days: $(days)
  $(stage)/app/other: { group: App }
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "specs").mkdir()
    (tmp_path / "parts/app.yaml").write_text(PART, encoding="utf-8")
    left = SPEC.format(name="production", stage="prod", days=30, account="1" * 12)
    right = SPEC.format(name="staging", stage="stage", days=7, account="2" * 12)
    (tmp_path / "specs/production.yaml").write_text(left, encoding="utf-8")
    (tmp_path / "specs/staging.yaml").write_text(right, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compared(capsys: pytest.CaptureFixture[str], written_as: str = "text") -> str:
    capsys.readouterr()
    specs = ["specs/production.yaml", "specs/staging.yaml"]
    assert run(["compare", *specs, "--format", written_as]) == 0
    return capsys.readouterr().out


def test_differences_from_inputs_are_ignored(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compared(capsys) == "production and staging differ in inputs only.\n"
    data = json.loads(compared(capsys, "json"))
    assert (data["only_left"], data["only_right"], data["differences"]) == ([], [], [])
    assert "inputs only" in compared(capsys, "markdown")


def test_missing_and_different_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "specs/production.yaml").open("a", encoding="utf-8") as spec:
        spec.write("secrets: { prod/app/token: { group: Mine }, production/own: {} }\n")
    with (project / "specs/staging.yaml").open("a", encoding="utf-8") as spec:
        spec.write("defaults: { deletion_protection: false }\n")
        spec.write("keys: { app: { description: x } }\nsecrets: { staging/new: {} }\n")
    assert compared(capsys) == (
        "staging lacks secrets.production/own (specs/production.yaml:7)\n"
        "production lacks secrets.staging/new (specs/staging.yaml:9)\n"
        "\n"
        "keys.app\n"
        "  description\n"
        "    production: not set (parts/app.yaml:3)\n"
        "    staging: x (specs/staging.yaml:8)\n"
        "\n"
        "secrets.prod/app/other, secrets.stage/app/other\n"
        "  deletion_protection\n"
        "    production: true (parts/app.yaml:9)\n"
        "    staging: false (specs/staging.yaml:7)\n"
        "\n"
        "secrets.prod/app/token, secrets.stage/app/token\n"
        "  deletion_protection\n"
        "    production: true (specs/production.yaml:7)\n"
        "    staging: false (specs/staging.yaml:7)\n"
        "  group\n"
        "    production: Mine (specs/production.yaml:7)\n"
        "    staging: not set (parts/app.yaml:6)\n"
    )
    data = json.loads(compared(capsys, "json"))
    assert data["only_left"] == [
        {"subject": "secrets.production/own", "file": "specs/production.yaml", "line": 7}
    ]
    assert {d["attribute"] for d in data["differences"]} == {
        "deletion_protection", "description", "group",
    }  # fmt: skip
    assert "| `keys.app` | `description` | `not set` | `x` |\n" in compared(capsys, "markdown")


def test_show_names_the_place_of_each_field(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (project / "specs/staging.yaml").open("a", encoding="utf-8") as spec:
        spec.write("defaults: { group: Default }\ntags: { Owner: me }\n")
    command = ["show", "specs/staging.yaml", "--secret", "stage/app/token", "--format", "json"]
    assert run(command) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    places = {s["path"]: (s["from"], s["file"], s["line"]) for s in settings}
    assert places["description"] == ("secret", "parts/app.yaml", 6)
    assert places["group"] == ("defaults", "specs/staging.yaml", 7)
    assert places["tags.Owner"] == ("environment", "specs/staging.yaml", 8)
    assert places["deletion_protection"] == ("built-in", None, None)
    assert run(command[:4]) == 0
    text = capsys.readouterr().out
    assert "secret parts/app.yaml:8 (inputs from specs/staging.yaml:4)" in text
