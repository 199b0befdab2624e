"""Typer commands, thin: flags in, a use case, a report, an exit code.

Modules with commands do without `from __future__ import annotations`: typer would evaluate the text
of each annotation four times, for all commands in every run.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise

from secretgen.errors import ExitCode, SecretgenError, UsageError


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: what stands behind the name of the command; those of the process by default.

    Returns:
        The exit code.
    """
    import typer  # `--version` is answered without it

    from secretgen.cli.main import app

    given = sys.argv[1:] if arguments is None else arguments
    try:
        _refuse_empty_texts(given)
        result = app(args=given, prog_name="secretgen", standalone_mode=False)
    except SecretgenError as error:
        return _fail(given, error.exit_code, error.summary, error.hint, error.file)
    except typer.TyperException as error:
        error.message = error.message.removeprefix("Value error, ")
        error.show()  # type: ignore[attr-defined]  # all its subclasses have it
        message = error.format_message()
        return _document(given, ExitCode.USAGE, message)
    except (KeyboardInterrupt, typer.Abort):
        result = ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- one line instead of a traceback
        return _fail(
            given,
            ExitCode.INTERNAL,
            f"internal error: {type(error).__name__} at {_place(error)}",
            "Please report this bug with a spec that reproduces it.",
        )
    if result == ExitCode.INTERRUPTED:  # what typer makes of Ctrl-C inside of a command
        return _fail(given, ExitCode.INTERRUPTED, "interrupted")
    return result if isinstance(result, int) else ExitCode.OK


def _refuse_empty_texts(arguments: Sequence[str]) -> None:
    """Checks that no text is empty: most likely it is a variable of a shell that is not set.

    Taken as it is, it would be the working directory, or an option that is left out.
    """
    for before, text in pairwise(["", *arguments]):
        option, is_set, value = text.partition("=")
        if not text or (is_set and not value and option.startswith("--")):
            place = option or (before if before.startswith("-") else "an argument")
            hint = "If the text comes from a variable, check that the variable is set."
            raise UsageError(f"{place} is empty", hint)


def _fail(
    arguments: Sequence[str], code: ExitCode, summary: str, hint: str = "", file: str = ""
) -> ExitCode:
    """Says on standard error why a run could not go on, and in the format for a program."""
    from secretgen.insight.plain_text import printable

    # Names of files are in there, which may hold what a terminal would obey.
    lines = [*f"secretgen: {summary}".split("\n"), *(f"  {hint}".split("\n") if hint else ())]
    sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))
    return _document(arguments, code, summary, hint, file)


def _document(
    arguments: Sequence[str], code: ExitCode, summary: str, hint: str = "", file: str = ""
) -> ExitCode:
    from secretgen.cli.failed_run import write_failure

    write_failure(arguments, code, summary, hint, file)
    return code


def _place(error: BaseException) -> str:
    """Names the line that raised, and nothing of the data that it worked on."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    module = trace.tb_frame.f_globals.get("__name__", "?")
    return f"{module}:{trace.tb_lineno}"
