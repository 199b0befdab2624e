"""Values with fields that document them: never deployed, so that they never tell two apart."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from msgspec import Struct


class Documented(Struct, frozen=True):
    """A value that is equal to another whatever their documentation says."""

    documentation: ClassVar[frozenset[str]] = frozenset()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def __repr__(self) -> str:
        """What is on record about a proof is made of it, and a change of documentation is none."""
        named = zip(compared_fields(type(self)), self._compared(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in named)})"

    def _compared(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in compared_fields(type(self)))


@cache
def compared_fields(kind: type[Struct]) -> tuple[str, ...]:
    """Returns the names of the fields of a type that are compared: all but documentation."""
    ignored = kind.documentation if issubclass(kind, Documented) else ()
    return tuple(name for name in kind.__struct_fields__ if name not in ignored)
