"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from secretgen.cli import completion

Format = Literal["text", "json", "github", "sarif"]
"""How findings and drift are written."""
TextOrJson = Literal["text", "json"]
"""How results are written."""
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
FORMAT = typer.Option("--format", help="Output format.", show_default="text")
FormatOption = Annotated[Format | None, FORMAT]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write the report to FILE; print text as well."),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit with an error on warnings, too.")
]

BaseOption = Annotated[
    str,
    typer.Option(
        "--base",
        metavar="REF",
        help="Compare with the merge base of HEAD and this branch, tag or commit.",
    ),
]

VerifyOption = Annotated[
    Literal["changed", "all"],
    typer.Option(
        "--verify",
        help="HCL to verify: only changed blocks, or every file.",
    ),
]

TemplatesOption = Annotated[
    Path | None,
    typer.Option(
        "--templates",
        metavar="DIR",
        help="A folder of custom templates: each replaces the packaged one of the same name.",
    ),
]
