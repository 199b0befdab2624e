"""`[tool.secretgen]` and `secretgen.toml`: what a project says of itself, and what it changes."""

import json
from pathlib import Path

import pytest

from secretgen.project.settings_files import load_config
from secretgen.version import __version__
from tests.cli.conftest import SMALL, WRONG, Command
from tests.rendered import tree, write_spec

OUTPUTS = 'environments = "infra/live/"\nmodules = "./infra/modules"\n'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one small spec that is not rendered, with the shell standing in it."""
    root = tmp_path / "root"
    write_spec(root, SMALL, "small")
    monkeypatch.chdir(root)
    return root


def settle(root: Path, settings: str) -> None:
    (root / "secretgen.toml").write_text(settings, encoding="utf-8")


def test_both_files_mean_the_same(root: Path) -> None:
    settings = 'specs = ["specs/*.yaml", "more/*.yml"]\n' + OUTPUTS + 'format = "json"\n'
    settle(root, settings)
    alone = load_config(root)
    (root / "secretgen.toml").unlink()
    (root / "pyproject.toml").write_text(f"[tool.secretgen]\n{settings}", encoding="utf-8")
    assert load_config(root) == alone
    assert alone.specs == ("specs/*.yaml", "more/*.yml")
    assert alone.layout.folders == ("infra/live", "infra/modules/aws-secrets")


@pytest.mark.parametrize(
    "settings",
    [
        'specs = ["*.yaml"]',
        'specs = ["*/spec.yaml"]\nenvironments = "infra/live"\nmodules = "infra/modules"',
        'specs = ["infra/*.yaml"]\nenvironments = "infra/live"\nmodules = "infra"',
        'specs = ["apps/**/secrets.yaml"]',
        'specs = ["modules/*.yaml"]',
    ],
)
def test_specs_can_be_next_to_rendered_files(settings: str, root: Path) -> None:
    settle(root, settings)
    load_config(root)


def test_a_settings_file_makes_a_root(root: Path, secretgen: Command, tmp_path: Path) -> None:
    settle(tmp_path, 'specs = ["elsewhere/*.yaml"]\n')
    inner = root / "inner"
    inner.mkdir()
    (inner / "secretgen.toml").touch()
    result = secretgen("validate", "--root", str(inner))
    assert "no spec found: specs/*.yaml" in result.err
    (root / "specs").rename(tmp_path / "elsewhere")
    assert secretgen("validate").code == 0, "of the folder above"


@pytest.mark.parametrize("pyproject", ["[tool.secretgen]\n", "[tool.other]\n", "[project]\n"])
def test_file_without_settings_has_no_effect(pyproject: str, root: Path) -> None:
    (root / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    settle(root, 'format = "json"\n')
    assert load_config(root).format == "json"


def test_settings_in_both_files_are_refused(root: Path, secretgen: Command) -> None:
    settle(root, 'format = "json"\n')
    (root / "pyproject.toml").write_text("[tool.secretgen]\nformat='json'\n", encoding="utf-8")
    result = secretgen("validate")
    assert (result.code, result.out) == (2, "")
    assert "both secretgen.toml and [tool.secretgen] of pyproject.toml" in result.err


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("enviroments = 'x'\n", "Did you mean 'environments'?"),
        ("required_version = '>1'\n", "Did you mean 'required-version'?"),
        ("[environments]\n", "'environments' must be text"),
        ("environments = ''\n", "'environments' cannot be ''"),
        ("environments = '.'\n", "'environments' cannot be '.'"),
        ("environments = '/srv/environments'\n", "'environments' cannot be '/srv"),
        ("environments = 'a/../../b'\n", "'environments' cannot be 'a/"),
        ("environments = 'a/../b'\n", "'environments' cannot be 'a/"),
        ("environments = '.git'\n", "'environments' cannot be '.git'"),
        ("environments = 'a/.git/b'\n", "'environments' cannot be"),
        ("environments = 'a b'\n", "'environments' cannot be 'a b'"),
        ("environments = 'a\\b'\n", "'environments' cannot be"),
        ("modules = '${x}'\n", "'modules' cannot be"),
        ("environments = 'modules/aws-secrets'\n", "share a folder"),
        ("environments = 'Modules/AWS-Secrets/x'\n", "share a folder"),
        ("modules = 'environments'\n", "share a folder"),
        ("environments = 'specs'\n", "'environments' (specs) and 'specs' (specs/*.yaml)"),
        ("specs = ['specs/**/*.yaml']\nenvironments = 'specs/out'\n", "share a folder"),
        ("specs = ['**/*.yaml']\n", "share a folder"),
        ("specs = ['[a-f]*/?roduction/spec.yaml']\n", "share a folder"),
        ("specs = ['environments/*/spec.yaml']\n", "share a folder"),
        ("specs = ['modules/aws-secrets/*.yaml']\n", "share a folder"),
        ("specs = []\n", "list of glob patterns"),
        ("specs = ['.']\n", "not a glob pattern"),
        ("specs = ['specs/**.yaml']\n", "as in specs/**/*.yaml"),
        ("specs = ['x**/*.yaml']\n", "as in specs/**/*.yaml"),
        (f"specs = {'[' * 2000}{']' * 2000}\n", "nested too deeply"),
        ("format = 'csv'\n", "One of: text, json, github, sarif"),
        ("templates = 'missing'\n", "there is no folder missing"),
        ("templates = '../mine'\n", "'templates' cannot be '../mine'"),
        ("templates = 'environments'\n", "share a folder"),
        ("required-version = 1\n", "'required-version' must be text"),
        ("required-version = 'new'\n", "'new' is not a version"),
    ],
)
def test_wrong_settings(settings: str, told: str, root: Path, secretgen: Command) -> None:
    settle(root, settings)
    result = secretgen("render")
    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert "secretgen.toml" in result.err
    assert {p.name for p in root.iterdir()} == {"specs", "secretgen.toml"}


def test_templates_that_a_link_fetches_from_elsewhere_are_refused(
    root: Path, tmp_path: Path, secretgen: Command
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "mine").symlink_to("../elsewhere")
    settle(root, 'templates = "mine"\n')
    result = secretgen("validate")
    assert result.code == 2
    assert "leads out of" in result.err


def test_other_required_version_is_refused_first(root: Path, secretgen: Command) -> None:
    settle(root, 'required-version = ">=7,<8"\nnew-setting = true\n')
    result = secretgen("validate")
    assert (result.code, result.out) == (2, "")
    assert __version__ in result.err
    assert "pip install 'secretgen<8,>=7'" in result.err


@pytest.mark.parametrize("required", ["{}", "=={}", ">={},<999"])
def test_the_required_version(required: str, root: Path, secretgen: Command) -> None:
    settle(root, f'required-version = "{required.format(__version__)}"\n')
    # A bare version is none for pip either.
    assert secretgen("validate").code == (2 if required == "{}" else 0)


def test_the_default_format(root: Path, secretgen: Command) -> None:
    write_spec(root, WRONG, "small")
    settle(root, 'format = "json"\n')
    for command in ("validate", "check"):
        assert json.loads(secretgen(command).out)["diagnostics"]
        assert "error[" in secretgen(command, "--format", "text").out
    write_spec(root, SMALL, "small")
    assert json.loads(secretgen("show").out)
    settle(root, 'format = "github"\n')
    assert secretgen("show").out == secretgen("show", "--format", "text").out, "knows no github"
    assert "flowchart LR" in secretgen("diagram").out


def test_other_output_folders(root: Path, secretgen: Command) -> None:
    settle(root, OUTPUTS)
    assert secretgen("render").code == 0
    assert {p.name for p in root.iterdir()} == {"specs", "secretgen.toml", "infra"}
    files = tree(root / "infra")
    assert b'source = "../../modules/aws-secrets/' in files["live/small/secrets.tf"]
    assert b"infra/modules/aws-secrets/kms-key/main.tf" in files["live/small/README.md"]
    readme = files["modules/aws-secrets/README.md"].decode()
    assert '"./infra/modules/aws-secrets/kms-key"' in readme
    assert secretgen("check").code == 0
    (root / "infra/live/small/secrets.tf").unlink()
    assert secretgen("check").code == 3


@pytest.mark.parametrize(
    ("settings", "source"),
    [
        ('environments = "live"\nmodules = "terraform/modules"', "../../terraform/modules/"),
        ('environments = "a/b/c"', "../../../../modules/"),
        ('modules = "environments.d/shared"', "../../environments.d/shared/"),
        ('environments = "modules/live"', "../../"),
    ],
)
def test_modules_are_found_from_any_folder(
    settings: str, source: str, root: Path, secretgen: Command
) -> None:
    settle(root, settings)
    assert secretgen("render").code == 0, "so it was read back"
    (secrets,) = root.glob("**/small/secrets.tf")
    written = f"{source}aws-secrets/static"
    assert f'source = "{written}"' in secrets.read_text(encoding="utf-8")
    assert (secrets.parent / written).is_dir()


def test_no_runbook_or_alarm_names_another_folder(root: Path, secretgen: Command) -> None:
    production = Path(__file__).parents[1] / "reference/production.yaml"
    write_spec(root, production.read_text(encoding="utf-8"), "production")
    settle(root, 'environments = "live"\nmodules = "parts"\n')
    assert secretgen("render").code == 0
    rendered = b"".join(data for path, data in tree(root).items() if "specs" not in path)
    assert b"live/production/README.md" in rendered
    assert b"environments/" not in rendered
    assert b"modules/aws-secrets" not in rendered


def test_files_in_previous_folders_are_orphans(root: Path, secretgen: Command) -> None:
    assert secretgen("render").code == 0
    mine = root / "environments/small/terraform.tfvars"
    mine.write_text("# mine\n", encoding="utf-8")
    settle(root, OUTPUTS)
    assert secretgen("check").code == 3
    result = secretgen("render")
    assert result.code == 0
    assert "delete  environments/small/secrets.tf" in result.out
    left = [p for name in ("environments", "modules") for p in tree(root / name)]
    assert left == ["small/terraform.tfvars"]
    assert secretgen("check").code == 0


def test_folders_that_were_moved_first_stay(root: Path, secretgen: Command) -> None:
    assert secretgen("render").code == 0
    (root / "infra").mkdir()
    (root / "environments").rename(root / "infra/live")
    (root / "modules").rename(root / "infra/modules")
    settle(root, OUTPUTS)
    result = secretgen("render")
    assert result.code == 0
    assert "delete" not in result.out
    assert "create" not in result.out


def test_link_in_place_of_a_default_folder_is_ignored(
    root: Path, tmp_path: Path, secretgen: Command
) -> None:
    (tmp_path / "elsewhere").mkdir()
    for name in ("environments", "modules"):
        (root / name).symlink_to("../elsewhere")
    settle(root, OUTPUTS)
    assert secretgen("render").code == 0
    assert not any((tmp_path / "elsewhere").iterdir())


def test_an_output_folder_that_is_a_link_is_refused(
    root: Path, tmp_path: Path, secretgen: Command
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "infra").symlink_to("../elsewhere")
    settle(root, OUTPUTS)
    assert secretgen("render").code == 2
    assert not any((tmp_path / "elsewhere").iterdir())
