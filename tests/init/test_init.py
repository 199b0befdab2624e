"""`secretgen init`: what it writes works at once, and nothing that is there is touched."""

import re
import shlex
from pathlib import Path

import jsonschema
import pytest
import yaml

from secretgen.diagnostics import has_errors
from secretgen.rules import check
from secretgen.scaffold.answers import Answers
from secretgen.scaffold.texts import spec_text
from secretgen.spec.aws_formats import REGIONS
from secretgen.spec.json_schema import json_schema
from secretgen.spec.load import load_spec
from secretgen.version import __version__
from tests.cli.conftest import Command
from tests.init.conftest import git
from tests.rendered import tree

SPEC = "specs/production.yaml"
FILES = {
    SPEC,
    "specs/secretgen.schema.json",
    "specs/secretgen.part.schema.json",
    "secretgen.toml",
    ".gitattributes",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".github/workflows/secretgen.yml",
    ".prettierignore",
}
LINE = re.compile(r" *(create|update|skip|identical)  (\S+)( \(.+\))?")
SOURCE = "set SECRETGEN in .github/workflows/secretgen.yml\nto where your copy"
EXAMPLE = re.compile(r"^( *)#(?=[a-z]|  )", re.MULTILINE)


def outcomes(out: str) -> dict[str, str]:
    """What became of each file."""
    matches = [LINE.fullmatch(line) for line in out.splitlines()]
    assert all(matches)
    return {match[2]: match[1] for match in matches if match}


def run_what_is_next(err: str, secretgen: Command) -> None:
    """Runs the commands that the program ends with, and nothing else."""
    lines = err.partition("Next:\n")[2].splitlines()
    commands = [shlex.split(line) for line in lines if line.startswith("    ")]
    assert [command[:2] for command in commands] == [
        ["secretgen", "render"],
        ["secretgen", "check"],
    ]
    for command in commands:
        result = secretgen(*command[1:])
        assert (result.code, "warning" in result.out) == (0, False)
    runbook = lines[-1].removeprefix("For deployment, see ").removesuffix(".")
    assert Path(runbook).is_file()


