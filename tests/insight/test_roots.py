"""The root modules of a project, and the file for Atlantis that is made of them."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from secretgen.cli import run
from tests.rendered import SPECS

ATLANTIS = "atlantis.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two environments that wants a file for Atlantis."""
    (tmp_path / "specs").mkdir()
    for name in ("small", "sharing"):
        shutil.copy(SPECS / f"{name}.yaml", tmp_path / "specs")
    (tmp_path / "secretgen.toml").write_text('atlantis = true\nplan-role = "ci/plan"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_roots_come_in_the_order_of_their_applies(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["roots"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    account = "arn:aws:iam::123456789012:role/ci/plan"
    assert lines[1] == [
        "1", "environments/sharing/bootstrap", "123456789012", account, "us-east-1",
        "sharing-terraform-state/sharing/secrets/bootstrap/terraform.tfstate",
    ]  # fmt: skip
    assert [line[:2] for line in lines[2:5]] == [
        ["1", "environments/small/bootstrap"],
        ["2", "environments/sharing"],
        ["2", "environments/small"],
    ]
    assert lines[5][:4] == [
        "3", "environments/sharing/consumers/app", "111111111111",
        "arn:aws:iam::111111111111:role/ci/plan",
    ]  # fmt: skip


def test_atlantis_file_is_generated(project: Path) -> None:
    assert run(["render"]) == 0
    assert run(["check"]) == 0
    text = (project / ATLANTIS).read_text(encoding="utf-8")
    projects = {p["name"]: p for p in yaml.safe_load(text)["projects"]}
    assert list(projects) == [
        "sharing.bootstrap", "small.bootstrap", "sharing", "small",
        "sharing.consumers.app", "sharing.consumers.data", "sharing.consumers.partner",
    ]  # fmt: skip
    workflows = yaml.safe_load(text)["workflows"]
    assert {p["workflow"] for p in projects.values()} == workflows.keys()
    for name in ("bootstrap", "environment", "consumer"):
        *_, step = workflows[f"secretgen-{name}"]["plan"]["steps"]
        assert "secretgen gate --plan" in step["run"]
    assert projects["sharing"]["depends_on"] == ["sharing.bootstrap"]
    assert projects["sharing.consumers.app"]["depends_on"] == ["sharing"]
    for settings in projects.values():
        folder = project / settings["dir"]
        for pattern in settings["autoplan"]["when_modified"][::2]:
            assert list(folder.glob(pattern)), "each pattern finds files of the project"
    module = projects["small"]["autoplan"]["when_modified"][-1].removesuffix("/**/*.tf")
    assert (project / "environments/small" / module / "main.tf").exists()

    (project / ATLANTIS).write_text(f"{text}# mine\n", encoding="utf-8")
    assert run(["check"]) == 3
    assert run(["render"]) == 3
    assert run(["check", "specs/small.yaml"]) == 0, "a run of one spec does not look at it"
    assert run(["render", "--force", ATLANTIS]) == 0
    without_gate = "atlantis = true\natlantis-gate = false\n"
    (project / "secretgen.toml").write_text(without_gate, encoding="utf-8")
    assert run(["render"]) == 0
    assert "workflow" not in (project / ATLANTIS).read_text(encoding="utf-8")
    (project / "secretgen.toml").write_text("atlantis = false\n", encoding="utf-8")
    assert run(["check"]) == 3
    assert run(["render"]) == 0
    assert not (project / ATLANTIS).exists()


def test_a_file_for_atlantis_written_by_hand_stays(project: Path) -> None:
    mine = project / ATLANTIS
    mine.write_text("version: 3\n", encoding="utf-8")
    assert run(["render"]) == 3
    assert mine.read_text(encoding="utf-8") == "version: 3\n"
    assert not (project / "environments").exists()
    (project / "secretgen.toml").write_text("atlantis = false\n", encoding="utf-8")
    assert run(["render"]) == 0
    assert run(["check"]) == 0
    assert mine.read_text(encoding="utf-8") == "version: 3\n"


def test_readme_lists_root_modules_with_their_roles(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = project / "specs/sharing.yaml"
    teams = "".join(f'  team-{n:02}: {{ id: "5555555555{n:02}" }}\n' for n in range(12))
    readers = ", ".join(f"team-{n:02}" for n in range(12))
    text = spec.read_text(encoding="utf-8").replace("keys:\n", f"{teams}keys:\n", 1)
    spec.write_text(text.replace("[data, partner]", f"[data, partner, {readers}]"), "utf-8")
    assert run(["render", "specs/sharing.yaml"]) == 0
    capsys.readouterr()
    assert run(["roots", "specs/sharing.yaml", "--format", "json"]) == 0
    roots = json.loads(capsys.readouterr().out)["roots"]
    page = (project / "environments/sharing/README.md").read_text(encoding="utf-8")
    section = page.partition("## Root modules")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    assert len(lines) == len(roots) == 17
    for line, root in zip(lines, roots, strict=True):
        order, folder, account, _, state = line.strip("| ").split(" | ")
        assert order == str(root["order"])
        place = root["path"].removeprefix("environments/sharing").strip("/")
        assert folder == (f"[{place}]({place}/README.md)" if place else "this folder")
        assert f"`{root['account']}`" in account
        assert state.strip("`").endswith(root["state"]["key"])
        assert len(line) < 240


def test_an_account_of_permission_sets_has_no_root_module_to_plan(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = project / "specs/small.yaml"
    text = spec.read_text(encoding="utf-8")
    accounts = (
        'accounts:\n  app: { id: "111111111111" }\n'
        '  people: { id: "222222222222", role: Help, roles: { Help: { permission_set: true } } }\n'
    )
    spec.write_text(
        text.replace("secrets:\n  app/token:", f"{accounts}secrets:\n  app/token:\n"
                     "    readers: [app, people]"), "utf-8"
    )  # fmt: skip
    assert run(["roots", "specs/small.yaml", "--format", "json"]) == 0
    names = [root["name"] for root in json.loads(capsys.readouterr().out)["roots"]]
    assert run(["gate", "specs/small.yaml", "--plan", "consumers/people=plan.json"]) == 2
    error = capsys.readouterr().err
    assert "small has no root module 'consumers/people'" in error
    assert f"It has {', '.join(names)}." in error
