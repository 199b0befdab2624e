"""The command that begins a project."""

import shlex
import sys
import textwrap
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from secretgen.cli.command_context import today
from secretgen.cli.console import note, print_text
from secretgen.errors import UsageError

if TYPE_CHECKING:
    from secretgen.diagnostics import Diagnostic
    from secretgen.scaffold.answers import Answers, Question
    from secretgen.usecases.initialization import Initialization
    from secretgen.usecases.shared_part import Sharing


def init(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="The project root; created if missing.", show_default="."
        ),
    ] = Path(),
    environment: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the environment.", show_default="production"),
    ] = None,
    account_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="AWS account of the secrets.",
            show_default="123456789012, to be replaced",
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(metavar="REGION", help="AWS Region of the secrets.", show_default="us-east-1"),
    ] = None,
    bucket: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="S3 bucket for Terraform's state.",
            show_default="terraform-state-ID",
        ),
    ] = None,
    *,
    share: Annotated[
        bool | None,
        typer.Option(
            help="Move settings that the new and the existing spec share into a part.",
            show_default="ask, or do not",
        ),
    ] = None,
    accounts: Annotated[
        list[str] | None,
        typer.Option(
            "--account", metavar="NAME=ID", help="Id of a reader account in this environment."
        ),
    ] = None,
) -> None:
    """Start a project: spec, settings, workflow, hooks.

    Existing files are never overwritten. On a terminal it prompts for missing options; otherwise it
    uses the defaults.
    """
    from secretgen.usecases.initialization import initialize

    given = {
        "environment": environment,
        "account_id": account_id,
        "region": region,
        "bucket": bucket,
    }
    answers = _answers(given)
    done = initialize(
        folder,
        answers,
        wants_spec=environment is not None or _may_ask(),
        sharing=_sharing(folder, accounts or [], wanted=share),
    )
    print_text("".join(_lines(done)))
    note("".join(f"\n{paragraph}" for paragraph in _paragraphs(done, answers, folder)))


def _sharing(folder: Path, accounts: list[str], *, wanted: bool | None) -> "Sharing | None":
    """Asks whether a new environment shares a part, and which accounts read in it.

    Raises:
        UsageError: there is no spec to share with, or it has no such account.
    """
    from secretgen.usecases.shared_part import shareable

    if wanted is False or (wanted is None and not _may_ask()):
        return None
    found = shareable(folder)
    if found is None:
        if wanted:
            raise UsageError("there is no valid spec to share with", "Leave out --share.")
        return None
    question = f"Move the settings shared with {found.spec} into a part?"
    if wanted is None and not typer.confirm(question, default=True, err=True):
        return None
    ids = dict(found.accounts)
    for given in accounts:
        name, _, id_ = given.partition("=")
        if name not in ids:
            raise UsageError(f"--account: {found.spec} has no account {name!r}")
        ids[name] = id_
    named = {given.partition("=")[0] for given in accounts}
    for name in sorted(ids.keys() - named) if _may_ask() else ():
        ids[name] = typer.prompt(f"Id of the account {name}", default=ids[name], err=True)
    return replace(found, ids=ids)


def _may_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _answers(given: dict[str, str | None]) -> "Answers":
    """Collects the answers: from the options, from the user, or the defaults.

    Raises:
        UsageError: an option has a value that no spec may hold.
    """
    from secretgen.scaffold.answers import QUESTIONS, Answers
    from secretgen.usecases.initialization import problems

    answers = Answers()
    for question in QUESTIONS:
        value = given[question.name]
        if value is None:
            answers = _asked(question, answers) if _may_ask() else answers
            continue
        answers = replace(answers, **{question.name: value})
        found = problems(answers, question, today=today())
        if found:
            raise UsageError(f"{question.option}: {found[0].summary}", found[0].detail)
    return answers


def _asked(question: "Question", answers: "Answers") -> "Answers":
    """Asks until the answer may stand in a spec."""
    from secretgen.usecases.initialization import problems

    while True:
        default = getattr(answers, question.name) or answers.state_bucket
        value = typer.prompt(question.text, default=default, err=True)
        answered = replace(answers, **{question.name: value})
        found = problems(answered, question, today=today())
        if not found:
            return answered
        note(_described(found[0]))


def _described(found: "Diagnostic") -> str:
    return f"  {found.summary}\n  {found.detail}\n"


def _lines(done: "Initialization") -> list[str]:
    return [
        f"{step.outcome:>9}  {step.path}{f' ({step.reason})' if step.reason else ''}\n"
        for step in done.steps
    ]


def _paragraphs(done: "Initialization", answers: "Answers", folder: Path) -> list[str]:
    """Returns what is left to do, in the order in which to do it."""
    from secretgen.scaffold.answers import EXAMPLE_ACCOUNT

    found = [
        f"Add to {normpath(folder / step.path)}:\n\n{textwrap.indent(step.missing, '    ')}"
        for step in done.steps
        if step.missing
    ]
    if done.wrote(done.spec) and answers.account_id == EXAMPLE_ACCOUNT:
        bucket = "" if answers.bucket else f" and the bucket {answers.state_bucket}"
        found.append(
            f"Before you apply anything, change the example values in {folder / done.spec}:\n"
            f"the account {EXAMPLE_ACCOUNT}{bucket}.\n"
        )
    found += [
        f"Before you push, set SECRETGEN in {normpath(folder / step.path)}\n"
        "to where your copy of secretgen is installed from: secretgen is not on PyPI.\n"
        for step in done.steps
        if step.path.endswith("workflows/secretgen.yml") and step.outcome == "create"
    ]
    root = [] if folder == Path() else ["--root", str(folder)]
    commands = [shlex.join(["secretgen", command, *root]) for command in ("render", "check")]
    found.append("Next:\n\n" + "".join(f"    {command}\n" for command in commands))
    found.append(
        "Then commit everything, including the rendered files: the workflow checks them.\n"
    )
    if done.runbook:
        found.append(f"For deployment, see {folder / done.runbook}.\n")
    return found
