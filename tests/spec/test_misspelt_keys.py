"""Any one key of a spec misspelt gives one error: at that key, with the right suggestion."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from secretgen.diagnostics import Diagnostic, Severity, Span
from secretgen.diagnostics import Path as SpecPath
from secretgen.spec.fields import model_at
from secretgen.spec.source import load
from secretgen.spec.yaml_nodes import Mapping, Node, Sequence
from tests.rules.support import brief, findings_in

ROOT = Path(__file__).parents[2]
SPECS = {path.name: path.read_text(encoding="utf-8") for path in (
    ROOT / "tests/spec/contract.yaml",
    ROOT / "tests/spec/everything.yaml",
    ROOT / "tests/reference/production.yaml",
)}  # fmt: skip


def keys_in(node: Node, path: SpecPath = ()) -> Iterator[tuple[SpecPath, Span]]:
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield (*path, key.text), key.span
            yield from keys_in(value, (*path, key.text))
    elif isinstance(node, Sequence):
        for i, item in enumerate(node.items):
            yield from keys_in(item, (*path, i))


def cases() -> Iterator[tuple[str, SpecPath, Span]]:
    for file, text in SPECS.items():
        root, _ = load(text.encode(), file)
        assert root is not None
        for path, span in keys_in(root):
            yield file, path, span


ALL = list(cases())
KNOWN = [case for case in ALL if model_at(case[1][:-1])]
NAMES = [case for case in ALL if case[1][0] in {"accounts", "keys"} and len(case[1]) == 2]


def misspellings(word: str) -> list[str]:
    middle = len(word) // 2
    found = [
        word[:-1] if len(word) > 2 else word + word[-1],
        word[:middle] + word[middle] + word[middle:],
        word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :],
        word[:middle] + "x" + word[middle + 1 :],
        word.upper(),
    ]
    return [wrong for wrong in found if wrong != word]


def some_misspellings(path: SpecPath) -> list[str]:
    """Two of them, others from key to key: all of them for all keys take too long."""
    found = misspellings(str(path[-1]))
    turn = sum(map(ord, str(path)))
    return [found[turn % len(found)], found[(turn + 2) % len(found)]]


def errors_with(file: str, span: Span, word: str) -> list[Diagnostic]:
    lines = SPECS[file].splitlines(keepends=True)
    line = lines[span.line - 1]
    lines[span.line - 1] = line[: span.column - 1] + word + line[span.end_column - 1 :]
    found = findings_in("".join(lines))
    return [d for d in found if d.severity is Severity.ERROR or d.summary not in known(file)]


@cache
def known(file: str) -> list[str]:
    """Summaries of what is to be said about a spec without the slip."""
    return [d.summary for d in findings_in(SPECS[file])]


@pytest.mark.parametrize(("file", "path", "span"), KNOWN, ids=lambda value: str(value)[:60])
def test_misspelt_key(file: str, path: SpecPath, span: Span) -> None:
    right = str(path[-1])
    for wrong in some_misspellings(path):
        found = errors_with(file, span, wrong)
        assert len(found) == 1, (wrong, brief(found))
        (only,) = found
        assert (only.rule, only.suggestion) == ("SG101", right), (wrong, brief(found))
        assert (only.span.line, only.span.column) == (span.line, span.column)
        assert only.span.end_column == span.column + len(wrong)


@pytest.mark.parametrize(("file", "path", "span"), NAMES, ids=lambda value: str(value)[:60])
def test_misspelt_name_of_account_or_key(file: str, path: SpecPath, span: Span) -> None:
    right = str(path[-1])
    for wrong in misspellings(right)[:4]:
        found = [d for d in errors_with(file, span, wrong) if d.severity is Severity.ERROR]
        used = [d for d in findings_in(SPECS[file]) if d.path == path and d.rule == "SG408"]
        assert len(found) == (0 if used else 1), (wrong, brief(found))
        for only in found:
            assert only.rule in {"SG401", "SG402"}
            assert only.suggestion in {right, wrong}


def test_both_kinds_of_keys_are_tested() -> None:
    assert len(KNOWN) > 150
    assert len(NAMES) > 8
