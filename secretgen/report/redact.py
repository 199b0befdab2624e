"""Keeps secrets out of reports: what must not be printed, in messages and in source lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile

from msgspec.structs import replace

from secretgen.diagnostics import Diagnostic, Span
from secretgen.report.terminal import safe
from secretgen.spec.characters import Lines
from secretgen.spec.credential_tokens import MASK, tokens_in
from secretgen.spec.credentials import CREDENTIAL_RULES, SOURCES
from secretgen.spec.file_findings import UNREADABLE_RULES

_LONG_LINE = 10_000
"""In lines longer than this, all is hidden behind a key that nobody knows."""

_NEARBY = 200
"""Columns around a finding whose secrets its message may repeat."""

Columns = tuple[int, int]
"""The first column of a piece of a line, and the one behind its last, from 1."""

_UNKNOWN_KEY = "SG101"
_KEYS_OF_TEXT = frozenset({"", "literal", "value"})
"""What was meant by an unknown key that may hold a secret: nobody knows, or one of these."""

_COLON = re.compile(r"\s*:\s*")
_PLAIN_IN_FLOW = re.compile(r"[\w./+=-][^,{}\[\]]*+")
_SHORTEST_TEXT = 6
"""Shorter secrets are not looked for in messages: they would be found in ordinary words."""


class Redactor:
    """Knows what must not be printed of some files.

    Findings tell where secrets stand. What stands behind a key that nobody knows may be one, too:
    there, rather too much is hidden than too little. Of a file that is not YAML nobody knows where
    values stand, so no line of it is shown.

    Args:
        diagnostics: findings about the files.
        sources: text of each file, by its name.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> None:
        found = list(diagnostics)
        self._lines = {file: Lines(text) for file, text in sources.items()}
        self._secrets = _by_file(d.span for d in found if d.rule in CREDENTIAL_RULES)
        self._unknown_keys = _by_file(
            d.span for d in found if d.rule == _UNKNOWN_KEY and d.suggestion in _KEYS_OF_TEXT
        )
        self._unreadable = {d.span.file for d in found if d.rule in UNREADABLE_RULES}
        self._texts: dict[tuple[str, int], str] = {}
        self._hidden: dict[tuple[str, int], list[Columns]] = {}

    def is_shown(self, file: str) -> bool:
        """Returns whether lines of a file may be printed."""
        return file not in self._unreadable

    def line(self, file: str, number: int) -> str:
        """Returns a line of a file, secrets and all; '' when there is no such line."""
        key = (file, number)
        if key not in self._texts:
            lines = self._lines.get(file)
            self._texts[key] = lines.line(number) if lines else ""
        return self._texts[key]

    def finding(self, diagnostic: Diagnostic) -> Diagnostic:
        """Makes the texts of a finding fit to be printed.

        Secrets are masked, those nearby in the same line by what they are and others by their
        form; and what a terminal would obey is escaped.
        """
        secrets = sorted(self._secret_texts(diagnostic.span), key=len, reverse=True)

        def fit(text: str) -> str:
            for secret in secrets:
                text = text.replace(secret, MASK)
            return safe(text)

        return replace(
            diagnostic,
            summary=fit(diagnostic.summary),
            detail="\n".join(map(fit, diagnostic.detail.split("\n"))),
            suggestion=fit(diagnostic.suggestion),
            allowed=fit(diagnostic.allowed),
            path=tuple(fit(part) if isinstance(part, str) else part for part in diagnostic.path),
        )

    def hidden(self, file: str, number: int) -> list[Columns]:
        """Returns the pieces of a line that must not be printed, in order, without overlap.

        Args:
            file: a file that is shown.
            number: the line.
        """
        key = (file, number)
        if key not in self._hidden:
            tokens = tokens_in(self.line(file, number))
            pieces = [(token.start + 1, token.end + 1) for token in tokens]
            self._hidden[key] = _merged([*pieces, *self._of_findings(file, number)])
        return self._hidden[key]

    def _secret_texts(self, place: Span) -> Iterator[str]:
        """Yields the secrets near a finding in its line, without their quotes."""
        line, column = self.line(place.file, place.line), place.column
        spans = self._secrets[place.file]
        for span in _spans_near(spans, place.line, column - _NEARBY, column + _NEARBY):
            if span.line == span.end_line:
                text = line[span.column - 1 : span.end_column - 1].strip("\"'")
                if len(text) >= _SHORTEST_TEXT and text not in SOURCES:
                    yield text

    def _of_findings(self, file: str, number: int) -> Iterator[Columns]:
        text = self.line(file, number)
        for span in _spans_near(self._secrets[file], number, 1, len(text) + 1):
            begin = span.column if number == span.line else 1
            yield begin, span.end_column if number == span.end_line else len(text) + 1
        keys = self._unknown_keys[file]
        index = bisect_left(keys, (number, 1), key=_begin)
        for key in takewhile(lambda key: key.line == number, islice(keys, index, None)):
            colon = _COLON.match(text, key.end_column - 1)
            if colon:
                end = _end_of_value(text, key, colon.end())
                yield colon.end() + 1, end
                if end > len(text):
                    return


def _end_of_value(text: str, key: Span, begin: int) -> int:
    """Returns the column behind a value: that of its line, unless where it ends is plain to see.

    In `{a: text, b: 1}` plain text ends at the comma.
    """
    before = text[: key.column - 1] if len(text) <= _LONG_LINE else ""
    in_flow = before.count("{") > before.count("}") and not set(before) & set("\"'#")
    value = _PLAIN_IN_FLOW.match(text, begin) if in_flow else None
    return value.end() + 1 if value else len(text) + 1


def _by_file(spans: Iterable[Span]) -> defaultdict[str, list[Span]]:
    by_file = defaultdict(list)
    for span in sorted(spans):
        by_file[span.file].append(span)
    return by_file


def _begin(span: Span) -> tuple[int, int]:
    return (span.line, span.column)


def _spans_near(spans: Sequence[Span], number: int, first: int, behind: int) -> Iterator[Span]:
    """Yields the spans that touch some columns of a line; as scalars, they do not overlap."""
    index = bisect_left(spans, (number, behind), key=_begin)
    while index:
        index -= 1
        span = spans[index]
        if (span.end_line, span.end_column) <= (number, first):
            return
        yield span


def _merged(pieces: Iterable[Columns]) -> list[Columns]:
    merged: list[Columns] = []
    for begin, end in sorted(pieces):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif begin < end:
            merged.append((begin, end))
    return merged
