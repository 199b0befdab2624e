"""What depends on its arguments alone is computed once in each test process.

Hundreds of runs of the command line render the same module and read the same HCL again. Only the
names by which other modules call these functions are replaced: tests of the functions themselves
call the real ones, and another text is another argument.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from typing import Any

_PURE = (
    # The commands: built from the signatures of functions.
    ("typer.main", "get_command", 4),
    ("secretgen.render.files", "align", 4096),
    ("secretgen.render.other_roots", "align", 4096),
    # Trees of HCL are frozen, and large.
    ("secretgen.roundtrip.parsing", "parse", 256),
)
"""Module, name in it, and how many results are kept."""

_real: dict[tuple[str, str], Callable[..., Any]] = {}


def remember() -> None:
    """Replaces the functions by ones that remember their results."""
    for module, name, size in _PURE:
        function = getattr(import_module(module), name)
        _real[module, name] = function
        setattr(import_module(module), name, lru_cache(size)(function))


@contextmanager
def nothing_remembered() -> Iterator[None]:
    """Has everything computed anew, for a test that counts work."""
    remembering = {key: getattr(import_module(key[0]), key[1]) for key in _real}
    _set(_real)
    try:
        yield
    finally:
        _set(remembering)


def _set(functions: dict[tuple[str, str], Callable[..., Any]]) -> None:
    for (module, name), function in functions.items():
        setattr(import_module(module), name, function)
