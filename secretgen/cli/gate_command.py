"""The command that judges plans."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from secretgen.cli.command_context import format_of, project, today
from secretgen.cli.console import note, width
from secretgen.cli.environments import SpecArgument
from secretgen.cli.shared_options import FORMAT, BaseOption, OutputOption, RootOption, StrictOption
from secretgen.errors import ExitCode

if TYPE_CHECKING:
    from secretgen.usecases.gating import Gating

_Format = Literal["text", "json", "github", "sarif", "markdown"]


def gate(
    spec: SpecArgument = None,
    *,
    plan: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]FILE",
            help="A plan, as `terraform show -json` writes it. NAME is `environment` (default),"
            " `bootstrap` or `consumers/<account>`.",
        ),
    ] = None,
    root: RootOption = None,
    base: BaseOption = "",
    output_format: Annotated[_Format | None, FORMAT] = None,
    output: OutputOption = None,
    strict: StrictOption = False,
) -> int:
    """Check Terraform plans: what they destroy, overwrite, grant or change beyond the spec.

    Run it between plan and apply. With --base it also shows where deletion protection is
    switched off, and the place in the spec of removed entries.
    """
    from secretgen.cli.output import write_as, write_invalid
    from secretgen.cli.progress_display import progress
    from secretgen.usecases import gating

    config = project(root, specs=[spec])
    written_as: _Format = format_of(output_format, config, _Format)
    with progress() as observer:
        found = gating.gate(config, spec, plan or (), today=today(), base=base, observer=observer)
    if found.validation.fails(strict=False):
        return write_invalid(found.validation, written_as, output, config.root)
    write_as(written_as, output, partial(_written, found, config.root))
    for place in found.plaintext:
        note(f"{place} is in plain text: delete the file, and do not upload it.\n")
    if not found.findings:
        note(f"{', '.join(found.plans)}: no findings.\n")
    return ExitCode.FINDINGS if found.fails(strict=strict) else ExitCode.OK


def _written(found: "Gating", root: Path, written_as: _Format, *, color: bool) -> str:
    from secretgen.cli.output import place_of, rule_texts
    from secretgen.report import as_json, as_text, findings_as
    from secretgen.report import gate_summary as summary

    if written_as == "markdown":
        return summary.gate_as_markdown(
            found.plans, found.diagnostics, found.plaintext, found.access
        )
    if written_as == "text":
        findings = as_text(found.diagnostics, found.sources, width=width(), color=color)
        access = summary.access_as_text(found.access)
        return "\n".join(filter(None, [findings, access]))
    if written_as == "json":
        more = {"access": summary.access_as_data(found.access)}
        return as_json(found.diagnostics, found.sources, more)
    return findings_as(written_as, found.diagnostics, found.sources, rule_texts(), place_of(root))
