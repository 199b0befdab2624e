"""The command that writes references to secrets for the deployment of a reader."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from secretgen.cli.command_context import project
from secretgen.cli.console import note, print_text, write_file
from secretgen.cli.environments import SpecArgument, holding, valid_specs
from secretgen.cli.shared_options import RootOption
from secretgen.errors import UsageError

if TYPE_CHECKING:
    from secretgen.spec.load import LoadedSpec


def references(
    reader: Annotated[
        str, typer.Argument(metavar="ACCOUNT[:ROLE]", help="The reader as named in the spec.")
    ],
    spec: SpecArgument = None,
    *,
    tool: Annotated[
        Literal["eso", "csi", "ecs", "lambda"],
        typer.Option(
            "--for",
            help="Reader of the secrets: External Secrets Operator, the Secrets Store CSI driver,"
            " Amazon ECS or AWS Lambda.",
            show_default=False,
        ),
    ],
    root: RootOption = None,
    region: Annotated[
        str,
        typer.Option(
            metavar="REGION", help="Region of the deployment.", show_default="the primary Region"
        ),
    ] = "",
    outputs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Read complete ARNs from the output of `terraform output -json`."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to FILE.")] = None,
) -> None:
    """Print how a reader's deployment refers to its secrets, without any value."""
    from secretgen.insight.references.reference_content import Wanted, choose_region, find_reader
    from secretgen.insight.references.tools import Tool, write_references
    from secretgen.usecases import inspection

    config = project(root, specs=[spec])
    loaded = _only(valid_specs(config, spec), reader.partition(":")[0])
    environment = loaded.parts[1]
    found = find_reader(environment, reader)
    arns = inspection.secret_arns(environment, outputs)
    wanted = Wanted(found, choose_region(found, region), arns)
    written = write_references(Tool(tool), wanted)
    if output is None:
        print_text(written.text)
    else:
        write_file(output, written.text)
    note("".join(f"{line}\n" for line in written.notes))


def _only(specs: "tuple[LoadedSpec, ...]", account: str) -> "LoadedSpec":
    found = holding(specs, "", account)
    if len(found) == 1:
        return found[0]
    from secretgen.spec.suggest import shown

    known = {name for s in specs for a in s.parts[1].accounts for name in (a.name, a.id)}
    if account not in known:
        raise UsageError(
            f"no account {shown(account)} reads secrets", "`secretgen access` lists the readers."
        )
    files = ", ".join(loaded.file for loaded in found)
    raise UsageError(f"several specs: {files}", f"Name the spec whose secrets {account} reads.")
