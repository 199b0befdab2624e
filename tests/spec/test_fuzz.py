"""Whatever a spec holds, checking it raises nothing, and every finding has a place in the file."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretgen.diagnostics import Diagnostic, Severity
from secretgen.rules.catalogue import all_rules
from secretgen.spec.fields import fields_of
from secretgen.spec.schema import Spec
from secretgen.spec.secret_schema import RotationSpec, SecretSpec, ValueSpec
from tests.rules.support import findings_in
from tests.spec.trees import EVERYTHING, TreePath, at, changed_specs, paths_in, tree_of, write

TREE = tree_of(EVERYTHING.read_text(encoding="utf-8"))
SCALARS = [path for path in paths_in(TREE) if isinstance(at(TREE, path), str)]
MODELS = (Spec, SecretSpec, ValueSpec, RotationSpec)
KEYS = ["[key]", *sorted({key for model in MODELS for key in fields_of(model)})]
CANARY = "canary-Zx81-tweet"

# Names that lead nowhere are shown: how else would anybody know which one?
NAMES = {"kms_key", "account", "rule"}

ANY_TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)
ANY_KEY = st.sampled_from(KEYS) | ANY_TEXT
ANY_TREE = st.recursive(
    ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_KEY, inner, max_size=5),
    max_leaves=25,
)


def check_places(text: str, found: list[Diagnostic]) -> None:
    lines = text.splitlines() or [""]
    for d in found:
        assert d.rule in all_rules()
        assert d.severity is all_rules()[d.rule].severity
        assert 1 <= d.span.line <= d.span.end_line <= len(lines) + 1
        assert 1 <= d.span.column <= max(map(len, lines)) + 1
        assert (d.span.line, d.span.column) <= (d.span.end_line, d.span.end_column)
        assert d.summary
        assert d.detail
        assert not d.summary.endswith(".")


@settings(max_examples=80)
@given(st.dictionaries(ANY_KEY, ANY_TREE, max_size=8))
def test_any_tree(tree: Any) -> None:
    text = json.dumps(tree, ensure_ascii=True)
    check_places(text, findings_in(text))


@settings(max_examples=80)
@given(changed_specs(), st.data())
def test_changed_specs(tree: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(paths_in(tree))))
    around, key = at(tree, path[:-1]), path[-1]
    if isinstance(around, dict) and data.draw(st.booleans()):
        del around[key]
        key = data.draw(ANY_KEY)
    around[key] = data.draw(ANY_TREE)
    text = write(tree)
    check_places(text, findings_in(text))


@pytest.mark.parametrize("path", SCALARS, ids=lambda path: ".".join(map(str, path)))
def test_no_value_gets_into_a_message(path: TreePath) -> None:
    if path[-1] in NAMES or path[-2:-1] in {("readers",), ("required_tags",)}:
        return
    for wrong in (CANARY, [CANARY], {CANARY: CANARY}, f"{CANARY} \n"):
        tree = copy.deepcopy(TREE)
        at(tree, path[:-1])[path[-1]] = wrong
        for d in findings_in(write(tree)):
            is_key = d.rule == "SG101"
            assert is_key or CANARY not in f"{d.summary} {d.detail} {d.suggestion}", d


def test_findings_are_sorted_and_errors_come_with_a_severity() -> None:
    found = findings_in("aws: {}\nbackend: []\nfoo: bar\n")
    assert found == sorted(found, key=lambda d: d.sort_key)
    assert {d.severity for d in found} == {Severity.ERROR}
