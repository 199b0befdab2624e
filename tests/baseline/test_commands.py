"""What commands take for the committed environment, and what they refuse because of it."""

import hashlib
import shutil
from pathlib import Path

import pytest

from tests.baseline.conftest import FOLDER, HEAD, SECRETS, Findings, Project
from tests.git.repositories import Work


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
