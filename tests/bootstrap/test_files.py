"""What the bootstrap of an environment makes, and what its README tells."""

import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from secretgen.model.environment import Environment
from secretgen.policy.state_policies import state_policy
from secretgen.render.views.bootstrap_view import bootstrap_view, with_own_state
from secretgen.spec.load import load_spec
from tests.commands import assert_names_exist, assert_sensible, blocks, words
from tests.rendered import PRODUCTION, SPECS, render

SPECS_OF_STATES = {
    "production": PRODUCTION,
    "small": SPECS / "small.yaml",
    "rich": SPECS / "rich.yaml",
}


@pytest.fixture(scope="module", params=SPECS_OF_STATES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = SPECS_OF_STATES[request.param].read_text("utf-8")
    return render(tmp_path_factory.mktemp("project"), text)


def environment(text: str) -> Environment:
    found = load_spec(text.encode(), "spec").environment
    assert found
    return found


def backend(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^    (\w+) += (.+)$", file.read_text("utf-8"), re.MULTILINE))


def test_bootstrap_state_is_locked_and_encrypted_like_the_environments(folder: Path) -> None:
    own = backend(folder / "bootstrap/backend.tf.example")
    environments = backend(folder / "backend.tf")
    assert own.pop("key") != environments.pop("key")
    assert own == environments
    assert own["encrypt"] == "true"


def test_table_is_created_only_for_locking(folder: Path) -> None:
    main = (folder / "bootstrap/main.tf").read_text("utf-8")
    locks = "dynamodb_table" in backend(folder / "backend.tf")
    assert ("aws_dynamodb_table" in main) == locks
    readme = (folder / "bootstrap/README.md").read_text("utf-8")
    assert ("Lock table" in readme) == locks


OWN = '"arn:aws:kms:us-east-1:123456789012:alias/production-terraform-state"'
KEYS = {
    "": OWN,
    "kms_key_id: alias/production-terraform-state, ": OWN,
    "kms_key_id: alias/ours, ": '"alias/ours"',
}


@pytest.mark.parametrize("named", KEYS)
@pytest.mark.parametrize("locking", ["locking: s3", "dynamodb_table: lock"])
def test_key_is_created_where_it_encrypts(named: str, locking: str, tmp_path: Path) -> None:
    backend_of_spec = f"backend: {{ bucket: terraform-states, {named}{locking} }}"
    text = re.sub(
        r"(?m)^backend:\n(  .*\n)+", f"{backend_of_spec}\n", PRODUCTION.read_text("utf-8")
    )
    folder = render(tmp_path, text)
    assert backend(folder / "backend.tf")["kms_key_id"] == KEYS[named]
    made = "".join(f.read_text("utf-8") for f in sorted((folder / "bootstrap").iterdir()))
    has_key = KEYS[named] == OWN or "table" in locking
    assert ('resource "aws_kms_key" "state"' in made) == has_key
    assert ("alias/production-terraform-state" in made) == has_key
    if not has_key:
        assert "aws_kms_key" not in made


def test_a_shared_bucket_needs_no_folder_but_a_policy(tmp_path: Path) -> None:
    text = PRODUCTION.read_text("utf-8").replace("\nbackend:\n", "\nbackend:\n  bootstrap: false\n")
    folder = render(tmp_path, text)
    assert not (folder / "bootstrap").exists()
    assert "kms_key_id" not in backend(folder / "backend.tf")
    readme = (folder / "README.md").read_text("utf-8")
    assert "bootstrap/" not in readme
    (shown,) = re.findall(r"^```json\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert json.loads(shown) == state_policy(environment(text))


def test_commands_make_sense(folder: Path) -> None:
    readme = (folder / "bootstrap/README.md").read_text("utf-8")
    for block in blocks(readme):
        assert_sensible(block)
    assert_names_exist(readme, folder / "bootstrap")
    assert len(blocks(readme, "Three steps")) == 4
    for block in blocks(readme, "Three steps"):
        assert {"terraform", "secretgen", "rm", "cp", "cd", "false"} >= {
            command[0] for command in words(block)
        }


def test_the_page_is_well_formed(folder: Path) -> None:
    readme = (folder / "bootstrap/README.md").read_text("utf-8")
    assert "\n\n\n" not in readme
    assert not re.search(r"[ \t]+$", readme, re.MULTILINE)
    tokens = MarkdownIt("commonmark").enable("table").parse(readme)
    assert [t.type for t in tokens].count("table_open") == 1


def test_a_checkov_skip_gives_its_reason(folder: Path) -> None:
    main = (folder / "bootstrap/main.tf").read_text("utf-8")
    skips = re.findall(r"checkov:skip=(\w+):(.+)", main)
    assert {check for check, _ in skips} == {"CKV_AWS_144", "CKV_AWS_145"}
    assert all(len(reason.split()) > 5 for _, reason in skips)


@pytest.mark.parametrize("length", [3, 51, 52, 63])
def test_the_log_bucket_has_a_legal_name_of_its_own(length: int) -> None:
    text = PRODUCTION.read_text("utf-8")
    name = ("a." * 40)[: length - 1] + "z"
    view = bootstrap_view(environment(text.replace("my-company-terraform-state", name)))
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", view.log.name)
    assert not re.search(r"\.\.|\.-|-\.", view.log.name)
    other = bootstrap_view(environment(text.replace("my-company-terraform-state", f"{name[:-1]}y")))
    assert view.log.name != other.log.name


@pytest.mark.parametrize(
    ("key", "own"),
    [
        ("production/secrets/terraform.tfstate", "production/secrets/bootstrap/terraform.tfstate"),
        ("state", "bootstrap/state"),
        ("a//b", "a//bootstrap/b"),
    ],
)
def test_the_key_of_its_state(key: str, own: str) -> None:
    text = PRODUCTION.read_text("utf-8").replace("production/secrets/terraform.tfstate", key)
    assert with_own_state(environment(text)).backend.key == own
