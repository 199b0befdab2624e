"""Where the values of a spec stand in its file, and which of them could not be understood."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from secretgen.diagnostics import Path, Span


def value_at(data: Any, path: Path) -> Any:
    """Returns what stands at a path of plain data."""
    for part in path:
        data = data[part]
    return data


class Places(Struct, frozen=True):
    """Where every value and every key of a spec stands in its file.

    Values that are wrong are left out of a decoded spec, so that the rest can be checked, and
    misspelt keys are read as what they were meant to be. Methods take paths of the decoded spec.
    What is noted here has the indexes of the file, which stay when items are left out.

    Args:
        file: name of the file.
        values: the span of each value, by its path in the file.
        keys: the span of each mapping key, by its path in the file.
        renamed: misspelt keys, by the path that they are read as.
        kept: of each list that lost items, the indexes of those that are left.
        gaps: what was left out or replaced because it is wrong or missing.
        touched: the gaps and everything around them.
    """

    file: str
    values: dict[Path, Span] = field(default_factory=dict)
    keys: dict[Path, Span] = field(default_factory=dict)
    renamed: dict[Path, str] = field(default_factory=dict)
    kept: dict[Path, list[int]] = field(default_factory=dict)
    gaps: set[Path] = field(default_factory=set)
    touched: set[Path] = field(default_factory=set)

    def value(self, path: Path) -> Span:
        """Returns the span of a value, or of the nearest thing around it that is written down."""
        return self._nearest(self.values, path)

    def key(self, path: Path) -> Span:
        """Returns the span of a mapping key, or of the nearest one around it."""
        return self._nearest(self.keys, path)

    def is_written(self, path: Path) -> bool:
        """Returns whether a value stands in the file, and is not a default."""
        return self.written(path) in self.values

    def knows(self, path: Path) -> bool:
        """Returns whether nothing was wrong with a value, with anything in it, or around it."""
        if not self.gaps:
            return True
        place = self.with_indexes(path)
        around = (place[:length] for length in range(len(place)))
        return place not in self.touched and not any(part in self.gaps for part in around)

    def written(self, path: Path) -> Path:
        """Returns the path in the file."""
        place = self.with_indexes(path)
        if not self.renamed:
            return place
        return tuple(self.renamed.get(place[: i + 1], part) for i, part in enumerate(place))

    def with_indexes(self, path: Path) -> Path:
        """Returns a path with the indexes that list items have in the file."""
        if not self.kept:
            return path
        place: Path = ()
        for part in path:
            kept = self.kept.get(place) if isinstance(part, int) else None
            place = (*place, kept[int(part)] if kept else part)
        return place

    def add_gap(self, place: Path) -> None:
        """Notes that something was left out or replaced; the path has the file's indexes."""
        self.gaps.add(place)
        self.touched.update(place[:length] for length in range(len(place) + 1))

    def _nearest(self, spans: dict[Path, Span], path: Path) -> Span:
        written = self.written(path)
        for length in range(len(written), 0, -1):
            around = written[:length]
            found = spans.get(around) or self.keys.get(around)
            if found:
                return found
        return self.values.get((), Span(self.file))
