"""What a run that cannot go on leaves for the programs that read its output."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from secretgen.errors import ExitCode, SecretgenError

if TYPE_CHECKING:
    from secretgen.diagnostics import Diagnostic
    from secretgen.report.sarif import Checkout


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
    from secretgen.diagnostics import Diagnostic, Severity, Span
    from secretgen.git import work_tree_top
    from secretgen.insight.plain_text import printable
    from secretgen.report.sarif import checkout

    root = _root(arguments, file)
    wanted = _option(arguments, "--format") or _configured_format(root)
    span = Span(_in_project(file, root))
    error = Diagnostic("secretgen", Severity.ERROR, printable(summary), printable(detail), span)
    document = _document(wanted, error, code, checkout(root, work_tree_top(root)))
    output = _option(arguments, "--output")
    # What cannot be written either has been told on standard error already.
    with suppress(SecretgenError):
        if document and output:
            write_file(Path(output), document)
        elif document:
            print_text(document)


def _document(wanted: str, error: Diagnostic, code: ExitCode, place: Checkout) -> str:
    """Writes an error in a format for programs; empty for a format that is for people."""
    from secretgen.report.github import as_github
    from secretgen.report.sarif import failed_run

    match wanted:
        case "json":
            what = {"summary": error.summary, "detail": error.detail, "file": error.span.file}
            return json.dumps({"diagnostics": [], "error": what}, indent=2) + "\n"
        case "sarif":
            sentences = (f"{error.summary.rstrip('.')}.", error.detail)
            return failed_run(" ".join(filter(None, sentences)), code, place)
        case "github":
            return as_github([error], {}, place)
        case _:
            return ""


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
