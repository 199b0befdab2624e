"""Templates of a project's own: what they are made of, and how mistakes in them are told."""

import re
from pathlib import Path

import pytest

from secretgen.render.overlay import MARK
from tests.templates.conftest import Project

SECRETS = "environment/secrets.tf.j2"
README = "environment/README.md.j2"


@pytest.mark.parametrize(
    ("template", "text", "told"),
    [
        (SECRETS, "\n{% for secret in secrets %}\n", r":\d: Unexpected end of template"),
        (SECRETS, "\n{# a comment\n", ":3: Missing end of comment tag"),
        (README, "\n{% raw %}\n", ":3: Missing end of raw directive"),
        (SECRETS, "\n\n{{ secrets | nofilter }}\n", ":4: No filter named 'nofilter'"),
        (SECRETS, "\n{{ secrts | hcl }}\n", ":3: 'secrts' is undefined"),
        (SECRETS, "\n{{ secrts }}\n", ":3: 'secrts' is undefined"),
        (SECRETS, "\n{{ env.nam | hcl }}\n", ":3: 'EnvironmentView object' has no attribute 'nam'"),
        (SECRETS, "\n{{ env.name }}\n", ":3: a template writes a value without a filter"),
        (SECRETS, "\n{{ env.name | safe }}\n", ":3: a template writes a value without a filter"),
        (SECRETS, "\n{{ env | hcl }}\n", ":3: "),
        (SECRETS, "\n{{ 1 / 0 }}\n", ":3: division by zero"),
        (SECRETS, '\n{% include "environment/nothing.j2" %}\n', ":3: environment/nothing.j2"),
        (SECRETS, f'\n{{% include "{SECRETS}" %}}\n', ":3: maximum recursion depth exceeded"),
        (SECRETS, "\n{{ env.__class__.__mro__ | hcl }}\n", ":3: access to attribute '__class__'"),
        (SECRETS, "\n{% for x in range(9999999) %}{% endfor %}\n", ":3: Range too big"),
        (README, "\n{{ runbook.nam | md }}\n", ":3: 'RunbookView object' has no attribute 'nam'"),
        (README, "\n{{ runbook.name }}\n", ":3: a template writes a value without a filter"),
    ],
)  # fmt: skip
def test_error_is_reported_with_its_place(
    template: str, text: str, told: str, project: Project
) -> None:
    project.write(template, text)
    for result in (project.render(), project.check()):
        summary, hint, *more = result.err.splitlines()
        assert (result.code, result.out, more) == (2, "", [])
        assert re.match(re.escape(f"secretgen: own/{template}") + told, summary)
        assert hint.startswith("  Fix the template; ")


def test_error_in_an_included_template_has_its_place(project: Project) -> None:
    project.write("_read_secret.md.j2", "\n{{ read.nothing | sh }}\n")
    assert (
        "own/_read_secret.md.j2:3: 'CallView object' has no attribute 'nothing'"
        in project.render().err
    )


def test_invalid_hcl(project: Project) -> None:
    project.change(SECRETS, "  source = ", "  = source ")
    result = project.render()
    assert result.code == 2
    assert re.search(r"invalid rendered HCL: environments/rich/secrets.tf:\d+:\d+: ", result.err)


def test_text_of_a_spec_is_no_template(project: Project) -> None:
    spec = project.root / "specs/rich.yaml"
    text = spec.read_text(encoding="utf-8")
    text = re.sub("(?m)^description: .*", 'description: "{{ env }} ${x} {% raw %}"', text)
    assert "{{ env }}" in text
    spec.write_text(text, encoding="utf-8")
    project.change(README, "## Architecture", "## Design")
    assert project.render().code == 0
    readme = project.root / "environments/rich/README.md"
    assert "{{ env }} ${x} {% raw %}" in readme.read_text(encoding="utf-8").replace("\\", "")


def test_packaged_template_can_be_included(project: Project) -> None:
    project.write(SECRETS, f'# Ask #platform.\n\n{{% include "packaged/{SECRETS}" %}}\n')
    assert project.render().code == 0
    file = project.root / "environments/rich/secrets.tf"
    assert "# Ask #platform.\n\n" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# no mark\n", f"Make {MARK} its first line"),
        ("", f"Make {MARK} its first line"),
        ("{# secretgen views: 99 #}\n", "it is for version 99 of the views; this release has 1"),
    ],
)
def test_template_names_the_version_of_the_views(text: str, told: str, project: Project) -> None:
    project.write(SECRETS, text, mark="")
    result = project.render()
    assert result.code == 2
    assert f"own/{SECRETS}:1: " in result.err
    assert told in result.err


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("environment/secret.tf.j2", SECRETS),
        ("environments/secrets.tf.j2", SECRETS),
        ("secrets.tf.j2", SECRETS),
        ("environment/secrets.tf", SECRETS),
        ("module/static/main.tf.j2", ""),
    ],
)
def test_template_without_a_packaged_one(name: str, meant: str, project: Project) -> None:
    project.write(name, "")
    result = project.render()
    assert result.code == 2
    assert f"own/{name} is not a template of secretgen" in result.err
    assert (f"Did you mean {meant}?" in result.err) == bool(meant)


