"""Specs of one project against each other: cases of `several.yaml`, and what commands do then."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from secretgen.cli import run
from secretgen.rules.several_specs_rules import RULES, clashes
from secretgen.spec.load import load_spec
from tests.rendered import SPECS, tree, write_spec
from tests.rules.support import brief, complete

CASES = yaml.safe_load(Path(__file__).with_name("several.yaml").read_text(encoding="utf-8"))
SMALL = (SPECS / "small.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    loaded = {
        file: load_spec(complete(text).encode(), file) for file, text in case["specs"].items()
    }
    named = case.get("named", list(loaded))
    others = [spec for file, spec in loaded.items() if file not in named]
    found = [finding for _, finding in clashes([loaded[file] for file in named], others)]
    found.sort(key=lambda d: d.sort_key)
    assert [f"{d.span.file}:{line}" for d, line in zip(found, brief(found), strict=True)] == (
        case["found"]
    )


def test_every_rule_about_several_specs_has_a_case() -> None:
    found = {line.split(" ")[1] for case in CASES for line in case["found"]}
    assert found == {rule.id for rule in RULES}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rendered project, and a copy of its spec with another tag."""
    monkeypatch.chdir(tmp_path)
    write_spec(tmp_path, SMALL, "first")
    assert run(["render"]) == 0
    write_spec(tmp_path, SMALL + "tags: { Copy: mine }\n", "copy")
    return tmp_path


@pytest.mark.parametrize("command", ["validate", "render", "check", "show", "access", "cost"])
def test_a_copied_spec_is_refused_by_every_command(
    project: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(project)
    assert run([command, "specs/copy.yaml"]) == 1
    assert "SG405" in "".join(capsys.readouterr())
    assert tree(project) == before


def test_a_spec_outside_of_the_settings_takes_over_no_files(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "other").mkdir()
    (project / "specs/copy.yaml").rename(project / "other/copy.yaml")
    (project / "specs/first.yaml").rename(project / "first.yaml")
    (project / "secretgen.toml").write_text("specs = ['other/*.yaml']\n", encoding="utf-8")
    before = tree(project / "environments")
    assert run(["render"]) == 0  # moved away: its files are orphans, and taken over
    write_spec(project, SMALL, "first")
    capsys.readouterr()
    assert run(["render", "other/copy.yaml"]) == 0
    assert tree(project / "environments") != before


@pytest.mark.parametrize("options", [[], ["--force", "."], ["--no-prune"]])
def test_files_of_a_spec_that_exists_are_not_taken_over(
    project: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "secretgen.toml").write_text("specs = ['specs/copy.yaml']\n", encoding="utf-8")
    before = tree(project)
    assert run(["render", *options]) == 3
    told = capsys.readouterr()
    assert "(generated from specs/first.yaml, which still exists)" in told.out
    assert "Change `environment` in one of the two specs" in told.err
    assert "--force" not in told.err
    assert tree(project) == before
    assert run(["check", "--no-diff"]) == 3
    assert "foreign" in capsys.readouterr().out


def test_a_spec_that_is_a_link_keeps_its_files(project: Path) -> None:
    (project / "secretgen.toml").write_text("specs = ['specs/copy.yaml']\n", encoding="utf-8")
    (project / "kept").mkdir()
    (project / "specs/first.yaml").rename(project / "kept/first.yaml")
    (project / "specs/first.yaml").symlink_to("../kept/first.yaml")
    before = tree(project / "environments")
    assert run(["render", "--force", "."]) == 3
    assert tree(project / "environments") == before
