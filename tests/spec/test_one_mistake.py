"""One mistake gives one finding: no rule complains about what a broken value leads to."""

import copy
from typing import Any

import pytest

from secretgen.spec.fields import field_at, model_at
from tests.rules.support import brief, findings_in
from tests.spec.trees import EVERYTHING, TreePath, at, paths_in, tree_of, write

TREE = tree_of(EVERYTHING.read_text(encoding="utf-8"))
PATHS = list(paths_in(TREE))
FIELDS = [path for path in PATHS if field_at(path)]
REQUIRED = [path for path in FIELDS if (info := field_at(path)) and info.is_required()]
MAPPINGS = [(), *(path for path in PATHS if model_at(path) and isinstance(at(TREE, path), dict))]


def changed(path: TreePath, value: Any) -> str:
    tree = copy.deepcopy(TREE)
    at(tree, path[:-1])[path[-1]] = value
    return write(tree)


def name(path: TreePath) -> str:
    return ".".join(map(str, path)) or "root"


def test_unmodified_tree_has_no_drift() -> None:
    assert brief(findings_in(write(TREE))) == []


@pytest.mark.parametrize("path", PATHS, ids=name)
def test_value_of_the_wrong_kind(path: TreePath) -> None:
    # Text alone is a short form in some lists.
    any_list = isinstance(at(TREE, path), str) or isinstance(path[-1], int)
    wrong: Any = [["x"]] if any_list else "us-east-1"
    found = findings_in(changed(path, wrong))
    assert len(found) == 1, brief(found)


# The second is what pydantic calls a key that is wrong.
@pytest.mark.parametrize("bad", ["bad name", "[key]"])
def test_a_wrong_name_and_a_value_of_the_wrong_kind_are_two(bad: str) -> None:
    for path in (("secrets", bad), ("secrets", bad, "description")):
        tree = copy.deepcopy(TREE)
        tree["secrets"][bad] = {}
        at(tree, path[:-1])[path[-1]] = ["x"]
        found = findings_in(write(tree))
        assert [(d.rule, d.span.line) for d in found] == [("SG201", 1), ("SG103", 1)], brief(found)
        assert found[0].span.column < found[1].span.column


def test_secret_can_have_the_name_of_a_pydantic_error() -> None:
    fields = {"[key]": {"literal": ["x"]}}
    tree = copy.deepcopy(TREE)
    tree["secrets"]["app/new"] = {"value": {"from": "json", "fields": fields}}
    found = findings_in(write(tree))
    assert [(d.rule, "'literal' must be text" in d.summary) for d in found] == [("SG103", True)]


@pytest.mark.parametrize("path", REQUIRED, ids=name)
def test_missing_key(path: TreePath) -> None:
    tree = copy.deepcopy(TREE)
    del at(tree, path[:-1])[path[-1]]
    found = findings_in(write(tree))
    assert [d.rule for d in found] == ["SG102"], brief(found)


@pytest.mark.parametrize("path", MAPPINGS, ids=name)
def test_unknown_key(path: TreePath) -> None:
    found = findings_in(changed((*path, "zzzzzzzz"), "x"))
    assert [d.rule for d in found] in (["SG101"], ["SG303"]), brief(found)


@pytest.mark.parametrize("path", [p for p in PATHS if isinstance(at(TREE, p), list)], ids=name)
def test_invalid_item_next_to_valid_ones(path: TreePath) -> None:
    tree = copy.deepcopy(TREE)
    at(tree, path).insert(0, [["x"]])
    found = findings_in(write(tree))
    assert [(d.rule, d.path) for d in found] == [("SG103", (*path, 0))], brief(found)
