"""What a branch changes since it left another, and what `diff` shows of a change."""

import json
import re
import shutil

import pytest

from secretgen.cli import run
from secretgen.project import settings_files
from tests.baseline.conftest import FOLDER, HEAD, Findings, Project
from tests.git.repositories import Work


@pytest.mark.parametrize("command", ["check", "diff"])
def test_branch_is_compared_with_its_merge_base(
    committed: Project, command: str, found: Findings
) -> None:
    root = committed.root
    work = Work(root)
    work.git("checkout", "-q", "-b", "work")
    committed.spec("secrets: { a: {} }\nchanges: [destroy: secrets.b]")
    assert committed.render() == 0
    committed.spec("secrets: { a: {} }")
    assert committed.render() == 0
    work.commit()
    assert found(committed, command) == []
    assert found(committed, command, "--base", "main") == ["SG501 secrets.b"]


SETTINGS = {
    "secretgen.toml": 'environments = "live"\nmodules = "parts"\n',
    "pyproject.toml": '[tool.secretgen]\nenvironments = "live"\nmodules = "parts"\n',
}


@pytest.mark.parametrize("now", ["", 'environments = "infra"\n', "environments = [\n"])
@pytest.mark.parametrize("file", SETTINGS)
def test_environment_in_a_folder_of_former_settings_is_found(
    committed: Project, file: str, now: str, found: Findings
) -> None:
    root, work = committed.root, Work(committed.root)
    settings = root / file
    settings.write_text(SETTINGS[file], "utf-8")
    assert committed.render() == 0
    work.git("rm", "-q", "-r", "--ignore-unmatch", "environments", "modules")
    work.commit()
    assert (root / "live/staging").is_dir()
    assert not (root / "environments").exists()
    work.git("checkout", "-q", "-b", "work")
    if now.endswith("[\n"):  # settings of a commit that nothing was rendered with
        settings.write_text(now, "utf-8")
        work.commit()
        now = SETTINGS[file].replace('"parts"', '"more"')
    else:
        now = SETTINGS[file].partition("environments")[0] + now
    settings.write_text(now, "utf-8")
    committed.spec("secrets: { a: {} }")
    assert found(committed, "render") == ["SG501 secrets.b"]
    committed.spec("secrets: { a: {} }\nchanges: [destroy: secrets.b]")
    assert committed.render() == 0
    committed.spec("secrets: { a: {} }")
    assert committed.render() == 0
    work.commit()
    for command in ("check", "diff"):
        assert found(committed, command, "--base", "main") == ["SG501 secrets.b"]


@pytest.mark.parametrize("between", ["", "environments = [\n"])
@pytest.mark.parametrize("file", SETTINGS)
def test_environment_is_found_after_settings_were_committed_alone(
    committed: Project, file: str, between: str, found: Findings
) -> None:
    root, work = committed.root, Work(committed.root)
    settings = root / file
    settings.write_text(SETTINGS[file].replace("live", "infra"), "utf-8")
    assert committed.render() == 0
    work.git("rm", "-q", "-r", "--ignore-unmatch", "environments", "modules")
    work.commit()
    work.git("checkout", "-q", "-b", "work")
    settings.write_text(between or SETTINGS[file], "utf-8")
    work.commit()
    settings.write_text(SETTINGS[file], "utf-8")
    committed.spec("secrets: { a: {} }")
    assert found(committed, "render") == ["SG501 secrets.b"]
    work.commit()
    assert found(committed, "check", "--base", "HEAD") == ["SG501 secrets.b"]


def test_history_is_not_searched_for_an_environment_that_is_found(
    committed: Project, found: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_files, "git", None)
    committed.spec("secrets: { a: {} }")
    assert found(committed, "render") == ["SG501 secrets.b"]


