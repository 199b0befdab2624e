"""Nothing is proven twice, and nothing passes because of that."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from secretgen.errors import RoundTripError
from secretgen.hcl.decode import parse
from secretgen.hcl.hcl_nodes import Body
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.project.rendered_tree import record_of
from secretgen.render.files import render_environment
from secretgen.render.templates import environment as jinja
from secretgen.roundtrip import parsing
from secretgen.roundtrip.proof import Proof, Scope, prove
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.spec.places import Places
from secretgen.spec.schema import Spec
from secretgen.tree import Generated, compare
from tests.drift.trees import PRODUCTION, tree, tree_of
from tests.readback.specs import specs
from tests.rendered import render

TEXT = PRODUCTION.read_text(encoding="utf-8")
FOLDER = "environments/production/"
NOWHERE = Places("")
PARSES = 10
UNTIL_IT_PARSES = f"""
import os, sys
from secretgen.cli import run

class Ending:
    def find_spec(self, name, path, target=None):
        if name == "lark":
            os._exit({PARSES})

sys.meta_path.insert(0, Ending())
sys.exit(run(["check", *sys.argv[1:]]))
"""


def was_read(proof: Proof) -> bool:
    """Tells whether an environment was read."""
    return bool(proof.readings)


def test_a_check_in_sync_parses_nothing(tmp_path: Path) -> None:
    render(tmp_path, TEXT)
    for arguments, expected in (([], 0), (["--verify", "all"], PARSES)):
        command = [sys.executable, "-c", UNTIL_IT_PARSES, "--root", str(tmp_path), *arguments]
        assert subprocess.run(command, check=False).returncode == expected


def test_after_a_change_each_file_is_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard reads what is committed, and the proof what is rendered: most of it is the same."""
    render(tmp_path, TEXT)
    parsed: list[tuple[str, str]] = []

    def noted(text: str, file: str, *rest: Any) -> Body:
        parsed.append((file, text))
        return parse(text, file, *rest)

    monkeypatch.setattr(parsing, "parse", noted)
    render(tmp_path, TEXT.replace("OAuth client credentials", "Changed"))
    files = [file for file, _ in parsed]
    assert files.count(f"{FOLDER}secrets.tf") == 2
    assert files.count(f"{FOLDER}outputs.tf") == 1
    assert not any(file.startswith("modules/") for file in files)


def test_spec_is_verified_although_no_file_changes() -> None:
    """A template may leave out what is new in a spec: then its files are the same as before."""
    rendered = tree(PRODUCTION)
    other = load_spec(TEXT.replace("duration: 3h", "duration: 4h").encode(), rendered.spec.file)
    changes = compare(rendered.otherwise({}, other), rendered.files)
    assert {file.path for file in changes.drift} == {FOLDER + "proof.sum"}
    for scope in Scope:
        with pytest.raises(RoundTripError, match='duration is "3h", the spec has "4h"'):
            prove([other], changes, DEFAULT_LAYOUT, scope=scope)


@pytest.mark.parametrize("edited", ["environment", "DO NOT EDIT"])
def test_edited_record_is_ignored(edited: str) -> None:
    rendered = tree(PRODUCTION)
    path = FOLDER + "proof.sum"
    data = rendered.text(path).replace(edited, f"{edited}x", 1).encode()
    changes = compare(rendered.rendered, {**rendered.files, path: data})
    assert was_read(prove([rendered.spec], changes, DEFAULT_LAYOUT, scope=Scope.NEW))


@pytest.mark.parametrize(
    ("old", "new", "is_on_record"),
    [
        ("duration: 3h", "duration: 4h", False),
        ("    group: ", "    group: Other ", True),
        ("OAuth client credentials", "x", False),
    ],
)
def test_an_environment_is_on_record_until_what_is_deployed_changes(
    old: str, new: str, is_on_record: bool
) -> None:
    assert old in TEXT
    before = tree(PRODUCTION)
    after = tree_of(TEXT.replace(old, new, 1))
    changes = compare(after.rendered, before.files)
    proof = prove([after.spec], changes, DEFAULT_LAYOUT, scope=Scope.NEW)
    assert was_read(proof) != is_on_record


def loaded(spec: dict[str, Any]) -> LoadedSpec:
    return LoadedSpec("specs/x.yaml", "", Spec.model_validate(spec), NOWHERE)


def rendered_from(spec: LoadedSpec) -> dict[str, Generated]:
    environment = spec.parts[1]
    bodies = render_environment(environment, jinja())
    bodies |= record_of(environment, bodies, DEFAULT_LAYOUT)
    return {path: Generated(body, spec.file) for path, body in bodies.items()}


@given(specs())
@settings(max_examples=20)
def test_any_environment_is_read_once(spec: dict[str, Any]) -> None:
    rendered = rendered_from(loaded(spec))
    committed: dict[str, bytes] = {}
    for is_new in (True, False):
        changes = compare(rendered, committed)
        proof = prove([loaded(spec)], changes, DEFAULT_LAYOUT, scope=Scope.NEW)
        assert was_read(proof) == is_new
        committed = {file.path: file.new for file in changes.files if file.new}
