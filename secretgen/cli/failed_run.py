"""What a run that cannot go on leaves for the programs that read its output."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from secretgen.errors import ExitCode, SecretgenError


def write_failure(
    arguments: Sequence[str], code: ExitCode, summary: str, detail: str = "", file: str = ""
) -> None:
    """Writes an error as a document, when the command line or the settings want a machine format.

    Args:
        arguments: the command line, which may be the very thing that is wrong.
        code: the exit code.
        summary: what is wrong.
        detail: what to do.
        file: the file that it is about; empty for none.
    """
    from secretgen.cli.console import print_text, write_file
    from secretgen.report.failure_report import Failure, failure_as

    wanted = _option(arguments, "--format") or _configured_format(arguments)
    document = failure_as(wanted, Failure(summary, detail, file, code))
    output = _option(arguments, "--output")
    # What cannot be written either has been told on standard error already.
    with suppress(SecretgenError):
        if document and output:
            write_file(Path(output), document)
        elif document:
            print_text(document)


def _option(arguments: Sequence[str], name: str) -> str:
    """Returns the value of an option, in a command line that may be malformed."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == "--":
            break
        if argument == name:
            return following
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return ""


def _configured_format(arguments: Sequence[str]) -> str:
    from secretgen.project.settings_files import find_root, load_config

    with suppress(SecretgenError, OSError):
        root = _option(arguments, "--root")
        return load_config(Path(root) if root else find_root(Path.cwd())).format or ""
    return ""
