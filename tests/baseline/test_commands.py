"""What commands take for the committed environment, and what they refuse because of it."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from secretgen.cli import run
from tests.git.repositories import Work, work_in
from tests.restored import Restored

HEAD = """\
version: 1
environment: staging
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: my-terraform-state, locking: s3 }
"""
SECRETS = "environments/staging/secrets.tf"
FOLDER = "environments/staging"

Findings = Callable[..., list[str]]


class Project:
    """A project whose spec and files may be changed.

    Args:
        root: its root.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def spec(self, secrets: str, *, head: str = HEAD, file: str = "staging") -> None:
        """Writes the spec."""
        path = self.root / "specs" / f"{file}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{head}{secrets}\n", encoding="utf-8")

    def render(self, *options: str) -> int:
        """Renders it; returns the exit code."""
        return run(["render", "--root", str(self.root), *options])

    def edit(self, path: str, old: str, new: str) -> None:
        """Edits a file by hand."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")


def rendered(folder: Path) -> Project:
    """Makes a project of two secrets, rendered, and not in Git."""
    made = Project(folder)
    made.spec("secrets: { a: {}, b: {} }")
    assert made.render() == 0
    return made


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """Such a project."""
    return Restored(rendered(tmp_path_factory.mktemp("plain")).root)


@pytest.fixture(scope="module")
def in_git(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    """Such a project, committed."""
    root = rendered(tmp_path_factory.mktemp("committed")).root
    work_in(root).commit()
    return Restored(root)


@pytest.fixture
def project(plain: Restored) -> Iterator[Project]:
    """A project of two secrets, as rendered, which is not in Git."""
    yield Project(plain.folder)
    plain.restore()


@pytest.fixture
def committed(in_git: Restored) -> Iterator[Project]:
    """The same, as committed."""
    yield Project(in_git.folder)
    in_git.restore()


@pytest.fixture
def found(capsys: pytest.CaptureFixture[str]) -> Findings:
    """Runs a command, which has to fail with findings; returns their rules and paths."""

    def findings(project: Project, command: str, *options: str) -> list[str]:
        capsys.readouterr()
        code = run([command, "--root", str(project.root), "--format", "json", *options])
        data: dict[str, Any] = json.loads(capsys.readouterr().out)
        every = data["changes"] if command == "diff" else data["diagnostics"]
        rules = [item for item in every if (item["rule"] or "").startswith("SG5")]
        errors = [item for item in rules if item["severity"] == "error"]
        assert code == (1 if errors else code)
        return sorted(f"{e['rule']} {e.get('path') or e.get('subject')}" for e in errors)

    return findings


def left(project: Project) -> list[str]:
    return sorted(p.relative_to(project.root).as_posix() for p in project.root.rglob("*.tf"))


@pytest.mark.parametrize(
    "options", [[], ["--force", "."], ["--no-prune"], ["--dry-run"], ["--verify", "all"]]
)
def test_no_option_disables_the_guard(
    project: Project, options: list[str], found: Findings
) -> None:
    project.spec("secrets: { a: {} }")
    text = (project.root / SECRETS).read_text(encoding="utf-8")
    assert found(project, "render", *options) == ["SG501 secrets.b"]
    assert (project.root / SECRETS).read_text(encoding="utf-8") == text


def test_allowed_change_is_rendered_and_reported_with_strict(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.spec("secrets: { a: {} }\nchanges: [destroy: secrets.b]")
    capsys.readouterr()
    assert project.render("--strict") == 0
    assert "warning[SG501]: secret b would be destroyed" in capsys.readouterr().out
    assert project.render("--strict") == 0
    assert "SG501" not in capsys.readouterr().out


def test_a_missing_folder_is_taken_from_git(committed: Project, found: Findings) -> None:
    shutil.rmtree(committed.root / "environments")
    committed.spec("secrets: { a: {} }")
    assert found(committed, "render") == ["SG501 secrets.b"]
    assert found(committed, "diff") == ["SG501 secrets.b"]


def test_a_missing_file_is_taken_from_git(committed: Project, found: Findings) -> None:
    (committed.root / SECRETS).unlink()
    committed.spec("secrets: { a: {} }")
    assert found(committed, "render") == ["SG501 secrets.b"]


def test_an_edited_file_is_taken_from_git(committed: Project, found: Findings) -> None:
    file = committed.root / SECRETS
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index('module "secret__b"')], encoding="utf-8")
    committed.spec("secrets: { a: {} }")
    assert found(committed, "render", "--force", ".") == ["SG501 secrets.b"]


def test_without_git_what_is_missing_is_not_there(project: Project) -> None:
    shutil.rmtree(project.root / "environments")
    project.spec("secrets: { a: {} }")
    assert project.render() == 0


def test_without_git_an_edited_file_counts_as_it_stands(project: Project, found: Findings) -> None:
    project.edit(SECRETS, "recovery_window_in_days = 30", "recovery_window_in_days = 29")
    assert found(project, "render") == []
    assert project.render() == 3
    project.spec("secrets: { a: {} }")
    assert found(project, "render") == ["SG501 secrets.b"]


def test_foreign_file_is_refused_again(project: Project) -> None:
    (project.root / SECRETS).write_text("# mine\n", encoding="utf-8")
    project.spec("secrets: { a: {}, b: {}, c: {} }")
    assert project.render() == 3


@pytest.mark.parametrize("attributes", ["", "environments/** -merge\n"])
@pytest.mark.parametrize("how", ["merge", "rebase", "cherry-pick"])
def test_in_a_merge_both_sides_count(
    committed: Project, how: str, attributes: str, found: Findings
) -> None:
    root = committed.root
    work = Work(root)
    (root / ".gitattributes").write_text(attributes, encoding="utf-8")
    work.commit()
    work.git("branch", "other")
    for branch, secrets in (("main", "a: {}, b: {}, ours: {}"), ("other", "a: {}, theirs: {}")):
        work.git("checkout", "-q", branch)
        allowed = "" if branch == "main" else "\nchanges: [destroy: secrets.b]"
        committed.spec(f"secrets: {{ {secrets} }}{allowed}")
        assert committed.render() == 0
        work.commit()
    work.git("checkout", "-q", "main")
    if how == "rebase":
        work.git("checkout", "-q", "other")
    work.run(how, "main" if how == "rebase" else "other")
    committed.spec("secrets: { a: {} }")
    losses = ["SG501 secrets.b", "SG501 secrets.ours", "SG501 secrets.theirs"]
    assert found(committed, "render") == losses
    committed.spec("secrets: { a: {}, b: {}, ours: {}, theirs: {} }")
    assert found(committed, "render") == []


@pytest.mark.parametrize("attributes", ["", "environments/** -merge\n"])
def test_revert_keeps_protected_secrets(
    committed: Project, attributes: str, found: Findings
) -> None:
    work = Work(committed.root)
    (committed.root / ".gitattributes").write_text(attributes, encoding="utf-8")
    for secrets in ("a: {}, b: {}, new: {}", "a: {}, b: {}, new: {}, newer: {}"):
        committed.spec(f"secrets: {{ {secrets} }}")
        assert committed.render() == 0
        work.commit()
    work.run("revert", "--no-edit", "HEAD~1")
    assert (committed.root / ".git/REVERT_HEAD").exists()
    committed.spec("secrets: { a: {}, b: {}, newer: {} }")
    assert found(committed, "render") == ["SG501 secrets.new"]
    committed.spec("secrets: { a: {}, b: {}, new: {}, newer: {} }")
    assert found(committed, "render") == []


def test_without_git_both_sides_of_the_markers_count(project: Project, found: Findings) -> None:
    file = project.root / SECRETS
    text = file.read_text(encoding="utf-8")
    ours, theirs = text.index('module "secret__a"'), text.index('module "secret__b"')
    file.write_text(
        f"{text[:ours]}<<<<<<< HEAD\n{text[ours:theirs]}=======\n{text[theirs:]}>>>>>>> other\n",
        encoding="utf-8",
    )
    project.spec("secrets: { c: {} }")
    assert {"SG501 secrets.a", "SG501 secrets.b"} <= {*found(project, "render")}


def test_a_renamed_environment_is_found_by_its_spec(project: Project, found: Findings) -> None:
    project.spec("secrets: { a: {} }", head=HEAD.replace("staging", "stage"))
    assert found(project, "render") == ["SG501 secrets.b", "SG504 backend.key", "SG504 environment"]


def test_a_renamed_environment_and_spec_are_found(project: Project, found: Findings) -> None:
    (project.root / "specs/staging.yaml").unlink()
    project.spec("secrets: { a: {} }", head=HEAD.replace("staging", "stage"), file="stage")
    assert found(project, "render") == ["SG501 secrets.b", "SG504 backend.key", "SG504 environment"]


def test_new_environment_loses_nothing(project: Project) -> None:
    head = HEAD.replace("staging", "stage").replace("my-", "other-")
    project.spec("secrets: { other: {} }", head=head, file="stage")
    assert project.render() == 0


@pytest.mark.parametrize("damage", ["no HCL", "another layout"])
def test_unreadable_data_is_reported(committed: Project, damage: str, found: Findings) -> None:
    root = committed.root
    work = Work(root)
    file = root / SECRETS
    text = file.read_text(encoding="utf-8")
    body = "module {{{\n" if damage == "no HCL" else text.replace("recovery_", "other_")
    file.write_text(body if damage == "another layout" else text[:300] + body, encoding="utf-8")
    shutil.copy(root / FOLDER / "proof.sum", root / "kept")
    (root / FOLDER / "proof.sum").unlink()
    work.commit()
    _seal(file)
    committed.spec("secrets: { a: {}, b: {}, c: {} }")
    assert found(committed, "render") == ["SG518 environment"]
    entry = "ignore: [{ rule: SG518, of: environment, reason: Nothing is deployed }]"
    committed.spec(f"secrets: {{ a: {{}}, b: {{}}, c: {{}} }}\n{entry}")
    assert committed.render() == 0


def _seal(file: Path) -> None:
    """Gives a file the header of a render."""
    head, _, body = file.read_text(encoding="utf-8").partition("\n\n")
    first = head.split("\n")[0]
    digest = hashlib.sha256(body.encode()).hexdigest()
    file.write_text(f"{first}\n# sha256:{digest}\n\n{body}", encoding="utf-8")


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
    assert "warning[SG507]: environments/staging would be removed" in capsys.readouterr().out
    assert run(["diff", "--root", str(root), "--base", "main"]) == 0
    assert "environments/staging would be removed" in capsys.readouterr().out
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
