"""The command that compares a live account with the spec."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secretgen.cli.command_context import format_of, project, today
from secretgen.cli.console import note, width, write_file
from secretgen.cli.environments import SpecArgument
from secretgen.cli.shared_options import (
    DumpOption,
    Format,
    FormatOption,
    OutputOption,
    PrintPolicyOption,
    ProfileOption,
    RootOption,
    StrictOption,
    print_read_policy,
)
from secretgen.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from secretgen.usecases.auditing.account_audit import Auditing


def audit(
    spec: SpecArgument = None,
    *,
    root: RootOption = None,
    profile: ProfileOption = "",
    from_dump: DumpOption = None,
    as_of: Annotated[
        str,
        typer.Option(metavar="DATE", help="Evaluate dates as of this day.", show_default="today"),
    ] = "",
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write evidence by control to FILE: Markdown, or JSON for .json."
        ),
    ] = None,
    output_format: FormatOption = None,
    output: OutputOption = None,
    strict: StrictOption = False,
    print_policy: PrintPolicyOption = False,
) -> int:
    """Compare a live AWS account with the spec: what differs, and what is broken.

    It reads no value, and changes nothing.
    """
    if print_policy:
        print_read_policy(root, spec)
        return ExitCode.OK
    from secretgen.cli.output import write_as, write_invalid
    from secretgen.cli.progress_display import progress
    from secretgen.usecases.auditing import account_audit

    config = project(root, specs=[spec])
    written_as: Format = format_of(output_format, config, Format)
    day = _day(as_of)
    with progress() as observer:
        read = (
            account_audit.from_dump(from_dump)
            if from_dump
            else account_audit.from_aws(profile, observer)
        )
        found = account_audit.audit(
            config, [spec] if spec else None, read, today=day, observer=observer
        )
    if found.validation.fails(strict=False):
        return write_invalid(found.validation, written_as, output, config.root)
    if report is not None:
        from secretgen.usecases.auditing.evidence import evidence

        write_file(report, evidence(found, as_json=report.suffix == ".json", as_of=as_of))
    write_as(written_as, output, partial(_written, found, config.root))
    return _verdict(found, strict=strict)


def _day(as_of: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(as_of).isoformat() if as_of else today()
    except ValueError:
        raise UsageError(f"--as-of {as_of} is not a date", "Write it as 2027-03-01.") from None


def _written(found: "Auditing", root: Path, written_as: Format, *, color: bool) -> str:
    from secretgen.cli.output import place_of, rule_texts
    from secretgen.report import findings_as
    from secretgen.usecases.auditing import audit_formats

    if written_as == "text":
        return audit_formats.auditing_text(found, width=width(), color=color)
    if written_as == "json":
        return audit_formats.auditing_json(found)
    diagnostics = [f.finding for f in found.findings]
    return findings_as(written_as, diagnostics, found.sources, rule_texts(), place_of(root))


def _verdict(found: "Auditing", *, strict: bool) -> ExitCode:
    from secretgen.usecases.auditing.audit_formats import auditing_summary

    note(auditing_summary(found))
    if found.is_broken(strict=strict):
        return ExitCode.FINDINGS
    return ExitCode.DRIFT if found.differs else ExitCode.OK
