"""What a YAML parser found wrong, in words that say what to do.

The parser's own messages are written for people who know its grammar. They are matched here
by their fixed parts only, so that no text of the spec gets into a message.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec import Struct

from secretgen.diagnostics import Span
from secretgen.spec.characters import Lines

Place = tuple[int, int]
"""Line and column, both from 1."""


class Fault(Struct, frozen=True):
    """What a parser reported.

    Args:
        context: what it was reading, in its words, or an empty string.
        context_at: where that began.
        problem: what is wrong, in its words.
        problem_at: where it noticed.
        last_plain: the unquoted text read last, if there was any.
        last_quoted: the same for quoted text.
    """

    context: str
    context_at: Place
    problem: str
    problem_at: Place
    last_plain: Span | None = None
    last_quoted: Span | None = None


class Words(NamedTuple):
    """What is wrong, what to do, and where it began."""

    summary: str
    detail: str
    at: Place


class _Case(NamedTuple):
    pattern: str
    """Searched for in what the parser was reading, a colon, and what it says is wrong."""
    summary: str
    detail: str
    at_context: bool = False
    """Whether the mistake is where the parser began to read, not where it noticed."""


_COLON = "Write `key: value`, with a space after the colon."
_INDENT = "Indent with spaces: YAML does not allow tabs there."
_UNRELATED = "line that does not match the lines above"
_ALIGN = (
    "Check the indentation: keys of one mapping begin in the same column. "
    "Look also for an unbalanced quote in the line, or the line above."
)

# The first case that fits counts. The parser in C and the one in Python word some differently.
_CASES = (
    _Case(
        "quoted scalar:.*(end of stream|document)",
        "quote without an end",
        "Add the closing quote.",
        at_context=True,
    ),
    _Case(
        "unknown escape",
        "unknown escape in double quotes",
        "Write `\\\\` for a backslash, or use single quotes, in which it is an ordinary character.",
    ),
    _Case(
        "hexa?decimal",
        "escape without its digits",
        "`\\x` takes two hexadecimal digits, `\\u` four and `\\U` eight. For a backslash "
        "write `\\\\`, or use single quotes.",
    ),
    _Case(
        "invalid Unicode",
        "escape of an invalid character",
        "Write the character itself, or `\\U` and eight hexadecimal digits: YAML has no pairs of "
        "surrogates as JSON has.",
    ),
    _Case("simple key:.*':'", "line without a colon", _COLON, at_context=True),
    _Case(":.* tab ", "tab used for indentation", _INDENT),
    _Case(
        "block scalar:",
        "unknown character after `|` or `>`",
        "Begin the text on the next line, indented.",
    ),
    _Case(
        "an alias:",
        "`*` without a name",
        "Quote text that begins with `*`; as an alias it is followed by a name.",
    ),
    _Case(
        "an anchor:",
        "`&` without a name",
        "Quote text that begins with `&`; as an anchor it is followed by a name.",
    ),
    _Case(
        " tag:|tag handle",
        "text that begins with `!`",
        "Quote text that begins with `!`. Tags have no meaning in a spec.",
    ),
    _Case(
        "directive:",
        "unknown directive",
        "Quote text that begins with `%`; a spec cannot contain directives.",
    ),
    _Case("incompatible YAML", "unknown version of YAML", "Delete the `%YAML` line."),
    _Case("directive", "directive given twice", "Delete the lines that begin with `%`."),
    _Case(
        "flow sequence:",
        "list without its `]`",
        "Separate the items by `,` and close the list with `]`.",
        at_context=True,
    ),
    _Case(
        "flow mapping:",
        "mapping without its `}`",
        "Separate the entries by `,` and close the mapping with `}`.",
        at_context=True,
    ),
    _Case(
        "sequence entries are not allowed",
        "list item that is not allowed here",
        "Begin the list on a line of its own, or write `[a, b]`. Quote text that begins with `- `.",
    ),
    _Case(
        "values are not allowed",
        "colon that is not allowed here",
        "Quote text that holds `: `, or check the indentation of this line and the one above.",
    ),
    _Case(
        "keys are not allowed",
        "key that is not allowed here",
        "Check the indentation. Quote text that begins with `? `.",
    ),
    _Case(
        "block collection:",
        "line that is not an item of the list above",
        "Begin it with `- ` in the same column, or indent it as the key above the list.",
    ),
    _Case("block mapping:|document start", _UNRELATED, _ALIGN),
    _Case("node content", "value that cannot begin like this", "Put it in quotes."),
)


def plain_words(fault: Fault, lines: Lines) -> Words:
    """Returns what a parser found wrong.

    Args:
        fault: what it reported.
        lines: the file.

    Returns:
        Words that hold nothing of the file but single punctuation characters.
    """
    if "values are not allowed" in fault.problem and fault.last_plain:
        text = fault.last_plain
        end = (text.end_line, text.end_column)
        if text.line < text.end_line and end == fault.problem_at:
            return _run_on((text.line, text.column), end, lines)
    if "cannot start any token" in fault.problem:
        return _bad_start(fault.problem_at, lines)
    behind_quote = fault.last_quoted and _after_quote(fault.last_quoted, fault.problem_at, lines)
    if behind_quote:
        return behind_quote
    line, column = fault.problem_at
    bracket = lines.line(line)[column - 1 : column]
    if bracket and bracket in "]}" and "expected" in fault.problem:
        summary = f"`{bracket}` without an opening bracket"
        return Words(summary, "Delete it, or quote the text that contains it.", fault.problem_at)
    message = f"{fault.context}: {fault.problem}"
    for case in _CASES:
        if re.search(case.pattern, message):
            at = fault.context_at if case.at_context else fault.problem_at
            return Words(case.summary, case.detail, at)
    return Words("not valid YAML", _ALIGN, fault.problem_at)


def _run_on(begin: Place, end: Place, lines: Lines) -> Words:
    """Explains a line that the parser took for the rest of the text above it."""
    if not lines.line(begin[0])[: begin[1] - 1].strip(" -"):
        return Words("line without a colon", _COLON, begin)
    last = lines.line(end[0])
    return Words(
        "line indented deeper than the one above, which has a value already",
        "Indent it like the line above, or quote a value that holds `: `.",
        (end[0], len(last) - len(last.lstrip()) + 1),
    )


def _after_quote(quoted: Span, at: Place, lines: Lines) -> Words | None:
    """Explains text behind quoted text: a quote ended too early, or was not ended in its line."""
    end_line, end_column = quoted.end_line, quoted.end_column
    if at[0] != end_line or lines.line(end_line)[end_column - 1 : at[1] - 1].strip():
        return None
    if quoted.line < end_line:
        return Words(
            "quote without an end in its line",
            f"It goes on to the next quote, in line {end_line}. Add the closing quote.",
            (quoted.line, quoted.column),
        )
    quote = lines.line(end_line)[end_column - 2 : end_column - 1]
    twice = "twice, `''`" if quote == "'" else 'as `\\"`'
    return Words(
        "text after the closing quote",
        f"Inside the quotes write a quote {twice}. Or delete what follows them.",
        at,
    )


def _bad_start(at: Place, lines: Lines) -> Words:
    text = lines.line(at[0])
    before, character = text[: at[1] - 1], text[at[1] - 1 : at[1]]
    if character == "\t" or (not before.strip() and "\t" in before):
        return Words("tab used for indentation", _INDENT, (at[0], text.index("\t") + 1))
    return Words(f"value that begins with {character!r}", "Put it in quotes.", at)