def test_environment_of_a_deleted_spec_is_found_in_a_folder_of_former_settings(
    committed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    root, work = committed.root, Work(committed.root)
    head = HEAD.replace("staging", "stage").replace("my-", "other-")
    committed.spec("secrets: { other: {} }", head=head, file="stage")
    (root / "secretgen.toml").write_text(SETTINGS["secretgen.toml"], "utf-8")
    assert committed.render() == 0
    work.commit()
    work.git("checkout", "-q", "-b", "work")
    (root / "secretgen.toml").unlink()
    (root / "specs/staging.yaml").unlink()
    assert committed.render() == 0
    work.git("rm", "-q", "-r", "live")
    work.commit()
    capsys.readouterr()
    assert run(["diff", "--root", str(root), "--base", "main"]) == 0
    assert "live/staging would be removed" in capsys.readouterr().out


def test_base_without_the_environment_loses_nothing(committed: Project) -> None:
    root = committed.root
    work = Work(root)
    work.git("rm", "-q", "-r", "environments")
    work.commit()
    work.git("checkout", "-q", "-b", "work")
    committed.spec("secrets: { a: {} }")
    assert run(["check", "--root", str(root), "--base", "main"]) == 3


def test_unknown_base_revision_is_a_usage_error(committed: Project) -> None:
    assert run(["diff", "--root", str(committed.root), "--base", "nowhere"]) == 2


def test_environment_of_a_deleted_spec_is_reported(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    head = HEAD.replace("staging", "stage").replace("my-", "other-")
    project.spec("secrets: { other: {} }", head=head, file="stage")
    assert project.render() == 0
    (project.root / "specs/staging.yaml").unlink()
    capsys.readouterr()
    assert project.render() == 0
    out = capsys.readouterr().out
    assert "warning[SG507]: environments/staging would be removed" in out
    assert "specs/staging.yaml no longer exists" in out


def test_environment_of_a_spec_that_a_branch_deletes_is_reported(
    committed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    root, work = committed.root, Work(committed.root)
    head = HEAD.replace("staging", "stage").replace("my-", "other-")
    committed.spec("secrets: { other: {} }", head=head, file="stage")
    assert committed.render() == 0
    work.commit()
    work.git("checkout", "-q", "-b", "work")
    (root / "specs/staging.yaml").unlink()
    assert committed.render() == 0
    work.commit()
    capsys.readouterr()
    assert run(["check", "--root", str(root), "--base", "main"]) == 0
    warned = "specs/stage.yaml:2:1: warning[SG507]: environments/staging would be removed"
    assert warned in capsys.readouterr().out
    assert run(["diff", "--root", str(root), "--base", "main"]) == 0
    shown = capsys.readouterr().out
    assert "environments/staging would be removed" in shown
    assert re.search(
        r"^staging: .* with \w{7}, the merge base of HEAD and main", shown, re.MULTILINE
    )
    assert run(["diff", "--root", str(root)]) == 0
    assert "environments/staging" not in capsys.readouterr().out


def test_diff_reports_when_terraform_init_is_required(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    both = HEAD.replace("locking: s3", "locking: both, dynamodb_table: locks")
    project.spec("secrets: { a: {}, b: {} }", head=both)
    capsys.readouterr()
    assert run(["diff", "--root", str(project.root)]) == 0
    assert f"Run `terraform init -reconfigure` first in {FOLDER}" in capsys.readouterr().out
    project.spec("secrets: { a: {}, b: {}, c: {} }")
    assert run(["diff", "--root", str(project.root)]) == 0
    assert f"Run `terraform init` first in {FOLDER}" in capsys.readouterr().out


def test_diff_ends_with_the_cost_of_a_month(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for secrets, cost in (
        ("a: {}, b: {}", "2.80 to 9.90 USD a month (no change)"),
        ("a: {}, b: {}, c: {}", "4.20 to 13.35 USD a month (+1.40 to +3.45)"),
    ):
        project.spec(f"secrets: {{ {secrets} }}")
        capsys.readouterr()
        for option in ("text", "markdown"):
            assert run(["diff", "--root", str(project.root), "--format", option]) == 0
            shown = capsys.readouterr().out
            assert shown.endswith(f"Estimated cost: {cost}.\n"), shown


def test_an_entry_about_any_name_is_no_change_once_it_is_rendered(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = "changes: [forget: secrets.x_y, forget: secrets.x/y, forget: keys.old_key]"
    project.spec(f"secrets: {{ a: {{}}, b: {{}} }}\n{entries}")
    assert project.render() == 0
    capsys.readouterr()
    assert run(["diff", "--root", str(project.root), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []


def test_a_number_in_a_json_value_is_a_number_in_json(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for version, port in ((1, 5432), (2, 5433)):
        if version > 1:
            assert project.render() == 0
        fields = f"{{ port: {{ literal: {port} }} }}"
        value = f"{{ from: json, version: {version}, fields: {fields} }}"
        project.spec(f"secrets: {{ a: {{}}, b: {{}}, c: {{ value: {value} }} }}")
    capsys.readouterr()
    assert run(["diff", "--root", str(project.root), "--format", "json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert [5432, 5433] in [[change["before"], change["after"]] for change in changes]


def test_the_include_that_gave_a_value_is_named(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    part = project.root / "parts/app.yaml"
    part.parent.mkdir()
    part.write_text(
        "version: 1\ninputs: { days: {} }\n"
        "secrets: { a: { recovery_window_days: $(days) }, b: {} }\n"
    )
    for days in ("30", "7"):
        include = f"include:\n  - {{ file: parts/app.yaml, inputs: {{ days: {days} }} }}"
        project.spec(include)
        if days == "30":
            assert project.render() == 0
    place = "parts/app.yaml:3 (inputs from specs/staging.yaml:6)"
    root = str(project.root)
    capsys.readouterr()
    assert run(["diff", "--root", root]) == 0
    assert place in capsys.readouterr().out
    assert run(["diff", "--root", root, "--format", "json"]) == 0
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert (change["file"], change["line"]) == ("parts/app.yaml", 3)
    assert change["includes"] == [{"file": "specs/staging.yaml", "line": 6}]
    assert run(["check", "--root", root]) == 3
    assert place in capsys.readouterr().out
    assert project.render() == 0
    found = capsys.readouterr().out
    assert "parts/app.yaml:3:" in found
    assert "The value comes from an input: specs/staging.yaml:6." in found


def test_a_key_that_leaves_a_region_is_named_without_its_contents(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = "keys: {{ db: {{}} }}\nsecrets: {{ a: {{}}, b: {{}}, c: {{ kms_key: db{} }} }}"
    project.spec(shared.format(", replicas: [us-west-2]"))
    assert project.render() == 0
    project.spec(shared.format(""))
    capsys.readouterr()
    run(["diff", "--root", str(project.root)])
    assert "key db: regions.us-west-2 would be removed\n" in capsys.readouterr().out


def test_diff_of_a_new_environment_lists_what_is_created(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(project.root / "environments")
    account = 'accounts: { app: { id: "111111111111", role: web } }'
    secrets = "secrets: { a: { readers: [app], kms_key: own }, b: {}, old: {} }"
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:old-AbCdEf"
    secrets += f"\nchanges: [import: {{ to: secrets.old, id: '{arn}' }}]"
    alarms = "monitoring: { notify: { email: [a@example.com] }, rotation_failures: true }"
    project.spec(f"{alarms}\n{account}\nkeys: {{ own: {{}} }}\n{secrets}")
    capsys.readouterr()
    assert run(["diff", "--root", str(project.root)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("staging: new, 1 updated, 5 created\n")
    assert "create   monitoring would be added" in shown
    assert "update   secret old would be imported" in shown
    for what in ("account app", "shared key own", "secret a", "secret b"):
        assert f"create   {what} would be created" in shown
    assert re.search(
        r"^Estimated cost: (\S+) to (\S+) USD a month \(\+\1 to \+\2\)\.$", shown, re.MULTILINE
    )
