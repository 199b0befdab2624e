"""Results on standard output, everything else on standard error; formats for programs."""

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, WARNING, WRONG, Command
from tests.rendered import another_environment

FINDING = {
    "rule": str,
    "severity": str,
    "stage": str,
    "summary": str,
    "detail": str,
    "file": str,
    "line": int,
    "column": int,
    "end_line": int,
    "end_column": int,
    "path": str,
    "suggestion": str,
}
DRIFT = {"file", "state", "changes"}
CHANGE = {"secret", "attribute", "spec", "committed", "line"}


@pytest.mark.parametrize("command", ["validate", "render", "check"])
def test_findings_as_json(command: str, spec: Path, secretgen: Command) -> None:
    spec.write_text(WRONG, encoding="utf-8")
    result = secretgen(command, "--format", "json")
    findings = json.loads(result.out)["diagnostics"]
    assert [(f["line"], f["column"], f["path"], f["suggestion"]) for f in findings] == [
        (3, 20, "aws.account_id", ""),
        (4, 43, "backend.loking", "locking"),
    ]
    for finding in findings:
        assert {key: type(value) for key, value in finding.items()} == FINDING
        assert (finding["severity"], finding["file"]) == ("error", "specs/small.yaml")


@pytest.mark.parametrize("command", ["validate", "render", "check"])
def test_no_findings_as_json(command: str, project: Path, secretgen: Command) -> None:
    assert json.loads(secretgen(command, "--format", "json").out)["diagnostics"] == []


@pytest.mark.parametrize("output_format", ["text", "json", "github", "sarif"])
def test_absence_of_findings_is_printed_to_stderr(
    output_format: str, spec: Path, secretgen: Command
) -> None:
    result = secretgen("validate", "--format", output_format)
    assert (result.code, result.err) == (0, "1 spec, no findings.\n")
    assert "no findings" not in result.out
    assert not result.out.strip() or output_format in {"json", "sarif"}
    spec.write_text(WARNING, encoding="utf-8")
    assert "no findings" not in secretgen("validate", "--format", output_format).err


def test_drift_as_json(project: Path, spec: Path, secretgen: Command) -> None:
    spec.write_text(
        re.sub("(app/token:)", r"\1\n    recovery_window_days: 7", spec.read_text("utf-8")),
        encoding="utf-8",
    )
    (project / "environments/small/keys.tf").unlink()
    result = secretgen("check", "--format", "json")
    assert result.code == 3
    drift = {entry["file"]: entry for entry in json.loads(result.out)["drift"]}
    assert all(entry.keys() >= DRIFT for entry in drift.values())
    assert drift["environments/small/keys.tf"]["state"] == "missing"
    secrets = drift["environments/small/secrets.tf"]
    assert secrets["state"] == "stale"
    changes = [c for c in secrets["changes"] if c["attribute"] == "recovery_window_days"]
    assert all(change.keys() >= CHANGE for change in changes)
    assert [(c["secret"], c["spec"], c["committed"]) for c in changes] == [("app/token", 7, 30)]
    text = (project / "environments/small/secrets.tf").read_text("utf-8").splitlines()
    assert "recovery_window" in text[changes[0]["line"] - 1]


@pytest.mark.parametrize("output_format", ["json", "sarif"])
def test_render_leaves_standard_output_to_the_program(
    output_format: str, spec: Path, secretgen: Command
) -> None:
    spec.write_text(WARNING, encoding="utf-8")
    result = secretgen("render", "--diff", "--format", output_format)
    assert result.code == 0
    assert json.loads(result.out)
    assert "update  environments/small/keys.tf" in result.err


def test_render_reports_each_file(spec: Path, secretgen: Command) -> None:
    spec.write_text(WARNING, encoding="utf-8")
    result = secretgen("render")
    assert "  update  environments/small/keys.tf\n" in result.out
    assert re.fullmatch(r"\d+ updated, \d+ unchanged\.\n", result.err)


def test_sarif_lists_the_rules(spec: Path, secretgen: Command) -> None:
    spec.write_text(WRONG, encoding="utf-8")
    (run,) = json.loads(secretgen("validate", "--format", "sarif").out)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert {result["ruleId"] for result in run["results"]} == {rule["id"] for rule in rules}
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in rules)


def test_github_annotations(spec: Path, secretgen: Command) -> None:
    spec.write_text(WRONG, encoding="utf-8")
    result = secretgen("validate", "--format", "github")
    lines = result.out.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("::error file=specs/small.yaml,line=") for line in lines)
    # GitHub shows ten annotations at most: the log has all.
    assert result.err == secretgen("validate").out


@pytest.mark.parametrize("output_format", ["text", "json", "github", "sarif"])
def test_a_file_takes_the_findings_and_the_terminal_keeps_text(
    output_format: str, spec: Path, project: Path, secretgen: Command
) -> None:
    spec.write_text(WRONG, encoding="utf-8")
    alone = secretgen("validate", "--format", output_format).out
    text = secretgen("validate").out
    result = secretgen("validate", "--format", output_format, "--output", "report")
    assert (result.code, result.out) == (1, text)
    assert (project / "report").read_text(encoding="utf-8") == alone


