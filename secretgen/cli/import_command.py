"""The command that takes over the secrets of an account."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secretgen.cli import completion
from secretgen.cli.command_context import format_of, project, today
from secretgen.cli.console import note, print_text, use_color, width
from secretgen.cli.shared_options import (
    FORMAT,
    DumpOption,
    PrintPolicyOption,
    ProfileOption,
    RootOption,
    TextOrJson,
    print_read_policy,
)
from secretgen.errors import ExitCode, UsageError
from secretgen.usecases.importing.import_options import Keys, Options, Policy, StateOf

if TYPE_CHECKING:
    from secretgen.live.account import LiveAccount
    from secretgen.live.state import State
    from secretgen.progress import Observer
    from secretgen.usecases.importing.outcome import Outcome
    from secretgen.usecases.importing.secret_import import Reader


def import_(
    spec: Annotated[
        Path | None,
        typer.Argument(
            metavar="SPEC",
            help="The spec to extend or create.",
            show_default=False,
            autocompletion=completion.specs,
        ),
    ] = None,
    *,
    root: RootOption = None,
    region: Annotated[
        str, typer.Option(metavar="REGION", help="The Region; by default that of the spec.")
    ] = "",
    profile: ProfileOption = "",
    from_dump: DumpOption = None,
    from_state: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Read a Terraform state that `terraform show -json` wrote."
        ),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN", help="Import only secrets whose names match, such as `prod/*`."
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Skip secrets whose names match.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY[=VALUE]", help="Import only secrets with this tag."),
    ] = None,
    keys: Annotated[
        Keys, typer.Option(help="Refer to KMS keys by ARN, or manage them with Terraform.")
    ] = "keep",
    policy: Annotated[
        Policy,
        typer.Option(
            help=(
                "Policies that a spec cannot express: skip the secret, or leave its policy "
                "unmanaged."
            )
        ),
    ] = "managed",
    state: Annotated[
        StateOf | None,
        typer.Option(
            help="With --from-state: whether the environment uses that state or another one.",
            show_default="same, unless it holds other resources",
        ),
    ] = None,
    retained: Annotated[
        bool,
        typer.Option(
            "--retained",
            help="Also import secrets with CloudFormation tags, which their stacks retained.",
        ),
    ] = False,
    existing: Annotated[
        bool,
        typer.Option(
            "--existing",
            help="Also import secrets that are in the spec already, after a state was lost.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what changes in the spec; write nothing.")
    ] = False,
    output_format: Annotated[TextOrJson | None, FORMAT] = None,
    print_policy: PrintPolicyOption = False,
) -> int:
    """Import secrets that exist in AWS: extend a spec, or create one.

    It reads no value from AWS, and refuses a dump that holds one.
    """
    if print_policy:
        print_read_policy(root, spec)
        return ExitCode.OK
    _check(spec, from_dump, from_state, state)
    assert spec is not None  # noqa: S101
    from secretgen.cli.progress_display import progress
    from secretgen.usecases.importing.import_json import outcome_json
    from secretgen.usecases.importing.import_report import as_text
    from secretgen.usecases.importing.secret_import import import_secrets

    options = Options(
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        tags=tuple(tag or ()),
        keys=keys,
        policy=policy,
        retained=retained,
        existing=existing,
        state=state,
    )
    config = project(root, specs=[spec])
    written_as: TextOrJson = format_of(output_format, config, TextOrJson)
    with progress() as observer:
        outcome = import_secrets(
            config,
            spec,
            _reader(from_dump, from_state, profile, options, observer),
            options,
            region=region,
            today=today(),
            dry_run=dry_run,
            observer=observer,
        )
    if written_as == "json":
        print_text(outcome_json(outcome, dry_run=dry_run))
        return ExitCode.FINDINGS if outcome.errors else ExitCode.OK
    if outcome.errors:
        return _errors(outcome)
    print_text(as_text(outcome, dry_run=dry_run))
    if dry_run and outcome.changes:
        print_text(f"\n{outcome.diff}")
    return ExitCode.OK


def _check(
    spec: Path | None, from_dump: Path | None, from_state: Path | None, state: StateOf | None
) -> None:
    if spec is None:
        raise UsageError("no spec is named", "Name the spec to extend or create.")
    if from_dump and from_state:
        raise UsageError("--from-dump and --from-state cannot be combined", "Name one of them.")
    if state and not from_state:
        raise UsageError("--state applies to --from-state only", "Remove the option.")


def _reader(
    from_dump: Path | None,
    from_state: Path | None,
    profile: str,
    options: Options,
    observer: "Observer",
) -> "Reader":
    if from_dump:
        from secretgen.live.dump import read_dump

        return lambda account, region: (
            read_dump(from_dump, account_id=account, region=region),
            None,
        )
    if from_state:
        from secretgen.live.state import read_state

        def from_file(account: str, region: str) -> "tuple[LiveAccount, State | None]":
            state = read_state(from_state, account_id=account, region=region)
            return state.account, state

        return from_file
    from secretgen.live.aws import read_account

    return lambda account, region: (
        read_account(
            region=region,
            profile=profile,
            account_id=account,
            wanted=options.wants,
            observer=observer,
        ),
        None,
    )


def _errors(outcome: "Outcome") -> ExitCode:
    from secretgen.report import as_text

    sources = {outcome.file: outcome.before}
    print_text(as_text(outcome.errors, sources, width=width(), color=use_color()))
    note("Nothing was imported: fix these errors first.\n")
    return ExitCode.FINDINGS
