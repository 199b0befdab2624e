"""What the commands have in common that look at a live AWS account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from secretgen.cli.console import print_text

ProfileOption = Annotated[
    str, typer.Option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
]
DumpOption = Annotated[
    Path | None,
    typer.Option(
        "--from-dump",
        metavar="FILE",
        help="Read answers of the AWS CLI from a file instead of asking AWS.",
    ),
]
PrintPolicyOption = Annotated[
    bool, typer.Option("--print-policy", help="Print the IAM policy that reading AWS requires.")
]


def print_read_policy() -> None:
    """Prints the IAM policy that reading an account requires."""
    from secretgen.live.permissions import read_policy

    print_text(json.dumps(read_policy(), indent=2) + "\n")
