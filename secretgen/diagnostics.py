"""Findings about a spec, as values: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How bad a finding is: errors stop a render, warnings do not (unless `--strict`)."""

    ERROR = "error"
    WARNING = "warning"


class Span(NamedTuple):
    """A place in a text file.

    Lines and columns count from 1, columns in Unicode code points; `end_column` is the
    column behind the last character.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


Path = tuple[str | int, ...]
"""Where a value sits in a spec: mapping keys and list indexes from the root."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Args:
        rule: id of the rule that found it, such as `SG101`.
        severity: error or warning.
        summary: what is wrong, terse, without a full stop.
        detail: why it matters and what to do.
        span: where, in the file as the user wrote it.
        path: which value of the spec.
        suggestion: the text that most likely was meant; empty when there is none.
        excused: why it is allowed; empty when it is not. Such a finding fails nothing.
    """

    rule: str
    severity: Severity
    summary: str
    detail: str
    span: Span
    path: Path = field(default=())
    suggestion: str = ""
    excused: str = ""

    def excused_by(self, reason: str) -> Diagnostic:
        """Returns it as a finding that is allowed: a warning that says why, and fails nothing.

        Args:
            reason: why it is allowed.
        """
        detail = f"Allowed: {reason} {self.detail}".rstrip()
        return replace(self, severity=Severity.WARNING, detail=detail, excused=reason)

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Sorts findings by place, then by rule."""
        return (self.span.file, self.span.line, self.span.column, self.rule, self.summary)


def path_text(path: Path) -> str:
    """Writes a path the way the documentation does: `secrets.prod/x.readers[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def fails(diagnostics: Iterable[Diagnostic], *, strict: bool) -> bool:
    """Tells whether findings fail a run: errors do, and if strict every finding.

    What is excused never does.
    """
    return any(strict or d.severity is Severity.ERROR for d in diagnostics if not d.excused)


def has_errors(diagnostics: list[Diagnostic]) -> bool:
    """Tells whether any of the findings is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
