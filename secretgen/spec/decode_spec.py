"""From YAML nodes to the spec: its shape is checked here, with a place for every finding.

What is wrong is reported, taken out, and the rest is validated again, until a valid spec is
left. So the rules see all of a spec but its mistakes, and one mistake gives one finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from secretgen.diagnostics import Diagnostic, Path
from secretgen.spec.fields import known_paths
from secretgen.spec.literals import TypedText, is_typed
from secretgen.spec.mapping import Shape
from secretgen.spec.places import Places
from secretgen.spec.repair import Repair
from secretgen.spec.shape import INSTEAD_OF_MANAGED, MANAGED_ROTATION, WRONG_KIND, ShapeFindings
from secretgen.spec.types import NullText
from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, Sequence

__all__ = ["Places", "decode"]

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
        if path[-2:] == MANAGED_ROTATION:
            findings.managed_rotation(path)
            repair.drop_key(path, [(*path[:-1], key) for key in INSTEAD_OF_MANAGED])
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
