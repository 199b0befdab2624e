"""What the commands about environments share: arguments, valid specs, results one after another."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secretgen.cli import completion
from secretgen.cli.command_context import today
from secretgen.cli.console import print_text

if TYPE_CHECKING:
    from secretgen.model.environment import Environment
    from secretgen.project.config import Config
    from secretgen.spec.load import LoadedSpec

SpecArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="SPEC",
        help="The spec.",
        show_default="every specs/*.yaml",
        autocompletion=completion.specs,
    ),
]
SecretOption = Annotated[
    str,
    typer.Option(
        "--secret", metavar="NAME", help="One secret only.", autocompletion=completion.secrets
    ),
]


def valid_specs(
    config: Config, spec: Path | None, output_format: str = "text"
) -> tuple[LoadedSpec, ...]:
    """Loads valid specs; findings about others end the command.

    Args:
        config: settings of the project.
        spec: the spec that the user named; None for all of the project.
        output_format: how results are written; as JSON, the findings are the result.
    """
    from secretgen.cli.output import write_invalid
    from secretgen.usecases import validation as use_cases

    validation = use_cases.validate(config, [spec] if spec else None, today=today())
    if validation.fails(strict=False):
        raise typer.Exit(write_invalid(validation, output_format))
    return validation.specs


def holding(
    specs: tuple[LoadedSpec, ...], secret: str, account: str = ""
) -> tuple[LoadedSpec, ...]:
    """Leaves out, of several specs, those that know nothing of what is asked; never all of them."""

    def holds(environment: Environment) -> bool:
        accounts = {environment.aws.account_id}
        accounts |= {name for a in environment.accounts for name in (a.name, a.id)}
        secrets = {s.name for s in environment.secrets}
        return (not secret or secret in secrets) and (not account or account in accounts)

    return tuple(s for s in specs if holds(s.parts[1])) or specs


def print_each(
    specs: tuple[LoadedSpec, ...],
    output_format: str,
    write: Callable[[LoadedSpec], str],
    heading: str = "# ",
) -> None:
    """Writes the result for each spec: several JSON values as a list, texts one after another.

    Args:
        specs: the specs.
        output_format: how results are written.
        write: makes the result of a spec.
        heading: begins the line above each of several texts, before the environment's name.
    """
    results = [write(spec) for spec in specs]
    if len(specs) == 1:
        print_text(results[0])
    elif output_format == "json":
        print_text(json.dumps([json.loads(r) for r in results], indent=2) + "\n")
    elif output_format == "csv":
        print_text("".join([results[0], *(r.split("\n", 1)[1] for r in results[1:])]))
    else:
        names = [s.parts[1].name for s in specs]
        titled = [f"{heading}{n}\n{r}" for n, r in zip(names, results, strict=True)]
        print_text("\n".join(titled))
