"""Options that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from secretgen.config import Config, find_root, load_config
from secretgen.errors import UsageError


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
        metavar="[SPEC]...", help="Specs to work on.", show_default="every specs/*.yaml"
    ),
]
RootOption = Annotated[
    Path | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="Project root: nothing outside it is written.",
        show_default="the nearest folder upwards with specs/ or [tool.secretgen]",
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How findings are written.")]
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


def project(root: Path | None) -> Config:
    """Finds the project that the user means.

    Raises:
        UsageError: `--root` names no folder, or the project's settings are wrong.
    """
    if root is not None and not root.is_dir():
        raise UsageError(f"--root {root} is not a folder")
    return load_config((root or find_root(Path.cwd())).resolve())


def today() -> str:
    """Returns the date in UTC, for rules that a secret is excused from until a day."""
    return datetime.now(UTC).date().isoformat()