@pytest.mark.parametrize("kind", ["empty", "git", "pyproject", "settled"])
def test_initialized_project_works(kind: str, empty: Path, secretgen: Command) -> None:
    if kind == "git":
        git(empty, "init", "--quiet")
    pyproject = {"pyproject": '[project]\nname = "x"\n', "settled": "[tool.secretgen]\n"}.get(kind)
    if pyproject:
        (empty / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    result = secretgen("init")
    assert result.code == 0
    skipped = {"secretgen.toml"} if kind == "settled" else set()
    assert outcomes(result.out) == {path: "skip" if path in skipped else "create" for path in FILES}
    written = FILES - skipped | ({"pyproject.toml"} if pyproject else set())
    assert {p for p in tree(empty) if not p.startswith(".git/")} == written
    if pyproject:
        assert (empty / "pyproject.toml").read_text(encoding="utf-8") == pyproject
    assert secretgen("validate", "--strict").code == 0
    assert SOURCE in result.err
    run_what_is_next(result.err, secretgen)


def test_twice_in_a_row(started: Path, secretgen: Command) -> None:
    assert secretgen("render").code == 0
    before = tree(started)
    result = secretgen("init")
    assert result.code == 0
    assert outcomes(result.out) == dict.fromkeys(FILES, "identical")
    assert tree(started) == before


def test_missing_folder(empty: Path, secretgen: Command) -> None:
    result = secretgen("init", "deep/in it")
    assert (result.code, set(tree(empty / "deep/in it"))) == (0, FILES)
    assert "secretgen render --root 'deep/in it'\n" in result.err
    run_what_is_next(result.err, secretgen)


def test_no_file_is_overwritten(empty: Path, secretgen: Command) -> None:
    for path in FILES - {"secretgen.toml"}:
        (empty / path).parent.mkdir(parents=True, exist_ok=True)
        (empty / path).write_text(f"# mine: {path}", encoding="utf-8")
    (empty / "secretgen.toml").write_text("# mine\n", encoding="utf-8")
    before = tree(empty)
    result = secretgen("init")
    assert outcomes(result.out) == dict.fromkeys(FILES, "skip")
    assert "SECRETGEN" not in result.err, "nothing to set in a workflow of their own"
    assert tree(empty) == before


def test_missing_lines_of_shared_files_are_printed(empty: Path, secretgen: Command) -> None:
    (empty / ".gitignore").write_text("*.tfvars\n.terraform/\n", encoding="utf-8")
    (empty / ".gitattributes").write_text("*.png binary\n", encoding="utf-8")
    (empty / ".pre-commit-config.yaml").write_text("repos: []\n", encoding="utf-8")
    told = secretgen("init").err
    assert "Add to .gitignore:\n\n    *.tfstate\n    *.tfstate.*\n    *.tfplan\n" in told
    assert "Add to .gitattributes:\n\n    environments/** linguist-generated" in told
    hooks = told.partition("Add to .pre-commit-config.yaml:\n\n")[2]
    assert "need `exclude: '^(environments/|modules/aws-secrets/)'`." in hooks
    assert "\n      - repo: local\n        hooks:\n" in hooks
    for name in (".gitignore", ".gitattributes"):
        add = re.search(rf"Add to {name}:\n\n((?:    .+\n)+)", told)
        assert add
        with (empty / name).open("a", encoding="utf-8") as file:
            file.write(re.sub("^    ", "", add[1], flags=re.MULTILINE))
    told = secretgen("init").err
    assert "Add to .gitignore" not in told
    assert "Add to .gitattributes" not in told


@pytest.mark.parametrize("path", [*sorted(FILES), "specs", ".github", ".github/workflows"])
def test_no_link_is_followed(path: str, empty: Path, tmp_path: Path, secretgen: Command) -> None:
    elsewhere = tmp_path / "elsewhere"
    is_file = path in FILES
    elsewhere.mkdir()
    link = empty / path
    link.parent.mkdir(parents=True, exist_ok=True)
    # A link to nothing, where a file would be made, or to a folder.
    link.symlink_to(elsewhere / "new" if is_file else elsewhere)
    result = secretgen("init")
    assert result.code == 0
    skipped = {p for p, outcome in outcomes(result.out).items() if outcome == "skip"}
    assert skipped == {p for p in FILES if p == path or p.startswith(f"{path}/")}
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--environment", "Prod", "an environment name"),
        ("--environment", "a: b\nc", "an environment name"),
        ("--account-id", "123", "12 digits"),
        ("--account-id", '1"\nx: y', "12 digits"),
        ("--account-id", "AKIAIOSFODNN7EXAMPLE", "access key"),
        ("--region", "eu-cental-1", "Did you mean 'eu-central-1'?"),
        ("--bucket", "A_b", "an S3 bucket name"),
        ("--bucket", "xn--a", "prefix that S3 keeps for itself"),
    ],
)
def test_wrong_answers(option: str, value: str, told: str, empty: Path, secretgen: Command) -> None:
    result = secretgen("init", option, value)
    assert (result.code, result.out) == (2, "")
    assert f"{option}: " in result.err
    assert told in result.err
    assert "AKIA" not in result.err
    assert not any(empty.iterdir())


def test_examples_are_called_examples(empty: Path, secretgen: Command) -> None:
    told = secretgen("init").err
    assert "the account 123456789012 and the bucket terraform-state-123456789012" in told
    told = secretgen("init", "other", "--bucket", "mine-it-is").err
    assert "the account 123456789012.\n" in told
    told = secretgen("init", "third", "--account-id", "012345678901").err
    assert "example" not in told
    spec = (empty / "third" / SPEC).read_text(encoding="utf-8")
    assert 'account_id: "012345678901"' in spec
    assert "bucket: terraform-state-012345678901" in spec


@pytest.mark.parametrize("environment", ["production", "no", "null", "a0", "a" * 32])
def test_every_region_and_odd_name_makes_a_valid_spec(environment: str) -> None:
    for region in REGIONS:
        text = spec_text(Answers(environment=environment, region=region))
        # What is commented out is as right as the rest.
        for candidate in (text, EXAMPLE.sub(r"\1", text)):
            loaded = load_spec(candidate.encode(), "spec.yaml")
            found = [*loaded.diagnostics, *check(loaded, today="2026-01-01")]
            assert not has_errors(found), (candidate, found)
        assert {d.rule for d in found} <= {"SG237"}, "a Region that an account has to enable"
        assert loaded.spec
        assert loaded.spec.environment == environment


def test_the_spec_names_a_schema_that_is_there_and_fits(started: Path) -> None:
    spec = started / SPEC
    text = spec.read_text(encoding="utf-8")
    modeline = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert modeline
    schema = spec.parent / modeline[1]
    assert yaml.safe_load(schema.read_text(encoding="utf-8")) == json_schema()
    jsonschema.validate(yaml.safe_load(text), json_schema())


