"""The command that looks for drift."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secretgen.cli.command_context import format_of, note_misnamed, project, today
from secretgen.cli.console import note, width
from secretgen.cli.shared_options import (
    BaseOption,
    Format,
    FormatOption,
    OutputOption,
    RootOption,
    Specs,
    StrictOption,
    TemplatesOption,
    VerifyOption,
)
from secretgen.errors import ExitCode

if TYPE_CHECKING:
    from secretgen.usecases.checking import Checking


def check(
    specs: Specs = None,
    root: RootOption = None,
    output_format: FormatOption = None,
    output: OutputOption = None,
    *,
    templates: TemplatesOption = None,
    strict: StrictOption = False,
    base: BaseOption = "",
    no_diff: Annotated[
        bool, typer.Option("--no-diff", help="Do not show the differences line by line.")
    ] = False,
    tracked: Annotated[
        bool,
        typer.Option("--tracked", help="Report files that are not added to Git as missing."),
    ] = False,
    verify: VerifyOption = "changed",
) -> int:
    """Compare the committed files with the specs; write nothing."""
    from secretgen.cli.output import write_as
    from secretgen.cli.progress_display import progress
    from secretgen.usecases import checking as use_cases

    config = project(root, templates, specs=specs)
    note_misnamed(config, specs)
    written_as: Format = format_of(output_format, config, Format)
    with progress() as observer:
        checking = use_cases.check(
            config,
            specs,
            today=today(),
            base=base,
            verify_all=verify == "all",
            tracked=tracked,
            observer=observer,
        )
    write_as(written_as, output, partial(_written, checking, config.root, diff=not no_diff))
    if checking.validation.fails(strict=strict):
        return ExitCode.FINDINGS
    note(_summary(checking))
    return ExitCode.DRIFT if checking.drift else ExitCode.OK


def _summary(checking: "Checking") -> str:
    from secretgen.report.drift_report import what_to_do

    if not checking.drift:
        return "Nothing drifted.\n"
    hints = "".join(f"  {told}\n" for told in what_to_do(checking.drift))
    return f"{len(checking.drift)} of {checking.files} files drifted.\n{hints}"


def _written(
    checking: "Checking", root: Path, written_as: Format, *, diff: bool, color: bool
) -> str:
    from secretgen.cli.output import place_of, rule_texts
    from secretgen.report import as_text
    from secretgen.report.drift_report import check_as, drift_as_text

    found, sources = checking.validation.diagnostics, checking.validation.sources
    if written_as == "text":
        findings = as_text(found, sources, width=width(), color=color)
        drift = drift_as_text(checking.drift, diff=diff, color=color)
        return "\n".join(text for text in (findings, drift) if text)
    place = place_of(root)
    return check_as(written_as, found, checking.drift, sources, rule_texts(), place)
