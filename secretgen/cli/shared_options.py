"""Options that several commands share, and the policy that reading a live account requires."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from secretgen.cli import completion
from secretgen.cli.command_context import project, today
from secretgen.cli.console import print_text

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


ProfileOption = Annotated[
    str, typer.Option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
]
DumpOption = Annotated[
    Path | None,
    typer.Option(
        "--from-dump",
        metavar="FILE",
        help="Read AWS CLI output from a file instead of calling AWS.",
    ),
]
PrintPolicyOption = Annotated[
    bool,
    typer.Option(
        "--print-policy",
        help="Print the IAM policy that reading AWS requires: for SPEC, or for any account.",
    ),
]


def print_read_policy(root: Path | None, spec: Path | None) -> None:
    """Prints the IAM policy that reading an account requires.

    Args:
        root: what `--root` names.
        spec: the spec of the account; without one that is valid, any account is meant.
    """
    from secretgen.live.permissions import read_policy
    from secretgen.usecases.validation import validate

    policy = read_policy()
    if spec is not None and spec.exists():
        (loaded,) = validate(project(root, specs=[spec]), [spec], today=today()).specs
        if loaded.environment:
            aws = loaded.environment.aws
            policy = read_policy(aws.partition, aws.account_id, aws.region)
    print_text(json.dumps(policy, indent=2) + "\n")
