"""The Jinja environments. Nothing reaches a file but what a filter has made safe for its kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from jinja2.filters import FILTERS

from secretgen.hcl.encode import comment, encode, identifier
from secretgen.render.markdown import code, fenced, shell, text


@dataclass(frozen=True, slots=True)
class Safe:
    """Text that a filter has made for the file it goes to."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return self.text


def _only_safe(value: object) -> object:
    if isinstance(value, Safe):
        return value
    raise TypeError("a template writes a value without a filter")


def packaged_templates() -> Path:
    """Returns the folder of the templates: inside the installed package, or beside it."""
    installed = Path(str(files("secretgen"))) / "_templates"
    return installed if installed.is_dir() else installed.parent.parent / "templates"


@cache
def environment(overlay: Path | None = None) -> jinja2.Environment:
    """Makes the environment for HCL templates.

    Args:
        overlay: folder whose templates win over the packaged ones of the same name.
    """
    folders = [packaged_templates()] if overlay is None else [overlay, packaged_templates()]
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_only_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters["hcl"] = _hcl
    made.filters["label"] = _label
    made.filters["name"] = _name
    made.filters["comment"] = _comment
    return made


def markdown(templates: jinja2.Environment) -> jinja2.Environment:
    """Makes the environment for Markdown templates.

    Args:
        templates: the environment for HCL templates, for the folders that it reads.
    """
    made = templates.overlay()
    made.filters = FILTERS | {
        "md": lambda value: Safe(text(value)),
        "code": lambda value: Safe(code(value)),
        "sh": lambda value: Safe(shell(value)),
        "fence": lambda value: Safe(fenced(value)),
    }
    return made


def _hcl(value: Any, indent: int = 0) -> Safe:
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises, and says which name is unknown
    return Safe(encode(value, indent=indent))


def _label(value: str) -> Safe:
    return Safe(f'"{identifier(value)}"')


def _name(value: str) -> Safe:
    return Safe(identifier(value))


def _comment(value: str) -> Safe:
    return Safe(comment(value))