def test_hidden_files_are_ignored(project: Project) -> None:
    project.write(".gitkeep", "")
    project.write(".git/config", "")
    for leftover in (".orig", ".rej", "~"):
        project.write(f"{SECRETS}{leftover}", "")
    assert project.check().code == 0


def test_merge_conflict_in_a_template(project: Project) -> None:
    project.write(README, "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n")
    told = f"own/{README}: merge conflict, with markers in lines 2, 4 and 6"
    for result in (project.render(), project.check()):
        assert (result.code, told in result.err) == (2, True)


def test_file_that_is_not_text(project: Project) -> None:
    project.write(SECRETS, "").write_bytes(MARK.encode() + b"\n\xff")
    assert f"own/{SECRETS} is not UTF-8" in project.render().err


@pytest.mark.parametrize("target", ["file", "folder"])
def test_a_link_that_leads_out_is_refused(target: str, project: Project, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secrets.tf.j2").write_text(f"{MARK}\n", encoding="utf-8")
    link = project.write(SECRETS, "")
    link.unlink()
    if target == "folder":
        link.parent.rmdir()
        link.parent.symlink_to(outside)
    else:
        link.symlink_to(outside / "secrets.tf.j2")
    result = project.render()
    assert result.code == 2
    assert "is a link that leads out of the project" in result.err


def test_a_link_within_the_project_is_followed(project: Project) -> None:
    project.change(SECRETS, "{% for secret", "# Ours.\n{% for secret")
    link = project.own / SECRETS
    link.rename(project.root / "shared.j2")
    link.symlink_to(project.root / "shared.j2")
    assert project.render().code == 0


def test_the_folder_is_named_from_here_or_from_the_root(project: Project) -> None:
    project.change(SECRETS, "{% for secret", "# Ours.\n{% for secret")
    assert project.run("check", "--no-diff", "--templates", "own").code == 3
    missing = project.run("check", "--templates", "missing")
    assert missing.code == 2
    assert "missing is not a folder of templates" in missing.err


def test_the_folder_is_a_setting(project: Project) -> None:
    project.change(SECRETS, "{% for secret", "# Ours.\n{% for secret")
    settings = project.root / "secretgen.toml"
    settings.write_text('templates = "own"\n', encoding="utf-8")
    assert project.run("render").code == 0
    assert project.run("check").code == 0
    assert f"{SECRETS}  (own)\n" in project.run("templates", "list").out
    assert project.run("templates", "eject", README).out == f"  create  own/{README}\n"
    settings.unlink()
    assert project.run("check", "--no-diff").code == 3


def test_own_templates_and_own_folders(project: Project) -> None:
    project.change(SECRETS, "{% for secret", "# Ours.\n{% for secret")
    settings = project.root / "secretgen.toml"
    settings.write_text('environments = "live"\nmodules = "lib"\n', encoding="utf-8")
    assert project.render().code == 0
    assert "# Ours." in (project.root / "live/rich/secrets.tf").read_text(encoding="utf-8")
    assert project.check().code == 0


def test_the_list_marks_own_templates(project: Project) -> None:
    project.change(SECRETS, "{% for secret", "# Ours.\n{% for secret")
    lines = project.run("templates", "list", "--templates", str(project.own)).out.splitlines()
    assert f"{SECRETS}  (own)" in lines
    assert README in lines


def test_eject_copies_and_never_overwrites(project: Project) -> None:
    result = project.run("templates", "eject", SECRETS)
    assert (result.code, result.out) == (0, f"  create  templates/{SECRETS}\n")
    assert "--templates templates" in result.err
    mine = project.root / "templates" / SECRETS
    assert mine.read_text(encoding="utf-8").startswith(f"{MARK}\n")
    mine.write_text(f"{MARK}\n# mine\n", encoding="utf-8")
    again = project.run("templates", "eject", SECRETS)
    assert (again.code, again.out) == (2, "")
    assert f"templates/{SECRETS} already exists" in again.err
    folder = project.run("templates", "eject", "environment")
    assert folder.code == 0
    assert f"templates/{SECRETS} already exists; it is kept" in folder.err
    assert "  create  templates/environment/README.md.j2\n" in folder.out
    assert mine.read_text(encoding="utf-8") == f"{MARK}\n# mine\n"


def test_eject_accepts_existing_names(project: Project) -> None:
    result = project.run("templates", "eject", "environment/secret.tf.j2")
    assert result.code == 2
    assert f"Did you mean {SECRETS}?" in result.err
    assert not (project.root / "templates").exists()


def test_eject_stays_in_the_project(project: Project, tmp_path: Path) -> None:
    (project.root / "link").symlink_to(tmp_path)
    for place in (tmp_path / "outside", project.root / "link" / "outside", project.root / "link"):
        result = project.run("templates", "eject", SECRETS, "--to", str(place))
        assert result.code == 2
    assert list(tmp_path.iterdir()) == []
