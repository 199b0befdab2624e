"""The JSON policies in `iam/` are part of the drift check and of the round trip."""

import json

import pytest

from secretgen.errors import RoundTripError
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.roundtrip.proof import Scope, prove
from secretgen.tree import compare
from tests.drift.conftest import Project
from tests.drift.trees import PRODUCTION, tree

APPLY = "environments/production/iam/apply.json"
GUARD = "environments/production/iam/guard.json"


def test_the_statement_and_the_element_are_named(project: Project) -> None:
    project.edit(APPLY, '        "kms:Encrypt",\n', "")
    project.edit(APPLY, '"secretgen:protected"', '"protected"')
    found = project.drift()[APPLY]
    assert found["state"] == "edited"
    changed = [change["attribute"] for change in found["changes"]]
    assert "iam.apply.UseKeysOfSecrets.Action" in changed
    assert any(attribute.startswith("iam.apply.Deny") for attribute in changed)
    lines = (project.root / APPLY).read_text("utf-8").splitlines()
    for change in found["changes"]:
        sid = change["attribute"].split(".")[2]
        assert lines[change["line"] - 1].strip() == f'"Sid": "{sid}",'
    assert any("lacks" in line and "kms:Encrypt" in line for line in project.told())


def test_the_key_of_a_condition_is_named(project: Project) -> None:
    """A condition as a whole is too long to be shown: both sides would begin with the same text."""
    project.edit(APPLY, '"arn:aws:secretsmanager:*:123456789012:secret:prod/app', '"arn:x')
    told = next(line for line in project.told() if "UseKeysOfSecrets" in line)
    key = "iam.apply.UseKeysOfSecrets.Condition.StringLike.kms:EncryptionContext:SecretARN"
    assert told.startswith(f"{key} has ["), told


def test_other_layout_has_the_same_meaning(project: Project) -> None:
    path = project.root / GUARD
    path.write_text(json.dumps(json.loads(path.read_text("utf-8"))), encoding="utf-8")
    found = project.drift()[GUARD]
    assert (found["state"], found["changes"]) == ("edited", [])


@pytest.mark.parametrize("text", ["{", '{"Version": "1", "Version": "2"}'])
def test_invalid_policy_is_reported(text: str, project: Project) -> None:
    (project.root / GUARD).write_text(text, encoding="utf-8")
    assert project.drift()[GUARD]["state"] == "edited"
    assert "does not parse" in project.check()[1]


@pytest.mark.parametrize("scope", Scope)
def test_unrelated_policy_is_never_written(scope: Scope) -> None:
    rendered = tree(PRODUCTION)
    text = rendered.rendered[APPLY].body
    wrong = text.replace('"kms:DisableKey",', "", 1)
    assert wrong != text
    changes = compare(rendered.otherwise({APPLY: wrong}), rendered.files)
    with pytest.raises(RoundTripError, match=r"iam\.apply\.DenyDestruction\.Action"):
        prove([rendered.spec], changes, DEFAULT_LAYOUT, scope=scope)
