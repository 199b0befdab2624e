"""0 fine, 1 findings, 2 usage or files, 3 drift only; 2 beats 1 beats 3; 130 and 70."""

from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, WARNING, WRONG, Command
from tests.rendered import tree

ON_SPECS = ["validate", "render", "check", "diff", "roots", "show", "access", "cost", "diagram"]
WITHOUT_SPECS = [["rules"], ["schema"], ["explain", "SG001"]]
BAD_USAGE = [
    [],
    ["frobnicate"],
    ["validate", "--no-such-option"],
    ["validate", "--format", "xml"],
    ["validate", "missing.yaml"],
    ["validate", "specs"],
    ["validate", "--output", "missing/report.json"],
    ["render", "--root", "missing"],
    ["show", "--secret", "missing"],
    ["access", "--secret", "missing"],
    ["access", "--who", "missing"],
    ["access", "--plan", "missing.json"],
    ["cost", "--prices", "missing.json"],
    ["cost", "--compare", "missing"],
    ["diagram", "--svg", "missing/picture.svg"],
    ["explain"],
    ["explain", "SG999"],
]


def edit(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")


@pytest.mark.parametrize("command", ON_SPECS)
def test_valid_spec_passes(command: str, project: Path, secretgen: Command) -> None:
    assert secretgen(command).code == 0


@pytest.mark.parametrize("command", WITHOUT_SPECS, ids=" ".join)
def test_commands_without_a_spec(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secretgen: Command
) -> None:
    monkeypatch.chdir(tmp_path)
    result = secretgen(*command)
    assert (result.code, result.err) == (0, "")
    assert result.out


@pytest.mark.parametrize("command", ON_SPECS)
def test_a_wrong_spec_is_a_finding(command: str, spec: Path, secretgen: Command) -> None:
    spec.write_text(WRONG, encoding="utf-8")
    result = secretgen(command)
    assert result.code == 1
    told = result.out + result.err
    assert "specs/small.yaml:3:20: error" in told, "the account"
    assert "specs/small.yaml:4:43: error" in told, "the unknown key"


@pytest.mark.parametrize("command", ["validate", "render", "check"])
def test_warnings_fail_only_a_strict_run(command: str, spec: Path, secretgen: Command) -> None:
    assert secretgen("render").code == 0
    spec.write_text(WARNING, encoding="utf-8")
    secretgen("render")
    assert secretgen(command).code == 0
    assert secretgen(command, "--strict").code == 1


@pytest.mark.parametrize("arguments", BAD_USAGE, ids=" ".join)
def test_bad_usage(arguments: list[str], project: Path, secretgen: Command) -> None:
    result = secretgen(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err
    assert "Traceback" not in result.err
    assert "internal error" not in result.err


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["check", "--base", ""], "--base"),
        (["check", "--base="], "--base"),
        (["render", "--force", ""], "--force"),
        (["render", "--templates", "", "--dry-run"], "--templates"),
        (["access", "--secret", "", "--who", "payments"], "--secret"),
        (["init", "--environment", ""], "--environment"),
        (["validate", ""], "an argument"),
        ([""], "an argument"),
    ],
)
def test_an_empty_text_is_bad_usage(
    arguments: list[str], place: str, project: Path, secretgen: Command
) -> None:
    """As of a variable that is not set: a check without its base would always pass."""
    edit(project / "environments/small/secrets.tf")
    before = tree(project)
    result = secretgen(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"secretgen: {place} is empty\n")
    assert tree(project) == before


def test_a_tag_may_have_an_empty_value(secretgen: Command, project: Path) -> None:
    result = secretgen("import", "specs/small.yaml", "--tag=Owner=", "--from-dump", "missing.json")
    assert "missing.json" in result.err


@pytest.mark.parametrize("command", ON_SPECS)
def test_no_spec_at_all(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secretgen: Command
) -> None:
    monkeypatch.chdir(tmp_path)
    result = secretgen(command)
    assert (result.code, result.out) == (2, "")
    assert "no spec found" in result.err


@pytest.mark.parametrize("command", ["render", "check"])
def test_an_edited_file_is_drift(command: str, project: Path, secretgen: Command) -> None:
    edit(project / "environments/small/secrets.tf")
    assert secretgen(command).code == 3


@pytest.mark.parametrize("command", ["render", "check"])
def test_findings_beat_drift(command: str, spec: Path, project: Path, secretgen: Command) -> None:
    edit(project / "environments/small/secrets.tf")
    spec.write_text(WRONG, encoding="utf-8")
    assert secretgen(command).code == 1


@pytest.mark.parametrize("command", ["validate", "render", "check"])
def test_files_beat_findings(command: str, spec: Path, secretgen: Command) -> None:
    spec.write_text(WRONG, encoding="utf-8")
    assert secretgen(command, str(spec), "missing.yaml").code == 2


@pytest.mark.parametrize("command", ["render", "check"])
def test_files_beat_drift(command: str, project: Path, spec: Path, secretgen: Command) -> None:
    (project / "environments/small/secrets.tf").unlink()
    edit(project / "environments/small/keys.tf")
    (project / "environments/small/secrets.tf").symlink_to("/etc/passwd")
    result = secretgen(command)
    assert (result.code, result.out) == (2, "")
    assert "environments/small/secrets.tf is a symbolic link" in result.err


def test_all_findings_of_all_specs_are_reported(project: Path, secretgen: Command) -> None:
    (project / "specs/a.yaml").write_text(WRONG, encoding="utf-8")
    other = SMALL.replace("environment: small", "environment: Small")
    (project / "specs/b.yaml").write_text(other, encoding="utf-8")
    result = secretgen("validate")
    assert result.code == 1
    assert [result.out.count(f"specs/{name}.yaml:") >= 1 for name in "ab"] == [True, True]


def test_interrupted(project: Path, monkeypatch: pytest.MonkeyPatch, secretgen: Command) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("secretgen.usecases.rendering.render_tree", interrupt)
    result = secretgen("render")
    assert (result.code, result.out) == (130, "")
    assert "Traceback" not in result.err


def test_an_unexpected_error_is_one_line_without_data(
    project: Path, monkeypatch: pytest.MonkeyPatch, secretgen: Command
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr("secretgen.usecases.rendering.render_tree", fail)
    result = secretgen("render")
    assert (result.code, result.out) == (70, "")
    first, hint = result.err.splitlines()
    assert first.startswith("secretgen: internal error: ZeroDivisionError at tests.cli")
    assert "report" in hint
    assert "hunter2" not in result.err


def test_file_name_cannot_control_the_terminal(project: Path, secretgen: Command) -> None:
    result = secretgen("validate", "\x1b[31mmissing.yaml")
    assert result.code == 2
    assert r"\x1b[31mmissing.yaml does not exist" in result.err
    assert "\x1b" not in result.err
