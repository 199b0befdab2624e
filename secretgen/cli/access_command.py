"""The command that shows who can read and write what, and how to rotate all of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from secretgen.cli.command_context import format_of, project, today
from secretgen.cli.console import print_text, table_width
from secretgen.cli.environments import SecretOption, SpecArgument, holding, print_each, valid_specs
from secretgen.cli.shared_options import FORMAT, RootOption
from secretgen.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from secretgen.access.access_findings import Finding
    from secretgen.project.config import Config
    from secretgen.report.drift_report import FileDrift
    from secretgen.spec.load import LoadedSpec

_Format = Literal["text", "json", "csv"]

_Found: TypeAlias = "tuple[tuple[Finding, ...], tuple[str, ...]]"


def access(
    spec: SpecArgument = None,
    *,
    root: RootOption = None,
    secret: SecretOption = "",
    who: Annotated[
        str, typer.Option("--who", metavar="ACCOUNT[:ROLE]", help="One reader only.")
    ] = "",
    plan: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]FILE",
            help="Evaluate the policies of a plan, as `terraform show -json` prints it.",
        ),
    ] = None,
    runbook: Annotated[
        bool,
        typer.Option(
            "--runbook", help="Print how to rotate everything that --who can read or write."
        ),
    ] = False,
    incident: Annotated[
        Literal["leaver", "role", "key", "account"] | None,
        typer.Option(
            help="Incident: a person leaves, or a role, an access key or an account leaked.",
            show_default="role or account, by --who",
        ),
    ] = None,
    output_format: Annotated[_Format | None, FORMAT] = None,
) -> int:
    """Show who can read and write each secret, in which Region, according to the policies.

    The policies are those that the spec renders; committed files that do not match it are
    findings. With --plan they are those of the plan, and committed files are not read.

    With --who or --secret the exit code is 1 if no role can read or write.
    """
    from secretgen.access.access_report import access_report, rows_for
    from secretgen.insight import access_formats as formats
    from secretgen.usecases import inspection
    from secretgen.usecases.checking import check

    config = project(root, specs=[spec])
    written_as: _Format = format_of(output_format, config, _Format)
    if runbook:
        if not who or secret:
            raise UsageError(
                "--runbook requires --who and cannot be combined with --secret",
                "Name the account or role whose access leaked.",
            )
        specs = valid_specs(config, spec, written_as)
        return _write_runbooks(
            config, specs, who, incident=incident, plan=plan or (), written_as=written_as
        )
    if incident:
        raise UsageError("--incident requires --runbook", "Add --runbook.")
    asks = bool(who or secret)
    answers: list[bool] = []

    def write_rows(loaded: "LoadedSpec") -> str:
        _, environment = loaded.parts
        planned = inspection.read_plans(environment, config.layout, plan or ())
        policies = planned.policies if planned else None
        rows = rows_for(environment, policies, who=who, secret=secret)
        answers.append(bool(rows))
        if written_as == "csv":
            return formats.rows_csv(environment, rows)
        as_json = written_as == "json"
        return formats.rows_json(rows) if as_json else formats.rows_text(rows, table_width())

    def write_report(loaded: "LoadedSpec") -> str:
        _, environment = loaded.parts
        planned = inspection.read_plans(environment, config.layout, plan or ())
        if planned:
            policies, findings, notes = planned.policies, planned.findings, planned.notes
        else:
            folder = config.layout.environment(environment.name)
            policies, (findings, notes) = None, _committed(config, folder, folders, drift)
        report = access_report(environment, policies, findings=findings, notes=notes)
        answers.append(report.ok)
        if written_as == "csv":
            return formats.rows_csv(environment, report.rows)
        as_json = written_as == "json"
        return (
            formats.report_json(report) if as_json else formats.report_text(report, table_width())
        )

    specs = holding(valid_specs(config, spec, written_as), secret, who.partition(":")[0])
    files = [config.root / loaded.file for loaded in specs]
    folders = {config.layout.environment(loaded.parts[1].name) for loaded in specs}
    drift = () if asks or plan else check(config, files, today=today()).drift
    print_each(specs, written_as, write_rows if asks else write_report)
    fine = any(answers) if asks else all(answers)
    return ExitCode.OK if fine else ExitCode.FINDINGS


def _committed(
    config: "Config", folder: str, others: set[str], drift: "Sequence[FileDrift]"
) -> _Found:
    """Returns which committed files are not what a spec renders.

    Returns:
        A finding for each drifted file that is not in the folder of one of the `others`; a note
        if nothing is rendered yet.
    """
    from secretgen.access.access_findings import Finding, Kind

    if not (config.root / folder).is_dir():
        return (), (f"{folder} is not rendered yet: this is the expected access.",)
    elsewhere = tuple(f"{other}/" for other in others - {folder})
    findings = (
        Finding(Kind.DRIFTED, f"file {file.file}", "", f"is {file.state}: run `secretgen check`")
        for file in drift
        if not file.file.startswith(elsewhere)
    )
    return tuple(findings), ()


def _write_runbooks(
    config: "Config",
    specs: "tuple[LoadedSpec, ...]",
    who: str,
    *,
    incident: str | None,
    plan: Sequence[str],
    written_as: _Format,
) -> ExitCode:
    """Writes how to rotate everything that a principal can read, in every environment.

    Without an `incident`, it is the one that `who` suggests.

    Returns:
        1 when the principal can neither read nor write anything.

    Raises:
        UsageError: there is no such account, or several.
    """
    from secretgen.insight.incident.exposure import Incident, exposure
    from secretgen.insight.incident.incident_text import runbook_data, runbook_text
    from secretgen.insight.plain_text import to_json
    from secretgen.usecases import inspection

    if written_as == "csv":
        raise UsageError("a runbook cannot be written as CSV", "Choose text or json.")
    found = []
    for loaded, principal in _concerned(specs, who):
        _, environment = loaded.parts
        planned = inspection.read_plans(environment, config.layout, plan)
        policies = planned.policies if planned else None
        places = {
            s.name: loaded.places.value(("secrets", s.name, "value", "version")).where
            for s in environment.secrets
        }
        what = Incident(incident) if incident else None
        exposed = exposure(environment, policies, principal, what, places)
        found.append((exposed, config.layout.environment(environment.name)))
    if written_as == "json":
        data = [runbook_data(exposed) for exposed, _ in found]
        print_text(to_json(data[0] if len(data) == 1 else data))
    else:
        print_text("\n".join(runbook_text(exposed, folder) for exposed, folder in found))
    anything = any(exposed.exposed for exposed, _ in found)
    return ExitCode.OK if anything else ExitCode.FINDINGS


def _concerned(specs: "tuple[LoadedSpec, ...]", who: str) -> "list[tuple[LoadedSpec, str]]":
    """Finds the specs that know an account, by whatever name, and names it as each does."""
    name, colon, role = who.partition(":")
    named = [
        (loaded, account)
        for loaded in specs
        for account in loaded.parts[1].accounts
        if name in (account.name, account.id)
    ]
    ids = {account.id: loaded.file for loaded, account in named}
    if len(ids) > 1:
        known = ", ".join(f"{i} in {file}" for i, file in sorted(ids.items()))
        raise UsageError(f"{name} names several accounts: {known}", "Give the id of the account.")
    if not ids:
        own = [spec for spec in specs if spec.parts[1].aws.account_id == name]
        return [(spec, who) for spec in own or specs]
    (account_id,) = ids
    return [
        (loaded, f"{account.name}{colon}{role}")
        for loaded in specs
        for account in loaded.parts[1].accounts
        if account.id == account_id
    ]
