"""From YAML nodes to the spec: its shape is checked here, with a place for every finding.

What is wrong is reported, taken out, and the rest is validated again, until a valid spec is
left. So the rules see all of a spec but its mistakes, and one mistake gives one finding.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from secretgen.diagnostics import Diagnostic, Path
from secretgen.spec.fields import known_paths, may_be_left_out
from secretgen.spec.literals import TypedText, is_typed
from secretgen.spec.places import Places, value_at
from secretgen.spec.shape import WRONG_KIND, ShapeFindings
from secretgen.spec.types import NullText, Shape
from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, Sequence

_STAND_IN: dict[str, Any] = {
    "version": "1",
    "environment": "stand-in",
    "aws": {"account_id": "000000000000", "region": "us-east-1"},
    "backend": {"bucket": "stand-in"},
    "secrets": {"stand-in": {}},
}
"""What replaces a value that no spec can do without. Nothing is ever said about it."""


class Repair:
    """Edits a spec as plain data, and notes in its places what was done.

    Args:
        data: the spec as dicts, lists and text; edited in place.
        places: receives what was done.
        model: the shape of the document.
    """

    def __init__(self, data: Any, places: Places, model: type[Shape]) -> None:
        self._data = data
        self._model = model
        self._places = places

    def rename(self, path: Path, name: str) -> None:
        """Reads a key as another."""
        parent = value_at(self._data, path[:-1])
        parent[name] = parent.pop(path[-1])
        meant = self._places.with_indexes((*path[:-1], name))
        self._places.renamed[meant] = str(path[-1])

    def drop_key(self, path: Path, elsewhere: Iterable[Path]) -> None:
        """Leaves out a key that is not known.

        Args:
            path: the key.
            elsewhere: where it may have been meant to stand, so that nothing is known of these.
        """
        del value_at(self._data, path[:-1])[path[-1]]
        for gap in (path, *(home for home in elsewhere if not self._places.is_written(home))):
            self._places.add_gap(self._places.with_indexes(gap))

    def caused(self, path: Path, *, wrong_kind: bool) -> bool:
        """Returns whether an error is but the consequence of an earlier repair.

        That is so when the guess at what a key means was wrong, as its value is of another kind,
        and when something is empty because its parts were taken out.
        """
        place = self._places.with_indexes(path)
        return place in self._places.touched or (wrong_kind and place in self._places.renamed)

    def drop(self, paths: Iterable[Path]) -> None:
        """Leaves out what is wrong, each with as little around it as possible.

        Args:
            paths: values that are wrong, or that are missing.
        """
        found = {_removable(path, self._model) for path in paths}
        outermost = [p for p in found if not any(p[:i] in found for i in range(len(p)))]
        items: dict[Path, set[int]] = defaultdict(set)
        for path in outermost:
            if isinstance(path[-1], int):
                items[path[:-1]].add(path[-1])
            else:
                self._drop_field(path)
        for path, indexes in items.items():
            self._drop_items(path, indexes)

    def _drop_field(self, path: Path) -> None:
        parent, stand_in = value_at(self._data, path[:-1]), _stand_in(path)
        self._places.add_gap(self._places.with_indexes(path))
        if stand_in is None:
            parent.pop(path[-1], None)
        else:
            parent[path[-1]] = stand_in

    def _drop_items(self, path: Path, indexes: set[int]) -> None:
        """Leaves out items of a list. No list of the spec language holds another one."""
        items, place = value_at(self._data, path), self._places.with_indexes(path)
        written = self._places.kept.get(place, list(range(len(items))))
        left = [i for i in range(len(items)) if i not in indexes]
        items[:] = [items[i] for i in left]
        self._places.kept[place] = [written[i] for i in left]
        self._places.add_gap((*place, -1))


def _removable(path: Path, model: type[Shape]) -> Path:
    """Finds the smallest part around a value that a spec can do without."""
    while path and not may_be_left_out(path, model) and _stand_in(path) is None:
        path = path[:-1]
    return path


def _stand_in(path: Path) -> Any:
    value: Any = _STAND_IN
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return copy.deepcopy(value)


_MANAGED_ROTATION = ("rotation", "managed")
"""A key that looks right, since AWS calls this kind of rotation so, but belongs elsewhere."""

_INSTEAD_OF_MANAGED = ("lambda_arn", "application")
"""One of these is missing next to it."""

_MAX_ROUNDS = 32
"""Each round takes out mistakes that the one before could not see, as they were deeper inside."""


_Model = TypeVar("_Model", bound=Shape)


def decode(
    root: Node, file: str, model: type[_Model], unknown: Iterable[str] = ()
) -> tuple[_Model | None, Places, list[Diagnostic]]:
    """Checks the shape of a spec, or of the head of a part.

    Args:
        root: the document, a mapping.
        file: name of the file, for findings.
        model: the shape.
        unknown: keys of the root of which only some entries are known; nothing is missing there.

    Returns:
        The spec without what is wrong with it; the place of each of its values, and what was
        taken out; findings, one for each mistake. The spec is None if there are more of them
        than are collected: then it is hardly one.
    """
    places = Places(file)
    data = _plain(root, (), places)
    for key in unknown:
        places.add_gap((key,))
    repair, findings = Repair(data, places, model), ShapeFindings(data, places, model)
    for _ in range(_MAX_ROUNDS):
        if findings.is_full:
            break
        try:
            return model.model_validate(data), places, findings.found
        except ValidationError as error:
            _take_out(error.errors(include_url=False, include_input=False), repair, findings, model)
    return None, places, findings.found


def _take_out(
    errors: list[ErrorDetails], repair: Repair, findings: ShapeFindings, model: type[Shape]
) -> None:
    """Reports mistakes and takes them out: unknown keys first, for they may be missing ones."""
    unknown = [error for error in errors if error["type"] == "extra_forbidden"]
    for error in unknown:
        path: Path = error["loc"]
        if findings.is_full:
            return
        elsewhere = known_paths(path, model)
        if path[-2:] == _MANAGED_ROTATION:
            findings.managed_rotation(path)
            repair.drop_key(path, [(*path[:-1], key) for key in _INSTEAD_OF_MANAGED])
            continue
        meant = findings.unknown_key(path, elsewhere)
        if meant:
            repair.rename(path, meant)
        else:
            repair.drop_key(path, elsewhere)
    if unknown:
        return
    paths = []
    for error in errors:
        if findings.is_full:
            return
        path = findings.path_of(error)
        paths.append(path)
        if not repair.caused(path, wrong_kind=error["type"] in WRONG_KIND):
            findings.add(path, error)
    repair.drop(paths)


def _plain(node: Node, path: Path, places: Places) -> Any:
    """Turns nodes into dicts, lists and text, and notes where each of them stands."""
    places.values[path] = node.span
    if isinstance(node, Scalar):
        if not node.plain:
            return node.text
        if node.is_null:
            return NullText(node.text)
        return TypedText(node.text) if is_typed(node.text) else node.text
    if isinstance(node, Sequence):
        return [_plain(item, (*path, i), places) for i, item in enumerate(node.items)]
    assert isinstance(node, Mapping)  # noqa: S101 -- the third and last kind
    result = {}
    for key, value in node.entries:
        inner = (*path, key.text)
        places.keys[inner] = key.span
        result[key.text] = _plain(value, inner, places)
    return result
