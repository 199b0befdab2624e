"""What reading takes down next to the environment: where things stand, and what is out of place."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from secretgen.diagnostics import Span
from secretgen.model.compare import Difference, Path


class Notes(Struct, frozen=True):
    """Taken while an environment is read.

    Args:
        places: where each attribute of the environment is written first, by its path.
        paths: what is written at a place.
        oddities: what does not belong together, or does not belong there at all. Nothing that
            a spec can say gives such HCL.
    """

    places: dict[Path, Span] = field(default_factory=dict)
    paths: dict[Span, Path] = field(default_factory=dict)
    oddities: list[Difference] = field(default_factory=list)

    def place(self, path: Path, span: Span) -> None:
        """Notes where an attribute is written; what is noted first stands."""
        self.places.setdefault(path, span)
        self.paths.setdefault(span, path)

    def add_unexpected(
        self, path: Path, expected: Any, found: Any, span: Span | None = None
    ) -> None:
        """Notes what is not as it has to be.

        Args:
            path: what it is: an attribute of the environment, or the address of a block.
            expected: what has to stand there; None for nothing.
            found: what stands there; None for nothing.
            span: where it stands, or should stand, if it is known.
        """
        if span:
            self.place(path, span)
        self.oddities.append(Difference(path, expected, found))
