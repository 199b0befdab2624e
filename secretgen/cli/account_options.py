"""What the commands have in common that look at a live AWS account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from secretgen.cli.command_context import project, today
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
