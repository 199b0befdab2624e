"""What ends a run, as JSON, GitHub annotations and SARIF."""

from __future__ import annotations

import json

from msgspec import Struct

from secretgen.diagnostics import Diagnostic, Severity, Span
from secretgen.errors import ExitCode
from secretgen.insight.plain_text import printable
from secretgen.report.github import as_github
from secretgen.report.sarif import Checkout, failed_run


class Failure(Struct, frozen=True):
    """Why a run could not go on.

    Args:
        summary: what is wrong.
        detail: what to do; may be empty.
        file: the file that it is about; empty for none.
        code: the exit code.
    """

    summary: str
    detail: str
    file: str
    code: ExitCode


def failure_as(output_format: str, failure: Failure, place: Checkout) -> str:
    """Writes a failure for a program.

    Args:
        output_format: `json`, `github` or `sarif`.
        failure: the failure, with a file relative to the root of the project, or absolute.
        place: where the project lies in its work tree.

    Returns:
        The document; empty for a format that is for people.
    """
    summary, detail = printable(failure.summary), printable(failure.detail)
    match output_format:
        case "json":
            error = {"summary": summary, "detail": detail, "file": failure.file}
            return json.dumps({"diagnostics": [], "error": error}, indent=2) + "\n"
        case "sarif":
            sentences = (f"{summary.rstrip('.')}.", detail)
            return failed_run(" ".join(filter(None, sentences)), failure.code, place)
        case "github":
            span = Span(failure.file)
            finding = Diagnostic("secretgen", Severity.ERROR, summary, detail, span)
            return as_github([finding], {}, place)
        case _:
            return ""