def test_git_takes_no_value_and_folds_what_is_rendered(started: Path, secretgen: Command) -> None:
    assert secretgen("render").code == 0
    folder = "environments/production"
    (started / folder / "terraform.tfvars").touch()
    (started / folder / ".terraform").mkdir()
    (started / folder / ".terraform/x").touch()
    git(started, "add", "--all")
    listed = set(git(started, "ls-files").splitlines())
    assert f"{folder}/terraform.tfvars.example" in listed
    assert not {p for p in listed if ("tfvars" in p and "example" not in p) or ".terraform/" in p}
    attributes = git(started, "check-attr", "linguist-generated", "eol", "--", *sorted(listed))
    generated = set(re.findall(r"^(.+): linguist-generated: true$", attributes, re.MULTILINE))
    by_header = {
        p
        for p in listed
        if "Code generated by secretgen" in (started / p).read_text(encoding="utf-8")[:60]
        or (p.startswith("environments/") and p.endswith(".json"))
    }
    policies = {p for p in listed if p.startswith(f"{folder}/iam/") and p.endswith(".json")}
    assert generated == by_header | policies | {
        "specs/secretgen.schema.json",
        "specs/secretgen.part.schema.json",
    }
    assert set(re.findall(r"^(.+): eol: lf$", attributes, re.MULTILINE)) == generated


def test_existing_settings_determine_the_folders(empty: Path, secretgen: Command) -> None:
    settings = 'specs = ["infra/*/no.yaml", "infra/spec-*.yml"]\nenvironments = "live"\n'
    (empty / "secretgen.toml").write_text(settings, encoding="utf-8")
    result = secretgen("init", "--environment", "staging")
    assert outcomes(result.out)["infra/spec-staging.yml"] == "create"
    attributes = (empty / ".gitattributes").read_text(encoding="utf-8")
    assert "\nlive/** linguist-generated" in attributes
    workflow = (empty / ".github/workflows/secretgen.yml").read_text(encoding="utf-8")
    assert "working-directory: ${{ matrix.path }}" in workflow
    run_what_is_next(result.err, secretgen)
    assert (empty / "live/staging/secrets.tf").is_file()


def test_spec_patterns_without_a_folder(empty: Path, secretgen: Command) -> None:
    (empty / "secretgen.toml").write_text('specs = ["apps/**/*.yaml"]\n', encoding="utf-8")
    result = secretgen("init")
    assert (result.code, result.out) == (2, "")
    assert "'specs/*.yaml'" in result.err


def test_a_second_environment_is_written_when_it_is_named(
    started: Path, secretgen: Command
) -> None:
    (started / SPEC).rename(started / "specs/live.yaml")
    result = secretgen("init")
    assert outcomes(result.out)[SPEC] == "skip"
    assert not (started / SPEC).exists()
    assert not re.search("How to deploy|Add to", result.err)
    result = secretgen("init", "--environment", "staging", "--account-id", "999999999999")
    assert outcomes(result.out)["specs/staging.yaml"] == "create"
    assert "Add to" not in result.err, "the workflow finds the environment itself"
    run_what_is_next(result.err, secretgen)


def test_the_settings_pin_the_release_that_wrote_them(started: Path) -> None:
    settings = (started / "secretgen.toml").read_text(encoding="utf-8")
    assert f'required-version = "=={__version__}"' in settings


def test_projects_in_folders_share_what_counts_at_the_top(empty: Path, secretgen: Command) -> None:
    git(empty, "init", "--quiet")
    first = secretgen("init", "infra/one")
    assert "create  ../../.github/workflows/secretgen.yml\n" in first.out
    assert {p.name for p in (empty / "infra/one").iterdir()} == {
        "specs", "secretgen.toml", ".gitattributes", ".gitignore",
    }  # fmt: skip
    assert "Add to" not in first.err
    assert SOURCE in first.err
    second = secretgen("init", "infra/two")
    assert "skip  ../../.pre-commit-config.yaml (exists)\n" in second.out
    missing = re.split(r"Add to (.+):\n\n", second.err.partition("\n\nPut yours")[0])
    assert dict(zip(missing[1::2], missing[2::2], strict=True)).keys() == {
        ".github/workflows/secretgen.yml", ".pre-commit-config.yaml", ".prettierignore",
    }  # fmt: skip
    assert "entry: secretgen check --tracked --root infra/two\n" in second.err
    assert "infra/two/environments/\n" in second.err
    projects = 'PROJECTS: "infra/one:infra/two"\n'
    assert projects in second.err
    assert "SECRETGEN" not in second.err
    workflow = empty / ".github/workflows/secretgen.yml"
    text = workflow.read_text(encoding="utf-8").replace('PROJECTS: "infra/one"\n', projects)
    workflow.write_text(text, encoding="utf-8")
    assert "secretgen.yml:" not in secretgen("init", "infra/two").err
