"""What the options of `render` do to the files, and what `check` leaves alone."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, WARNING, Command
from tests.rendered import another_environment, tree, write_spec

SECRETS = "environments/small/secrets.tf"
OTHER = another_environment(SMALL, "small", "other")


def edit(file: Path) -> str:
    text = file.read_text(encoding="utf-8") + "# mine\n"
    file.write_text(text, encoding="utf-8")
    return text


def test_a_second_render_changes_nothing(project: Path, secretgen: Command) -> None:
    before = tree(project)
    result = secretgen("render")
    assert (result.code, result.out) == (0, "")
    assert tree(project) == before


def test_dry_run_writes_nothing_and_prints_the_same(
    project: Path, spec: Path, secretgen: Command
) -> None:
    spec.write_text(WARNING, encoding="utf-8")
    before = tree(project)
    dry = secretgen("render", "--dry-run")
    assert dry.code == 0
    assert tree(project) == before
    wet = secretgen("render")
    assert wet.out == dry.out
    assert tree(project) != before


def test_dry_run_of_a_new_project_creates_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secretgen: Command
) -> None:
    write_spec(tmp_path, SMALL)
    monkeypatch.chdir(tmp_path)
    assert secretgen("render", "--dry-run").code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["specs"]


def test_a_diff_shows_both_texts(spec: Path, secretgen: Command) -> None:
    text = spec.read_text(encoding="utf-8")
    changed = text.replace("app/token:", "app/token: { recovery_window_days: 14 }")
    spec.write_text(changed, encoding="utf-8")
    result = secretgen("render", "--dry-run", "--diff")
    assert (
        "--- a/environments/small/secrets.tf\n+++ b/environments/small/secrets.tf\n" in result.out
    )
    assert re.search(r"^-  recovery_window_in_days += 30$", result.out, re.MULTILINE)
    assert re.search(r"^\+  recovery_window_in_days += 14$", result.out, re.MULTILINE)


@pytest.mark.parametrize("kind", ["edited", "foreign"])
def test_refused_files_are_named_and_nothing_is_written(
    kind: str, project: Path, spec: Path, secretgen: Command
) -> None:
    if kind == "edited":
        edit(project / SECRETS)
    else:
        (project / SECRETS).write_text("# all mine\n", encoding="utf-8")
    spec.write_text(WARNING, encoding="utf-8")
    before = tree(project)
    result = secretgen("render")
    assert result.code == 3
    listed = re.compile(r"^ *(?:create|update|delete|refuse)  (\S+)", re.MULTILINE)
    assert f"  refuse  {SECRETS} (" in result.out
    assert listed.findall(result.out) == [SECRETS]
    assert "Nothing was written" in result.err
    assert f"overwrite them with `secretgen render --force {SECRETS}`.\n" in result.err
    assert tree(project) == before
    asked = secretgen("render", "--root", str(project))
    assert f"`secretgen render --root {project} --force {SECRETS}`" in asked.err
    versions = "environments/small/versions.tf"
    edit(project / versions)
    result = secretgen("render")
    assert listed.findall(result.out) == [SECRETS, versions]
    assert f"--force {SECRETS}`, with --force for each of the files.\n" in result.err


@pytest.mark.parametrize(
    "path", [SECRETS, f"./{SECRETS}", "environments", "environments/small/", "{project}/modules/.."]
)
def test_force_overwrites_the_named_paths(path: str, project: Path, secretgen: Command) -> None:
    before = tree(project)
    edit(project / SECRETS)
    assert secretgen("render", "--force", path.format(project=project)).code == 0
    assert tree(project) == before


@pytest.mark.parametrize("path", ["environments/smal", f"../{SECRETS}", "/etc", "specs"])
def test_force_of_nothing_is_an_error(
    path: str, project: Path, spec: Path, secretgen: Command
) -> None:
    spec.write_text(WARNING, encoding="utf-8")
    before = tree(project)
    result = secretgen("render", "--force", path)
    assert result.code == 2
    assert f"--force {path} names no generated file" in result.err
    assert "relative to the project root" in result.err
    assert tree(project) == before


def test_force_overwrites_nothing_else(project: Path, secretgen: Command) -> None:
    mine = edit(project / SECRETS)
    edit(project / "environments/small/versions.tf")
    assert secretgen("render", "--force", "environments/small/versions.tf").code == 3
    assert (project / SECRETS).read_text(encoding="utf-8") == mine


def test_files_of_a_deleted_spec_are_deleted(project: Path, secretgen: Command) -> None:
    other = write_spec(project, OTHER, "other")
    assert secretgen("render").code == 0
    mine = project / "environments/other/mine.tf"
    mine.write_text("# mine\n", encoding="utf-8")
    other.unlink()
    result = secretgen("render", "--no-prune")
    assert result.code == 0
    assert (project / "environments/other/secrets.tf").is_file()
    assert secretgen("check").code == 3
    result = secretgen("render")
    assert result.code == 0
    assert "  delete  environments/other/secrets.tf\n" in result.out
    assert [p.name for p in (project / "environments/other").iterdir()] == ["mine.tf"]


def test_rendering_one_spec_keeps_other_files(project: Path, secretgen: Command) -> None:
    write_spec(project, OTHER, "other")
    assert secretgen("render", "specs/other.yaml").code == 0
    before = tree(project)
    assert secretgen("render", "specs/small.yaml").code == 0
    assert tree(project) == before


@pytest.mark.parametrize("damage", ["nothing", "edited", "missing", "stale"])
def test_check_writes_nothing(damage: str, project: Path, spec: Path, secretgen: Command) -> None:
    if damage == "edited":
        edit(project / SECRETS)
    elif damage == "missing":
        (project / SECRETS).unlink()
    elif damage == "stale":
        spec.write_text(WARNING, encoding="utf-8")
    before = tree(project)
    assert secretgen("check").code == (0 if damage == "nothing" else 3)
    assert tree(project) == before
