"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from secretgen.cli import completion
from secretgen.errors import UsageError

if TYPE_CHECKING:
    from secretgen.config import Config


class Format(StrEnum):
    """How findings and drift are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


class Verify(StrEnum):
    """What is parsed to prove that the HCL says what the spec says."""

    CHANGED = "changed"
    ALL = "all"


Specs = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="SPEC",
        help="Specs to work on.",
        show_default="every specs/*.yaml",
        autocompletion=completion.specs,
    ),
]
RootOption = Annotated[
    Path | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="Project root: nothing outside it is written.",
        show_default="the nearest folder upwards with settings or specs/",
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="How findings are written.", show_default="text"),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write them there, and text to the terminal."),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Let warnings fail the run as errors do.")
]

VerifyOption = Annotated[
    Verify,
    typer.Option(
        "--verify",
        help="Parse all that a spec has a say in and all that changes, or every block there is.",
    ),
]

TemplatesOption = Annotated[
    Path | None,
    typer.Option(
        "--templates",
        metavar="DIR",
        help="Templates of your own: each wins over the packaged one of the same name.",
    ),
]


def project(root: Path | None, templates: Path | None = None) -> Config:
    """Finds the project that the user means.

    Args:
        root: what `--root` names.
        templates: what `--templates` names: a folder here, or else one below the root.

    Raises:
        UsageError: `--root` names no folder, or the project's settings are wrong.
    """
    from secretgen.config import find_root, load_config  # noqa: PLC0415 -- completion does without

    if root is not None and not root.is_dir():
        raise UsageError(f"--root {root} is not a folder")
    config = load_config((root or find_root(Path.cwd())).resolve())
    if templates is None:
        return config
    from dataclasses import replace  # noqa: PLC0415

    here = templates.absolute()
    return replace(config, templates=here if here.is_dir() else config.root / templates)


_Words = TypeVar("_Words", bound=StrEnum)


def format_of(wanted: _Words | None, config: Config, known: type[_Words]) -> _Words:
    """Tells how results are to be written.

    Args:
        wanted: what the command line says.
        config: settings of the project, which apply as far as the command knows the word.
        known: what the command knows; the first is the default.
    """
    return wanted or next((f for f in known if f == config.format), next(iter(known)))


def today() -> str:
    """Returns the date in UTC, for rules that a secret is excused from until a day."""
    from datetime import UTC, datetime  # noqa: PLC0415 -- completion does without

    return datetime.now(UTC).date().isoformat()
