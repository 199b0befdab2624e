"""Findings about a spec, as values: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace


class Severity(StrEnum):
    """How bad a finding is: errors stop a render, warnings do not (unless `--strict`)."""

    ERROR = "error"
    WARNING = "warning"


class Stage(StrEnum):
    """What was looked at."""

    SPEC = "spec"
    PLAN = "plan"
    LIVE = "live"


class Span(NamedTuple):
    """A place in a text file.

    Lines and columns count from 1, columns in Unicode code points; `end_column` is the
    column after the last character. `includes` are the places in a spec that gave the inputs
    of which text in a part was made.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    includes: tuple[Span, ...] = ()

    @property
    def where(self) -> str:
        """The place in words: its file and line, and where the inputs of its text come from."""
        place = f"{self.file}:{self.line}"
        given = ", ".join(f"{include.file}:{include.line}" for include in self.includes)
        return f"{place} (inputs from {given})" if given else place

    @property
    def written(self) -> Span:
        """The place alone, without the includes."""
        return self._replace(includes=()) if self.includes else self


Path = tuple[str | int, ...]
"""Where a value sits in a spec: mapping keys and list indexes from the root."""


class Diagnostic(Struct, frozen=True):
    """One finding.

    Args:
        rule: id of the rule that found it, such as `SG101`.
        severity: error or warning.
        summary: what is wrong, terse, without a full stop.
        detail: why it matters and what to do.
        span: where, in the file as the user wrote it.
        path: which value of the spec.
        suggestion: the text that most likely was meant; empty when there is none.
        allowed: why it is allowed; empty when it is not. Such a finding fails nothing.
        stage: what was looked at.
        address: address of the resource in a plan; empty for none.
        region: Region of what a plan changes; empty for none.
    """

    rule: str
    severity: Severity
    summary: str
    detail: str
    span: Span
    path: Path = ()
    suggestion: str = ""
    allowed: str = ""
    stage: Stage = Stage.SPEC
    address: str = ""
    region: str = ""

    def allow(self, reason: str) -> Diagnostic:
        """Returns it as a finding that is allowed: a warning that says why, and fails nothing.

        Args:
            reason: why it is allowed.
        """
        stop = "" if reason.rstrip().endswith((".", "!", "?")) else "."
        detail = f"Allowed: {reason.rstrip()}{stop} {self.detail}".rstrip()
        return replace(self, severity=Severity.WARNING, detail=detail, allowed=reason)

    @property
    def input_note(self) -> str:
        """Where the inputs come from that made the text; empty if no input did."""
        given = ", ".join(f"{include.file}:{include.line}" for include in self.span.includes)
        return f"The value comes from an input: {given}." if given else ""

    @property
    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """Sorts findings by place, then by rule."""
        span = self.span
        return (span.file, span.line, span.column, self.rule, self.summary, self.address)


def path_text(path: Path) -> str:
    """Writes a path the way the documentation does: `secrets.prod/x.readers[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def fails(diagnostics: Iterable[Diagnostic], *, strict: bool) -> bool:
    """Returns whether findings fail a run: errors do, and if strict every finding.

    An allowed finding never does.
    """
    return any(strict or d.severity is Severity.ERROR for d in diagnostics if not d.allowed)


def has_errors(diagnostics: list[Diagnostic]) -> bool:
    """Returns whether any of the findings is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
