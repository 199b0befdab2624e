"""Files of renamed and deleted specs, of other releases and of other programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretgen.tree import kind_of, seal
from secretgen.version import __version__
from tests.merges.project import ENVIRONMENT, SECRETS, SPEC, Project, spec_text, work_of

FREE = {"app/token": {"deletion_protection": False}}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A rendered project with an environment that protects nothing, and files of Terraform."""
    project = work_of(tmp_path / "project")
    project.write(SPEC, spec_text(FREE))
    project.write(".gitignore", "*.tfvars\n")
    project.render_and_commit()
    project.write(f"{ENVIRONMENT}/terraform.tfvars", "x = 1\n")
    project.write(f"{ENVIRONMENT}/.terraform.lock.hcl", "# lock\n")
    return project


def test_editor_and_merge_leftovers_are_ignored(project: Project) -> None:
    names = ("secrets.tf.orig", "secrets.tf.rej", "secrets.tf~", ".#secrets.tf", ".secrets.tf.swp")
    for name in names:
        project.write(f"{ENVIRONMENT}/{name}", project.read(SECRETS) + "mine\n")
    project.write(".backup/secrets.tf", project.read(SECRETS))
    assert project.states() == {}
    assert project.secretgen("render").code == 0
    assert all((project.folder / ENVIRONMENT / name).exists() for name in names)


def test_a_renamed_spec(project: Project) -> None:
    project.git("mv", SPEC, "specs/live.yaml")
    rendered = project.secretgen("render")
    assert rendered.code == 0
    assert f"The files of {SPEC} are now generated from specs/live.yaml.\n" in rendered.err
    assert "from specs/live.yaml" in project.read(SECRETS)
    assert project.read(f"{ENVIRONMENT}/terraform.tfvars")


def test_the_last_spec_is_deleted(project: Project) -> None:
    (project.folder / SPEC).unlink()
    assert set(project.states().values()) == {"orphan"}
    rendered = project.secretgen("render")
    assert rendered.code == 0
    assert f"No spec renders the files of {SPEC} any more: they are deleted.\n" in rendered.err
    assert (
        f"{ENVIRONMENT} is no longer rendered, but still holds .terraform.lock.hcl,"
        " terraform.tfvars. Move what another environment needs, then delete the folder.\n"
    ) in rendered.err
    assert not (project.folder / "modules").exists()
    assert project.secretgen("render").code == 2, "now there is nothing left to do"


def test_another_release(project: Project) -> None:
    record = f"{ENVIRONMENT}/proof.sum"
    assert f"secretgen {__version__}:" in project.read(record)
    for path in (record, SECRETS):
        _as_of_another_release(project, path)
    checked = project.secretgen("check", "--no-diff")
    assert checked.code == 3
    assert f"stale  {SECRETS} (" in checked.out
    assert checked.out.count("rendered by secretgen 9.9.9)\n") == 2
    assert f"Rendered by another release, 9.9.9; this is {__version__}." in checked.err
    assert "Out of date" not in checked.err
    sarif = json.loads(project.secretgen("check", "--format", "sarif").out)["runs"][0]
    drift = [r for r in sarif["results"] if r["ruleId"].startswith("drift-")]
    assert all("another release" in result["message"]["text"] for result in drift)
    assert drift
    report = json.loads(project.secretgen("check", "--format", "json").out)
    assert all("rendered by secretgen 9.9.9" in file["note"] for file in report["drift"])
    assert "rendered by another release, 9.9.9" in project.secretgen("render").err


def test_settings_that_leave_every_spec_out_remove_nothing(project: Project) -> None:
    project.write("secretgen.toml", 'specs = ["other/*.yaml"]\n')
    for command in ("check", "render"):
        result = project.secretgen(command)
        assert (result.code, "no spec found: other/*.yaml" in result.err) == (2, True)
    assert (project.folder / "modules").exists()


def _as_of_another_release(project: Project, path: str) -> None:
    body = project.read(path).partition("\n\n")[2]
    changed = body.replace(f"secretgen {__version__}:", "secretgen 9.9.9:") + "# another\n"
    project.write(path, seal(changed, SPEC, kind_of(path)))


def test_device_names_of_windows(project: Project) -> None:
    for name in ("con", "lpt1"):
        project.write(
            SPEC, spec_text(FREE).replace("environment: production", f"environment: {name}")
        )
        assert "device name of Windows" in " ".join(project.secretgen("validate").out.split())
    project.write(SPEC, spec_text(FREE).replace("  guest:", "  Aux:"))
    assert "device name of Windows" in " ".join(project.secretgen("validate").out.split())
    project.write(SPEC, spec_text(FREE).replace("  guest:", "  auxiliary:"))
    assert project.secretgen("validate").code == 0


def test_a_record_that_is_a_link_is_not_followed(project: Project) -> None:
    project.write("secretgen.toml", 'specs = ["other/*.yaml"]\n')
    record = project.folder / ENVIRONMENT / "proof.sum"
    record.rename(project.folder.parent / "outside.sum")
    record.symlink_to(project.folder.parent / "outside.sum")
    assert "no spec found" not in project.secretgen("check").err
