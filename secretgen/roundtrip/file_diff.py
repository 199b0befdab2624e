"""Diffs of files, without what may be a value of a secret."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator

from secretgen.diagnostics import Span
from secretgen.hcl.hcl_nodes import Body, Call, ListValue, Literal, ObjectValue, Raw, Value
from secretgen.spec.credential_tokens import MASK

_VALUES = {"module": "secret_string", "variable": "default"}
"""Arguments into which a user may have written a value of a secret, by type of block."""

_STRUCTURE = re.compile(r"\s*(?:(?P<name>[\w-]+)\s*=\s*)?[\s)\]},({\[]*")
"""The beginning of a line: the name of an argument, and brackets."""


def unified(path: str, committed: str, rendered: str) -> str:
    """Writes what a render would change in a file.

    Args:
        path: the file.
        committed: its text, fit to be shown; empty when there is no such file.
        rendered: the text that it should have; empty when there should be none.
    """
    lines = difflib.unified_diff(
        committed.splitlines(keepends=True),
        rendered.splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def without_unknown(committed: str, rendered: str) -> str:
    """Hides all but names and brackets, in a file that may hold values of secrets anywhere.

    Args:
        committed: the text of the file.
        rendered: the text that it should have; its lines and its names are known to be none.
    """
    lines, words = set(rendered.splitlines()), set(re.findall(r"[\w-]+", rendered))
    return "".join(
        line if line.rstrip("\r\n") in lines else _structure(line, words)
        for line in committed.splitlines(keepends=True)
    )


def _structure(line: str, names: Collection[str]) -> str:
    match = _STRUCTURE.match(line)
    kept = match[0] if match and match["name"] in {None, *names} else ""
    return line if kept == line else f"{kept}{MASK}\n"


def without_values(committed: str, rendered: str, body: Body) -> str:
    """Hides text that may be the value of a secret, in HCL.

    Args:
        committed: the text of the file.
        rendered: the text that it should have; what stands in it is known to be none.
        body: the file as it was parsed.
    """
    lines = [0, *(match.end() for match in re.finditer("\n", committed))]
    shown, done = "", 0
    for span in _values(body):
        start = lines[span.line - 1] + span.column - 1
        end = lines[span.end_line - 1] + span.end_column - 1
        if committed[start:end] not in rendered:
            shown += committed[done:start] + f'"{MASK}"'
            done = end
    return shown + committed[done:]


def _values(body: Body) -> Iterator[Span]:
    """Yields the places of text where a value of a secret may be, in their order."""
    for block in body.blocks:
        for attribute in block.body.attributes:
            if attribute.name == _VALUES.get(block.type):
                yield from _texts(attribute.value)


def _texts(value: Value) -> Iterator[Span]:
    match value:
        case Literal(str()) | Raw():
            yield value.span
        case ListValue():
            yield from _all_texts(value.items)
        case Call():
            yield from _all_texts(value.arguments)
        case ObjectValue():
            yield from _all_texts(entry.value for entry in value.entries)


def _all_texts(values: Iterable[Value]) -> Iterator[Span]:
    for value in values:
        yield from _texts(value)
