"""Specs as plain data, changed at random and written as YAML."""

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from secretgen.spec.source import load
from secretgen.spec.yaml_nodes import Mapping, Node, Sequence

EVERYTHING = Path(__file__).parent / "everything.yaml"
TreePath = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z0-9~._/+$()-]*")


def tree_of(text: str) -> Any:
    """Reads YAML as dicts, lists and text."""
    root, _ = load(text.encode(), "spec.yaml")
    assert root is not None
    return _plain(root)


def _plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.entries}
    return [_plain(item) for item in node.items] if isinstance(node, Sequence) else node.text


def write(tree: Any) -> str:
    """Writes a tree as YAML on one line; scalars without quotes where that is possible."""
    if isinstance(tree, dict):
        entries = (f"{json.dumps(key)}: {_value(value)}" for key, value in tree.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(_value, tree)) + "]"
    return str(tree) if _PLAIN.fullmatch(tree) else json.dumps(tree)


def _value(tree: Any) -> str:
    return write(tree) or "~"


def paths_in(tree: Any, path: TreePath = ()) -> Iterator[TreePath]:
    """Yields the path of everything below the root."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for part, value in inner:
        yield (*path, part)
        if isinstance(value, dict | list):
            yield from paths_in(value, (*path, part))


def at(tree: Any, path: TreePath) -> Any:
    """Returns what stands at a path."""
    for part in path:
        tree = tree[part]
    return tree


# No scalar here is one that YAML 1.2 takes for a number or boolean in another notation than the
# spec language does: `030`, `1e1` or `True`. Editors read these before any schema does.
SCALARS = st.sampled_from(
    ["", "~", "null", "true", "false", "yes", "0", "1", "7", "30", "31", "1001", "-1", "1.5",
     "us-east-1", "us-west-9", "s3", "alias/x", "external", "json", "dedicated", "*", "a b",
     "123456789012", "o-abcde12345", "3h", "25h", "rate(4 hours)", "aws:x", "x" * 600]
)  # fmt: skip
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(["from", "id", "region", "literal", "x", "a/b"]), SCALARS),
)


@cache
def _everything() -> Any:
    return tree_of(EVERYTHING.read_text(encoding="utf-8"))


@st.composite
def changed_specs(draw: st.DrawFn) -> Any:
    """Draws a spec with every key, in which up to three things were changed."""
    tree = copy.deepcopy(_everything())
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(list(paths_in(tree))))
        parent, part = at(tree, path[:-1]), path[-1]
        how = draw(st.sampled_from(["replace", "replace", "delete", "rename", "repeat"]))
        if how == "replace":
            parent[part] = draw(VALUES)
        elif how == "delete":
            del parent[part]
        elif how == "rename" and isinstance(parent, dict):
            parent[draw(st.sampled_from(["x", f"{part}s", str(part).upper()]))] = parent.pop(part)
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[int(part)]))
    return tree
