"""What a run that cannot go on leaves for the programs that read its output."""

from __future__ import annotations

import os
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
    from secretgen.git import work_tree_top
    from secretgen.report.failure_report import Failure, failure_as
    from secretgen.report.sarif import checkout

    root = _root(arguments, file)
    wanted = _option(arguments, "--format") or _configured_format(root)
    failure = Failure(summary, detail, _in_project(file, root), code)
    document = failure_as(wanted, failure, checkout(root, work_tree_top(root)))
    output = _option(arguments, "--output")
    # What cannot be written either has been told on standard error already.
    with suppress(SecretgenError):
        if document and output:
            write_file(Path(output), document)
        elif document:
            print_text(document)


def _option(arguments: Sequence[str], name: str) -> str:
    """Returns the last value of an option, in a command line that may be malformed."""
    value = ""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == "--":
            break
        if argument == name:
            value = following
        elif argument.startswith(f"{name}="):
            value = argument.partition("=")[2]
    return value


def _root(arguments: Sequence[str], file: str) -> Path:
    """Returns the project root; the folder of the file when that holds settings that are wrong."""
    from secretgen.project.settings_files import find_root, root_of_specs

    here = Path.cwd().resolve()
    named = _option(arguments, "--root")
    if named:
        return (here / named).resolve()
    with suppress(SecretgenError, OSError):
        specs = [Path(given) for given in arguments if given.endswith((".yaml", ".yml"))]
        return root_of_specs(specs) if specs else find_root(here)
    return here.joinpath(file).parent


def _in_project(file: str, root: Path) -> str:
    """Returns a file as the documents name it: relative to the root, where it is below."""
    seen, own = Path(file).absolute(), root / file
    place = own if own.exists() and not seen.exists() else seen
    place = Path(os.path.realpath(place.parent), place.name)
    return place.relative_to(root).as_posix() if file and place.is_relative_to(root) else file


def _configured_format(root: Path) -> str:
    from secretgen.project.settings_files import load_config

    with suppress(SecretgenError, OSError):
        return load_config(root).format or ""
    return ""
