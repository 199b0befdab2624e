"""Finds out about the fields of the spec language from its models."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from secretgen.diagnostics import Path
from secretgen.spec.schema import Spec
from secretgen.spec.types import Format, Shape


def key_of(name: str, info: FieldInfo) -> str:
    """Returns the key of a field as it stands in a spec."""
    return info.alias or name


@cache
def fields_of(model: type[Shape]) -> dict[str, FieldInfo]:
    """Returns the fields of a model by the key that they have in a spec; its own come first."""
    fields = model.model_fields.items()
    own_first = sorted(fields, key=lambda field: field[0] not in model.__annotations__)
    return {key_of(name, info): info for name, info in own_first}


@cache
def field_docs(model: type[Shape]) -> dict[str, str]:
    """Returns the docstrings of a model's fields, by the key that they have in a spec.

    pydantic would read them from the source in every run; they are seldom needed.
    """
    bases = [base for base in reversed(model.__mro__) if issubclass(base, Shape)]
    docs = {name: text for base in bases for name, text in _docstrings(base)}
    return {key_of(n, info): docs[n] for n, info in model.model_fields.items() if n in docs}


def _docstrings(model: type[Shape]) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(_classes(model.__module__)[model.__name__]):
        match field, text:
            case ast.AnnAssign(ast.Name(name)), ast.Expr(ast.Constant(str(value))):
                yield name, inspect.cleandoc(value)


@cache
def _classes(module: str) -> dict[str, list[ast.stmt]]:
    """Returns the bodies of the classes of a module; `inspect` would parse it for each of them."""
    statements = ast.parse(inspect.getsource(sys.modules[module])).body
    return {part.name: part.body for part in statements if isinstance(part, ast.ClassDef)}


def model_at(path: Path, root: type[Shape] = Spec) -> type[Shape] | None:
    """Finds the model that describes the mapping at a path of a document of some shape."""
    kind: Any = root
    for part in path:
        kind = _kinds_in(kind).get(str(part)) if _is_model(kind) else _item_of(kind)
    return kind if _is_model(kind) else None


def field_at(path: Path, root: type[Shape] = Spec) -> FieldInfo | None:
    """Finds the field at a path; None for a list item or an entry by name."""
    model = model_at(path[:-1], root)
    return fields_of(model).get(str(path[-1])) if model else None


def format_at(path: Path) -> Format | None:
    """Finds the form that the text at a path of the spec has; None if its type is another."""
    kind: Any = Spec
    for part in path:
        if _is_model(bare := _bare(kind)):
            info = fields_of(bare).get(str(part))
            kind = info.rebuild_annotation() if info else None
        else:
            kind = (get_args(bare) or (None,))[-1]
    return _format_in(kind)


def _format_in(kind: Any) -> Format | None:
    found = (m for m in getattr(kind, "__metadata__", ()) if isinstance(m, Format))
    inner = (_format_in(arg) for arg in get_args(kind) if get_origin(kind) not in (dict, list))
    return next(found, None) or next(filter(None, inner), None)


def may_be_left_out(path: Path, root: type[Shape] = Spec) -> bool:
    """Returns whether a document is complete without the value at a path."""
    info = field_at(path, root)
    return not info.is_required() if info else True


def required_keys(path: Path, root: type[Shape]) -> list[str]:
    """Returns the keys that the mapping at a path needs."""
    model = model_at(path, root)
    return [key for key, info in fields_of(model).items() if info.is_required()] if model else []


def known_paths(path: Path, root: type[Shape] = Spec) -> list[Path]:
    """Finds where a key would be known that is not where it stands: just inside, or just around.

    Args:
        path: the key where it stands.
        root: the shape of the document.
    """
    name = str(path[-1])
    model = model_at(path[:-1], root)
    inside = [
        (*path[:-1], key, name)
        for key, kind in (_kinds_in(model) if model else {}).items()
        if _is_model(kind) and name in fields_of(kind)
    ]
    around = model_at(path[:-2], root) if len(path) > 1 else None
    if around and not inside and name in fields_of(around):
        return [(*path[:-2], name)]
    return inside


@cache
def _kinds_in(model: type[Shape]) -> dict[str, Any]:
    """Returns the types of a model's fields."""
    return {key: _bare(info.annotation) for key, info in fields_of(model).items()}


@cache
def _item_of(kind: Any) -> Any:
    """Returns the type of the items of a list or of the values of a mapping; else None."""
    return _bare(args[-1]) if (args := get_args(kind)) else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Shape)


def _bare(kind: Any) -> Any:
    """Strips `Annotated` and `| None` off a type."""
    while True:
        args = [a for a in get_args(kind) if a is not type(None)]
        is_annotated = hasattr(kind, "__metadata__")
        is_optional = len(args) == 1 and get_origin(kind) is not list
        if not (is_annotated or is_optional):
            return kind
        kind = args[0]
