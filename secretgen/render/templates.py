"""The Jinja environments. Nothing reaches a file but what a filter has made safe for its kind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct

from secretgen.hcl.encode import comment, encode, identifier
from secretgen.render.markdown import code, fenced, shell, text
from secretgen.render.overlay import PACKAGED, Overlay, packaged_templates
from secretgen.user_cache import cache_folder
from secretgen.version import __version__


class Safe(Struct, frozen=True):
    """Text that a filter has made for the file it goes to."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return self.text


def _only_safe(value: object) -> object:
    if isinstance(value, Safe):
        return value
    _check_defined(value)
    raise TypeError("a template writes a value without a filter")


def environment(overlay: Overlay | None = None) -> jinja2.Environment:
    """Makes the environment for HCL templates.

    Args:
        overlay: templates that win over the packaged ones of the same name. They run in a
            sandbox: what they are given is all that they can reach.
    """
    return _packaged() if overlay is None else _overlaid(overlay)


@cache
def _packaged() -> jinja2.Environment:
    made = _environment(jinja2.Environment, jinja2.FileSystemLoader(packaged_templates()))
    folder = cache_folder(f"templates-{__version__}-jinja-{jinja2.__version__}")
    made.bytecode_cache = _Compiled(str(folder)) if folder else None
    return made


class _Compiled(jinja2.FileSystemBytecodeCache):
    """The packaged templates as Python compiles them, as long as their texts are the same."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills in the code of a template; leaves it out when what is there is of no use."""
        with suppress(Exception):  # pickle raises anything
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps the code of a template, if it can."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _overlaid(overlay: Overlay) -> jinja2.Environment:
    packaged = jinja2.FileSystemLoader(packaged_templates())
    loaders = (
        jinja2.FunctionLoader(overlay.load),
        packaged,
        jinja2.PrefixLoader({PACKAGED: packaged}),
    )
    return _environment(ImmutableSandboxedEnvironment, jinja2.ChoiceLoader(loaders))


def _environment(kind: type[jinja2.Environment], loader: jinja2.BaseLoader) -> jinja2.Environment:
    made = kind(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_only_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters |= {
        "hcl": _filter(lambda value, indent=0: encode(value, indent=indent)),
        "label": _filter(lambda value: f'"{identifier(value)}"'),
        "name": _filter(identifier),
        "comment": _filter(comment),
    }
    return made


@lru_cache(maxsize=4)
def markdown(templates: jinja2.Environment) -> jinja2.Environment:
    """Makes the environment for Markdown templates: one for all pages, which compiles each once.

    Args:
        templates: the environment for HCL templates, for the folders that it reads.
    """
    made = templates.overlay()
    made.filters = FILTERS | {
        "md": _filter(text),
        "code": _filter(code),
        "sh": _filter(shell),
        "fence": _filter(fenced),
    }
    return made


def _filter(write: Callable[..., str]) -> Callable[..., Safe]:
    """Makes a filter of what writes a value as text."""

    def apply(value: Any, *options: Any) -> Safe:
        _check_defined(value)
        return Safe(write(value, *options))

    return apply


def _check_defined(value: object) -> None:
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises, and says which name is unknown
