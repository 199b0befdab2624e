"""What depends on its arguments alone is computed once in each test process.

Hundreds of runs of the command line render the same module and read the same HCL again. Only the
names by which other modules call these functions are replaced: tests of the functions themselves
call the real ones, and another text is another argument. Of a text that was edited a little, only
what was edited is parsed.
"""

import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from types import CodeType
from typing import Any

import jinja2
from jinja2.bccache import Bucket

from secretgen.diagnostics import Span
from secretgen.hcl.decode import Item
from secretgen.hcl.hcl_nodes import Attribute, Block
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.project import rendered_tree
from secretgen.render import templates
from secretgen.spec.load import LoadedSpec
from secretgen.spec.parts import Library
from secretgen.usecases import validation

_PURE = (
    # The commands: built from the signatures of functions.
    ("typer.main", "get_command", 4),
    ("secretgen.render.files", "align", 4096),
    # Trees of HCL are frozen, and large.
    ("secretgen.plan.rendered", "parse", 64),
    ("secretgen.roundtrip.overlay_limits", "parse", 64),
    ("secretgen.roundtrip.parsing", "parse", 256),
)
"""Module, name in it, and how many results are kept."""

_RENDER = (rendered_tree, "render_environment")
_PARSE = (Item, "parse")
_LOAD = (validation, "load_spec")

_ITEMS = 20_000
"""How many arguments and blocks of HCL are kept."""

_real: dict[tuple[Any, str], Callable[..., Any]] = {}
"""What is replaced: a module or a class, a name in it, and the real function."""


def remember() -> None:
    """Replaces the functions by ones that remember their results."""
    for module, name, size in _PURE:
        key = (import_module(module), name)
        _real[key] = getattr(*key)
        setattr(*key, lru_cache(size)(_real[key]))
    _real.update({key: getattr(*key) for key in (_RENDER, _PARSE, _LOAD)})
    _set({_RENDER: _render, _PARSE: _parse, _LOAD: _load})
    environment = templates._environment

    def caching(kind: type[jinja2.Environment], loader: jinja2.BaseLoader) -> jinja2.Environment:
        made = environment(kind, loader)
        made.bytecode_cache = compiled
        return made

    compiled = _Compiled()
    templates._environment = caching


def _render(environment: Environment, made: jinja2.Environment, layout: Layout) -> dict[str, str]:
    """Renders an environment, those with the packaged templates once."""
    if made is templates.environment():
        return dict(_rendered(_Whole(environment), made, layout))
    return dict(_real[_RENDER](environment, made, layout))


@lru_cache(512)
def _rendered(whole: "_Whole", made: jinja2.Environment, layout: Layout) -> Mapping[str, str]:
    rendered: Mapping[str, str] = _real[_RENDER](whole.environment, made, layout)
    return rendered


def _load(data: bytes, file: str, library: Library) -> LoadedSpec:
    """Reads a spec, one that includes no parts of the project once."""
    return _real[_LOAD](data, file, library) if b"include" in data else _loaded(data, file)


@lru_cache(64)
def _loaded(data: bytes, file: str) -> LoadedSpec:
    loaded: LoadedSpec = _real[_LOAD](data, file)
    return loaded


_parsed: dict[tuple[Span, str], Attribute | Block] = {}


def _parse(item: Item) -> Attribute | Block:
    """Parses an argument or a block, once for each file and place in which the text stands."""
    start = item.tokens[0].start
    key = item.source.span(start, start), item.text
    if key not in _parsed:
        if len(_parsed) >= _ITEMS:
            _parsed.clear()
        _parsed[key] = _real[_PARSE](item)
    return _parsed[key]


class _Whole:
    """An environment, which is another one if anything of it is, its documentation as well."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._all = pickle.dumps(environment)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Whole) and self._all == other._all

    def __hash__(self) -> int:
        return hash(self._all)


class _Compiled(jinja2.BytecodeCache):
    """Templates as Jinja compiles them, for each project that has templates of its own.

    Most of what such a project renders with are still the packaged ones. The key of a bucket is
    the name and the file, its checksum is that of the text.
    """

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills in the code of a template that was compiled before."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps the code of a template."""
        self._code[bucket.key, bucket.checksum] = bucket.code


@contextmanager
def nothing_remembered() -> Iterator[None]:
    """Has everything computed anew, for a test that counts work."""
    remembering = {(owner, name): getattr(owner, name) for owner, name in _real}
    _set(_real)
    try:
        yield
    finally:
        _set(remembering)


def _set(functions: dict[tuple[Any, str], Callable[..., Any]]) -> None:
    for (owner, name), function in functions.items():
        setattr(owner, name, function)