@pytest.mark.parametrize("options", [("--format", "json"), ("--format", "json", "--bogus")])
def test_a_report_replaces_no_spec_and_no_generated_file(
    options: tuple[str, ...], spec: Path, project: Path, secretgen: Command
) -> None:
    assert secretgen("render").code == 0
    generated = next((project / "environments").glob("*/secrets.tf"))
    for text, file in ((WRONG, spec), (spec.read_text("utf-8"), generated)):
        spec.write_text(text, encoding="utf-8")
        before = file.read_bytes()
        result = secretgen("validate", *options, "--output", str(file))
        assert (result.code, file.read_bytes()) == (2, before)
    assert "Name another file" in result.err or "--bogus" in options


@pytest.mark.parametrize("command", ["show", "access", "cost", "diagram", "diff"])
def test_findings_are_no_result_of_other_commands(
    command: str, spec: Path, secretgen: Command
) -> None:
    spec.write_text(WRONG, encoding="utf-8")
    result = secretgen(command)
    assert (result.code, result.out) == (1, "")
    assert "specs/small.yaml:3:20" in result.err
    found = json.loads(secretgen(command, "--format", "json").out)["diagnostics"]
    assert found == json.loads(secretgen("validate", "--format", "json").out)["diagnostics"]


FAILURES = [
    (["validate", "missing.yaml"], 2, "missing.yaml"),
    (["check", "--root", "missing"], 2, ""),
    (["render", "--frobnicate"], 2, ""),
    (["roots", "--kind", "x"], 2, ""),
    (["show", "missing.yaml"], 2, "missing.yaml"),
    (["explain", "SG999"], 2, ""),
]


