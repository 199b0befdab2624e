"""Takes mistakes out of a spec, so that the rest of it can be understood."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from secretgen.diagnostics import Path
from secretgen.spec.fields import may_be_left_out
from secretgen.spec.mapping import Shape
from secretgen.spec.places import Places

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
        parent = self._at(path[:-1])
        parent[name] = parent.pop(path[-1])
        meant = self._places.with_indexes((*path[:-1], name))
        self._places.renamed[meant] = str(path[-1])

    def drop_key(self, path: Path, known_paths: Iterable[Path]) -> None:
        """Leaves out a key that is not known.

        Args:
            path: the key.
            known_paths: where it may have been meant to stand, so that nothing is known of these.
        """
        del self._at(path[:-1])[path[-1]]
        for gap in (path, *(home for home in known_paths if not self._places.is_written(home))):
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
        parent, stand_in = self._at(path[:-1]), _stand_in(path)
        self._places.add_gap(self._places.with_indexes(path))
        if stand_in is None:
            parent.pop(path[-1], None)
        else:
            parent[path[-1]] = stand_in

    def _drop_items(self, path: Path, indexes: set[int]) -> None:
        """Leaves out items of a list. No list of the spec language holds another one."""
        items, place = self._at(path), self._places.with_indexes(path)
        written = self._places.kept.get(place, list(range(len(items))))
        left = [i for i in range(len(items)) if i not in indexes]
        items[:] = [items[i] for i in left]
        self._places.kept[place] = [written[i] for i in left]
        self._places.add_gap((*place, -1))

    def _at(self, path: Path) -> Any:
        value = self._data
        for part in path:
            value = value[part]
        return value


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
