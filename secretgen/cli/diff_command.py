"""The command that shows what a change of specs does."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from secretgen.cli.command_context import format_of, project, today
from secretgen.cli.console import width
from secretgen.cli.shared_options import FORMAT, BaseOption, RootOption, Specs
from secretgen.errors import ExitCode

if TYPE_CHECKING:
    from secretgen.usecases.diffing import Diffing

_Format = Literal["text", "json", "markdown"]


def diff(
    specs: Specs = None,
    root: RootOption = None,
    base: BaseOption = "",
    output_format: Annotated[_Format | None, FORMAT] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write it to FILE; print text as well."),
    ] = None,
) -> int:
    """Show what the specs change: secrets, keys, readers, Regions, and the cost.

    Compares with the committed HCL, or with --base. The exit code is 1 when a change loses
    something and the spec does not allow it.
    """
    from secretgen.cli.output import write_as, write_invalid
    from secretgen.cli.progress_display import progress
    from secretgen.usecases import diffing

    config = project(root, specs=specs)
    written_as: _Format = format_of(output_format, config, _Format)
    with progress() as observer:
        found = diffing.diff(config, specs, today=today(), base=base, observer=observer)
    if found.validation.fails(strict=False):
        return write_invalid(found.validation, written_as, output)
    write_as(written_as, output, partial(_written, found))
    return ExitCode.FINDINGS if found.fails else ExitCode.OK


def _written(found: "Diffing", written_as: _Format, *, color: bool) -> str:
    from secretgen.report import diff_report as report

    if written_as == "json":
        return report.diff_as_json(found.diffs)
    if written_as == "markdown":
        return report.diff_as_markdown(found.diffs)
    return report.diff_as_text(found.diffs, width=width(), color=color)