@pytest.mark.parametrize(("arguments", "code", "file"), FAILURES, ids=str)
def test_fatal_error_is_a_json_document(
    arguments: list[str], code: int, file: str, project: Path, secretgen: Command
) -> None:
    text = secretgen(*arguments)
    assert (text.code, text.out) == (code, "")
    for option in (["--format", "json"], ["--format=json"]):
        result = secretgen(*arguments, *option)
        report = json.loads(result.out)
        assert (result.code, result.err, report["diagnostics"]) == (code, text.err, [])
        assert (report["error"]["summary"] in text.err, report["error"]["file"]) == (True, file)
    sarif = json.loads(secretgen(*arguments, "--format", "sarif").out)["runs"][0]
    invocation = sarif["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, code)
    assert not invocation["toolExecutionNotifications"][0]["message"]["text"].endswith("..")
    github = secretgen(*arguments, "--format", "json", "--format", "github").out
    assert github.startswith("::error ")
    assert "Value error" not in github
    (project / "secretgen.toml").write_text('format = "json"\n', encoding="utf-8")
    if "--root" not in arguments:
        assert json.loads(secretgen(*arguments).out) == report
    secretgen(*arguments, "--format", "json", "--output", "report")
    if arguments[0] in {"validate", "render", "check"}:
        assert json.loads((project / "report").read_text("utf-8")) == report


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (ZeroDivisionError, 70)])
def test_unexpected_error_is_a_json_document(
    error: type, code: int, project: Path, monkeypatch: pytest.MonkeyPatch, secretgen: Command
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("secretgen.usecases.checking.render_tree", fail)
    result = secretgen("check", "--format", "json")
    assert result.code == code
    assert json.loads(result.out)["error"]["summary"] in result.err


def test_a_project_in_a_folder_of_a_repository(
    project: Path, spec: Path, secretgen: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = project.parent
    (top / ".git").mkdir()
    monkeypatch.chdir(top)
    spec.write_text(WARNING, encoding="utf-8")
    seen = "project/specs/small.yaml"
    assert f"::warning file={seen},line=" in secretgen("validate", seen, "--format", "github").out
    check = secretgen("check", "--root", "project", "--format", "github").out
    assert "::error file=project/environments/small/keys.tf" in check
    (run,) = json.loads(secretgen("check", seen, "--format", "sarif").out)["runs"]
    assert run["automationDetails"]["id"] == "secretgen/project/"
    uris = [
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]
    ]
    assert seen in uris
    assert all((top / uri).is_file() for uri in uris), "locations that exist"
    report = json.loads(secretgen("check", seen, "--format", "json").out)
    assert report["diagnostics"][0]["file"] == "specs/small.yaml"


@pytest.mark.parametrize("here", ["", "project", "project/specs"])
def test_failed_run_in_a_folder_of_a_repository(
    here: str, project: Path, secretgen: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.parent / ".git").mkdir()
    monkeypatch.chdir(project.parent / here)
    up = os.path.relpath(project)
    for settings, argument, file in (
        ("", f"{up}/specs/no.yaml", "specs/no.yaml"),
        ("x = 1", f"--root={up}", "secretgen.toml"),
        ("x", f"{up}/specs/small.yaml", "secretgen.toml"),
    ):
        (project / "secretgen.toml").write_text(settings, encoding="utf-8")
        github, as_json, sarif = (
            secretgen("check", argument, "--format", name).out
            for name in ("github", "json", "sarif")
        )
        assert f"::error file=project/{file},line=1," in github
        assert json.loads(as_json)["error"]["file"] == file
        (run,) = json.loads(sarif)["runs"]
        assert run["automationDetails"]["id"] == "secretgen/project/"


def test_warning_about_many_secrets_is_reported_once(
    project: Path, spec: Path, secretgen: Command
) -> None:
    def warnings(count: int) -> tuple[str, str, list[dict[str, str]]]:
        secrets = "".join(
            f"  app/s{n}: {{ value: {{ from: external }}, kms_key: aws-managed }}\n"
            for n in range(count)
        )
        head = SMALL.partition("secrets:")[0]
        spec.write_text(f"{head}secrets:\n{secrets}", encoding="utf-8")
        as_json = secretgen("validate", "--format", "json").out
        return (
            secretgen("validate").out,
            secretgen("validate", "--format", "github").out,
            [d for d in json.loads(as_json)["diagnostics"] if d["severity"] == "warning"],
        )

    text, github, found = warnings(40)
    rules = {d["rule"] for d in found}
    assert len(found) == 40 * len(rules)
    for shown in (text, github):
        assert shown.count("(and 39 other secrets)") == len(rules) * (1 + (shown == github)) > 0
    assert "and 29 more" in text
    _, github, found = warnings(2)
    assert len(github.splitlines()) == len(found) == 2 * len(rules)


@pytest.mark.parametrize("command", ["show", "access", "cost", "diagram"])
def test_several_specs_make_one_json_value(command: str, spec: Path, secretgen: Command) -> None:
    one = json.loads(secretgen(command, "--format", "json").out)
    other = spec.with_name("other.yaml")
    text = spec.read_text("utf-8")
    other.write_text(another_environment(text, "small", "other"), encoding="utf-8")
    first, second = json.loads(secretgen(command, "--format", "json").out)
    assert second == one
    assert first != one


def test_secret_is_found_in_any_spec(spec: Path, secretgen: Command) -> None:
    text = spec.read_text("utf-8").replace("app/token", "other/token")
    other = another_environment(text, "small", "other")
    spec.with_name("other.yaml").write_text(other, encoding="utf-8")
    for name in ("app/token", "other/token"):
        assert secretgen("access", "--secret", name).code in (0, 1)
        assert name in secretgen("show", "--secret", name).out
    assert secretgen("show", "--secret", "missing/token").code == 2


@pytest.fixture
def two_specs(spec: Path) -> Path:
    """Two specs, each with a reader of its own."""
    small = spec.read_text("utf-8") + "    readers: [app]\n"
    other = another_environment(small, "small", "other").replace("[app]", "[guest]")
    spec.write_text(small + 'accounts: { app: { id: "111111111111" } }\n', encoding="utf-8")
    file = spec.with_name("other.yaml")
    file.write_text(other + 'accounts: { guest: { id: "222222222222" } }\n', encoding="utf-8")
    return file


@pytest.mark.usefixtures("two_specs")
@pytest.mark.parametrize("command", ["show", "access", "cost"])
def test_texts_of_several_specs_have_headings(command: str, secretgen: Command) -> None:
    out = secretgen(command).out
    assert re.findall("^# (.+)$", out, re.MULTILINE) == ["other", "small"]
    assert not secretgen(command, "specs/small.yaml").out.startswith("#")


@pytest.mark.usefixtures("two_specs")
def test_reader_is_found_in_any_spec(secretgen: Command) -> None:
    for who in ("app", "guest", "111111111111", "222222222222"):
        result = secretgen("access", "--who", who)
        assert (result.code, result.err) == (0, "")
        assert "app/token" in result.out
    assert secretgen("access", "--who", "999999999999").code == 1
    assert secretgen("access", "--who", "nobody").code == 2


@pytest.mark.usefixtures("two_specs")
def test_several_specs_make_one_csv(secretgen: Command) -> None:
    rows = list(csv.DictReader(io.StringIO(secretgen("access", "--format", "csv").out)))
    assert {row["environment"] for row in rows} == {"other", "small"}
    assert {row["reads"] for row in rows} <= {"yes", "no", "depends"}


@pytest.mark.usefixtures("two_specs")
def test_several_diagrams_are_told_apart_or_refused(secretgen: Command) -> None:
    lines = secretgen("diagram").out.splitlines()
    assert [line for line in lines if line.startswith("%% ")] == ["%% other", "%% small"]
    assert secretgen("diagram", "--format", "svg").code == 2


@pytest.mark.parametrize("command", [["rules"], ["explain", "SG305"], ["schema"]], ids=" ".join)
def test_references_as_json(command: list[str], secretgen: Command) -> None:
    extra = [] if command == ["schema"] else ["--format", "json"]
    assert json.loads(secretgen(*command, *extra).out)
