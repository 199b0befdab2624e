"""Nothing is proven twice, and nothing passes because of that."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from secretgen.errors import RoundTripError
from secretgen.hcl.decode import parse
from secretgen.hcl.hcl_nodes import Body
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.project.rendered_tree import record_of
from secretgen.readback.read_environment import read_environment
from secretgen.render.files import render_environment
from secretgen.render.templates import environment as jinja
from secretgen.roundtrip import parsing
from secretgen.roundtrip.proof import Proof, Scope, prove
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.spec.places import Places
from secretgen.spec.schema import Spec
from secretgen.tree import Generated, compare
from tests.drift.mutations import mutations
from tests.drift.trees import PRODUCTION, tree, tree_of
from tests.readback.specs import specs
from tests.rendered import render

TEXT = PRODUCTION.read_text(encoding="utf-8")
FOLDER = "environments/production/"
CHANGED = "prod/database/master-password"
OTHER = "prod/app/oauth-client-secret"
BEFORE = {
    path: data
    for path, data in tree_of(TEXT.replace("duration: 3h", "duration: 4h")).files.items()
    if path.startswith(FOLDER)
}
"""The environment as committed, of when one secret was otherwise."""

NOWHERE = Places("")


def proof_after_a_change(rendered: dict[str, Generated]) -> Proof:
    environment = {path: file for path, file in rendered.items() if path.startswith(FOLDER)}
    changes = compare(environment, BEFORE)
    return prove([tree(PRODUCTION).spec], changes, DEFAULT_LAYOUT, scope=Scope.NEW)


def read_as_a_whole(proof: Proof) -> bool:
    """Tells whether an environment had to be read as a whole."""
    return bool(proof.readings)


def test_a_check_in_sync_parses_nothing(tmp_path: Path) -> None:
    render(tmp_path, TEXT)
    code = (
        "import sys; from secretgen.cli import run;"
        f"code = run(['check', '--root', {str(tmp_path)!r}, *sys.argv[1:]]);"
        "sys.exit(code or 10 * ('lark' in sys.modules))"
    )
    for arguments, expected in (([], 0), (["--verify", "all"], 10)):
        ran = subprocess.run([sys.executable, "-c", code, *arguments], check=False)
        assert ran.returncode == expected


def test_after_a_change_of_one_secret_its_blocks_are_parsed_and_no_other_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(tmp_path, TEXT)
    parsed: list[tuple[str, str]] = []

    def noted(text: str, file: str, *rest: Any) -> Body:
        assert (file, text) not in parsed, "read a second time"
        parsed.append((file, text))
        return parse(text, file, *rest)

    monkeypatch.setattr(parsing, "parse", noted)
    render(tmp_path, TEXT.replace("OAuth client credentials", "Changed"))
    with_inside = {
        label
        for file, text in parsed
        if file.removeprefix(FOLDER) in ("secrets.tf", "keys.tf", "variables.tf")
        for label in re.findall(r'"([^"]+)" \{\n  ', text)
    }
    assert with_inside == {
        "secret__prod__app__oauth_client_secret",
        "key__prod__app__oauth_client_secret",
        "prod__app__oauth_client_secret",
        "shared_key__database",
        "shared_key_us_west_2__database",
    }
    assert not any(file.startswith("modules/") for file, _ in parsed)


def test_what_changed_is_proven() -> None:
    assert not read_as_a_whole(proof_after_a_change(tree(PRODUCTION).rendered))


@pytest.mark.parametrize("file", ["secrets.tf", "keys.tf", "variables.tf", "outputs.tf"])
def test_a_wrong_render_is_refused_whichever_secret_it_is_about(file: str) -> None:
    rendered = tree(PRODUCTION)
    environment = rendered.spec.parts[1]
    bodies = rendered.bodies
    refused = accepted = 0
    for mutation in mutations(rendered.rendered[FOLDER + file].body):
        try:
            wrong = rendered.proof.parse(mutation.text, file)
            says = read_environment(environment.name, {**bodies, file: wrong})
            is_right = not says.differences(environment)
        except HclSyntaxError:
            is_right = False
        otherwise = rendered.otherwise({FOLDER + file: mutation.text})
        if is_right:
            proof_after_a_change(otherwise)
            accepted += 1
        else:
            with pytest.raises(RoundTripError):
                proof_after_a_change(otherwise)
            refused += 1
    assert refused > accepted


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("/*\n", "*/\n"),
        ("x = <<E\n", "E\n"),
        ("terraform {\n", "}\n"),
        ('locals {\n  x = "${\n', '}"\n}\n'),
        ('module "x" {\n  y = [\n', "]\n}\n"),
        ("", 'module "secret__prod__app__oauth_client_secret" {\n}\n'),
    ],
)
def test_what_encloses_a_secret_on_record_is_seen(before: str, behind: str) -> None:
    rendered = tree(PRODUCTION)
    path = FOLDER + "secrets.tf"
    text = rendered.rendered[path].body
    block = re.search(r'module "secret__prod__app__oauth_client_secret" \{\n(?:.*\n)*?\}\n', text)
    assert block
    otherwise = rendered.otherwise({path: text.replace(block[0], before + block[0] + behind)})
    with pytest.raises(RoundTripError):
        proof_after_a_change(otherwise)


def test_a_spec_is_proven_although_no_file_changes() -> None:
    """A template may leave out what is new in a spec: then its files are the same as before."""
    rendered = tree(PRODUCTION)
    other = load_spec(TEXT.replace("duration: 3h", "duration: 4h").encode(), rendered.spec.file)
    changes = compare(rendered.otherwise({}, other), rendered.files)
    assert {file.path for file in changes.drift} == {FOLDER + "proof.sum"}
    for scope in Scope:
        with pytest.raises(RoundTripError, match='duration is "3h", the spec says "4h"'):
            prove([other], changes, DEFAULT_LAYOUT, scope=scope)


@pytest.mark.parametrize("edited", ["environment", "secrets.prod/app", "DO NOT EDIT"])
def test_a_record_that_was_edited_counts_for_nothing(edited: str) -> None:
    rendered = tree(PRODUCTION)
    path = FOLDER + "proof.sum"
    data = rendered.text(path).replace(edited, f"{edited}x", 1).encode()
    changes = compare(rendered.rendered, {**rendered.files, path: data})
    assert read_as_a_whole(prove([rendered.spec], changes, DEFAULT_LAYOUT, scope=Scope.NEW))


def lines(text: str) -> dict[str, str]:
    rendered = tree_of(text).rendered[FOLDER + "proof.sum"].body.splitlines()[2:]
    return {name: digest for digest, name in (line.split("  ", 1) for line in rendered)}


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("duration: 3h", "duration: 4h", {CHANGED}),
        ("    group: ", "    group: Other ", set()),
        ("OAuth client credentials", "x", {OTHER}),
        ("OAuth client credentials", "a ${b}", {OTHER}),
    ],
)
def test_the_record_tells_which_secrets_changed(old: str, new: str, changed: set[str]) -> None:
    assert old in TEXT
    one, other = lines(TEXT), lines(TEXT.replace(old, new, 1))
    differ = {name for name in one if one[name] != other.get(name)}
    everything = {"environment", "files"} if changed else set()
    assert differ == everything | {f"secrets.{name}" for name in changed}


def loaded(spec: dict[str, Any]) -> LoadedSpec:
    return LoadedSpec("specs/x.yaml", "", Spec.model_validate(spec), NOWHERE)


def rendered_from(spec: LoadedSpec) -> dict[str, Generated]:
    environment = spec.parts[1]
    bodies = render_environment(environment, jinja())
    bodies |= record_of(environment, bodies, DEFAULT_LAYOUT)
    return {path: Generated(body, spec.file) for path, body in bodies.items()}


@given(specs())
@settings(max_examples=20)
def test_any_environment_is_proven_by_what_is_on_record(spec: dict[str, Any]) -> None:
    name = min(spec["secrets"])
    secret = {**spec["secrets"][name], "description": "otherwise"}
    before = loaded({**spec, "secrets": {**spec["secrets"], name: secret}})
    after = loaded(spec)
    committed = {c.path: c.new for c in compare(rendered_from(before), {}).files if c.new}
    changes = compare(rendered_from(after), committed)
    proof = prove([after], changes, DEFAULT_LAYOUT, scope=Scope.NEW)
    (on_record,) = (c.new_text for c in changes.files if c.path.endswith("proof.sum"))
    others = set(re.findall(r"  secrets\.(.*)", on_record)) - {name}
    assert read_as_a_whole(proof) == (not others)
