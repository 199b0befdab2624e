"""What can be wrong with a file before it is looked at as a spec: rules SG001 to SG014."""

from __future__ import annotations

from typing import NoReturn

from msgspec import Struct, field
from msgspec.structs import replace

from secretgen.diagnostics import Diagnostic, Severity, Span
from secretgen.spec import characters
from secretgen.spec.syntax import Words

UNREADABLE_RULES = frozenset(
    {"SG001", "SG002", "SG004", "SG006", "SG007", "SG008", "SG009", "SG010"}
)
"""Rules whose findings may mean that a file was not read to its end."""

MAX_FINDINGS = 200
"""Findings about one file while it is read. A file with more is hardly a spec."""


class UnreadableError(Exception):
    """No tree can be made of the text; the findings say why."""


class Findings(Struct):
    """Collects findings about one file. There is one method for each kind of mistake.

    Methods that return nothing raise `UnreadableError` when there are too many findings to
    go on; those that never return raise it always.
    """

    file: str
    found: list[Diagnostic] = field(default_factory=list)

    def not_utf8(self, error: characters.NotUtf8Error) -> NoReturn:
        """Reports the first byte that is not UTF-8."""
        span = Span(self.file, error.line, error.column, error.line, error.column + 1)
        guess = f"It looks like {error.guess}. " if error.guess else ""
        self._stop("SG001", span, "byte that is not UTF-8", f"{guess}Save the file as UTF-8.")

    def merge_conflict(self, line: int, marker: str, summary: str) -> NoReturn:
        """Reports the markers of a merge conflict, and nothing else of the file.

        Args:
            line: the number of the line with the first marker.
            marker: the text of that line.
            summary: what is wrong, with the lines of all markers.
        """
        detail = "Edit both sides into one, and delete the lines with the markers."
        self._stop("SG014", Span(self.file, line, 1, line, len(marker) + 1), summary, detail)

    def not_yaml(self, span: Span, words: Words) -> NoReturn:
        """Reports what the parser could not read."""
        self._stop("SG002", span, words.summary, words.detail)

    def duplicate_key(self, span: Span, key: str, first: Span) -> None:
        """Reports a key that its mapping has already."""
        summary = f"key {key!r} given twice, first in line {first.line}"
        self._add("SG003", span, summary, "Delete one of the two.")

    def second_document(self, span: Span) -> NoReturn:
        """Reports `---` behind the first document."""
        detail = "A spec is one document. Put the other one into a file of its own."
        self._stop("SG004", span, "a second document begins here", detail)

    def tag(self, span: Span) -> None:
        """Reports a tag such as `!secret` or `!!binary`."""
        detail = "Delete the tag, or put it and its text in quotes."
        self._add("SG005", span, "YAML tags are not supported", detail)

    def character(self, span: Span, character: str) -> None:
        """Reports a character that must not stand in the file."""
        summary = f"character {characters.name_of(character)} is not allowed"
        self._add("SG006", span, summary, characters.advice(character))

    def escaped_character(self, span: Span, character: str) -> None:
        """Reports an escape for a character that no value may hold."""
        summary = f"escape for {characters.name_of(character)}"
        self._add("SG006", span, summary, characters.advice(character))

    def stacked_marks(self, span: Span) -> None:
        """Reports a pile of combining marks."""
        summary = f"more than {characters.MAX_COMBINING} combining marks in a row"
        self._add("SG006", span, summary, "No language uses that many. Delete them.")

    def too_deep(self, span: Span, limit: int) -> NoReturn:
        """Reports nesting, aliases spelt out."""
        detail = "A spec is never nested that deep. Check the brackets and the indentation."
        self._stop("SG007", span, f"nested deeper than {limit} levels", detail)

    def unknown_alias(self, span: Span) -> None:
        """Reports `*name` without `&name` above."""
        detail = "Write `&name` before the value that is to be repeated, above this line."
        self._add("SG008", span, "alias of an anchor that is not defined above", detail)

    def alias_of_itself(self, span: Span) -> None:
        """Reports `&name [*name]`."""
        detail = "A value cannot contain itself. Write the value instead of the alias."
        self._add("SG008", span, "alias inside the value that it repeats", detail)

    def alias_bomb(self, span: Span, limit: int) -> NoReturn:
        """Reports aliases that stand for too much."""
        detail = "Each alias counts as all the values that it repeats. Use fewer aliases."
        self._stop("SG008", span, f"aliases repeat more than {limit:,} values", detail)

    def too_large(self, span: Span, what: str) -> NoReturn:
        """Reports too much of something."""
        self._stop("SG009", span, what, "Split it into several environments.")

    def empty(self) -> NoReturn:
        """Reports a file without a value."""
        detail = "Begin with `version: 1`, or delete this file and run `secretgen init`."
        self._stop("SG010", Span(self.file), "no spec in this file", detail)

    def no_mapping(self, span: Span, what: str) -> NoReturn:
        """Reports a list or text in the place of the whole spec."""
        detail = "Begin with `version: 1`; everything else in a spec is under a key, too."
        self._stop("SG010", span, f"{what} where the keys of a spec belong", detail)

    def not_normal(self, span: Span) -> None:
        """Warns of text that normalisation has changed."""
        detail = "It is read in that form, in which Terraform stores all text."
        summary = "text is not in Unicode's normal form C"
        self._add("SG011", span, summary, detail, Severity.WARNING)

    def complex_key(self, span: Span) -> None:
        """Reports a key that is no text."""
        detail = "Keys are text. Quote text that begins with `{` or `[`."
        self._add("SG012", span, "key that is a mapping or a list", detail)

    def merge_of_no_mapping(self, span: Span) -> None:
        """Reports `<<` with something else than a mapping, such as an alias of nothing."""
        if any(found.span == span for found in self.found):
            return
        detail = "Write `<<: *name` with the anchor of a mapping, or a list of such aliases."
        self._add("SG013", span, "`<<` merges mappings only", detail)

    def _stop(self, rule: str, span: Span, summary: str, detail: str) -> NoReturn:
        self._add(rule, span, summary, detail)
        raise UnreadableError

    def _add(
        self,
        rule: str,
        span: Span,
        summary: str,
        detail: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        if len(self.found) >= MAX_FINDINGS:
            more = f"{self.found[-1].detail} There are more findings; they are left out."
            self.found[-1] = replace(self.found[-1], detail=more)
            raise UnreadableError
        self.found.append(Diagnostic(rule, severity, summary, detail, span))
