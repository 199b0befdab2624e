"""The commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from secretgen.cli import access_command as accesses
from secretgen.cli import audit_command as audits
from secretgen.cli import (
    check_command,
    gate_command,
    import_command,
    init_command,
    insight_commands,
    learn_commands,
    template_commands,
)
from secretgen.cli import diff_command as diffs
from secretgen.cli import references_command as deployments
from secretgen.cli.command_context import format_of, note_misnamed, project, today
from secretgen.cli.help import Command, Group
from secretgen.cli.shared_options import (
    Format,
    FormatOption,
    OutputOption,
    RootOption,
    Specs,
    StrictOption,
    TemplatesOption,
    Verify,
    VerifyOption,
)
from secretgen.errors import ExitCode
from secretgen.version import __version__

if TYPE_CHECKING:
    from secretgen.usecases.validation import Validation

app = typer.Typer(
    name="secretgen",
    cls=Group,
    help="From one YAML spec to a proven Terraform environment for AWS Secrets Manager.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 -- typer's signature of a callback
    if wanted:
        typer.echo(f"secretgen {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def _verdict(validation: Validation, *, strict: bool) -> ExitCode:
    return ExitCode.FINDINGS if validation.fails(strict=strict) else ExitCode.OK


app.command(cls=Command)(init_command.init)


@app.command(cls=Command)
def validate(
    specs: Specs = None,
    root: RootOption = None,
    output_format: FormatOption = None,
    output: OutputOption = None,
    *,
    strict: StrictOption = False,
) -> int:
    """Check specs alone: their shape, AWS's limits, security, meaning."""
    from secretgen.cli.output import note_if_clean, write_findings
    from secretgen.cli.progress_display import progress
    from secretgen.usecases import validation as use_cases

    config = project(root, specs=specs)
    note_misnamed(config, specs)
    with progress() as observer:
        validation = use_cases.validate(config, specs, today=today(), observer=observer)
    write_findings(validation, format_of(output_format, config, Format), output, config.root)
    note_if_clean(validation)
    return _verdict(validation, strict=strict)


@app.command(cls=Command)
def render(
    specs: Specs = None,
    root: RootOption = None,
    output_format: FormatOption = None,
    output: OutputOption = None,
    force: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="Write over edited and foreign files there."),
    ] = None,
    *,
    own_templates: TemplatesOption = None,
    strict: StrictOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what changes in each file.")] = False,
    no_prune: Annotated[
        bool, typer.Option("--no-prune", help="Keep generated files that no spec renders.")
    ] = False,
    verify: VerifyOption = Verify.CHANGED,
) -> int:
    """Write the module and every environment, all or nothing."""
    from secretgen.cli.changed_files import write_changes
    from secretgen.cli.output import write_findings
    from secretgen.cli.progress_display import progress
    from secretgen.usecases import rendering as use_cases

    config = project(root, own_templates, specs=specs)
    note_misnamed(config, specs)
    written_as = format_of(output_format, config, Format)
    with progress() as observer:
        rendering = use_cases.render(
            config,
            specs,
            today=today(),
            force=force or (),
            prune=not no_prune,
            dry_run=dry_run,
            strict=strict,
            verify_all=verify is Verify.ALL,
            observer=observer,
        )
    write_findings(rendering.validation, written_as, output, config.root)
    if rendering.changes is not None:
        write_changes(rendering, written_as, output, diff=diff, dry_run=dry_run)
    code = _verdict(rendering.validation, strict=strict)
    drifted = rendering.changes is not None and bool(rendering.changes.refused)
    return code or (ExitCode.DRIFT if drifted else ExitCode.OK)


for command in (
    check_command.check,
    diffs.diff,
    accesses.access,
    gate_command.gate,
    audits.audit,
    insight_commands.compare,
    insight_commands.cost,
    insight_commands.diagram,
    deployments.references,
    insight_commands.roots,
    insight_commands.show,
    learn_commands.explain,
    learn_commands.rules,
    learn_commands.schema,
):
    app.command(cls=Command)(command)
app.command("import", cls=Command)(import_command.import_)
app.add_typer(template_commands.app, help="List and copy the templates, to write your own.")
