"""Parsing by shape gives what parsing gives, whatever was parsed before."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings

from secretgen.hcl import grammar
from secretgen.hcl.decode import parse
from secretgen.hcl.encode import call, encode, reference
from secretgen.hcl.shapes import Shapes
from secretgen.hcl.tokens import HclSyntaxError
from tests.hcl.cases import ACCEPTED, REJECTED, STRICTER
from tests.hcl.strategies import bodies, values

SETTINGS = settings(max_examples=50)
LEARNED = Shapes()
"""Knows the shapes of all examples so far, as a run knows those of all files so far."""


def asked_of_python_hcl2(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What python-hcl2 is given to parse from now on."""
    asked = []
    syntax_tree = grammar.syntax_tree

    def noted(text: str) -> object:
        asked.append(text)
        return syntax_tree(text)

    monkeypatch.setattr("secretgen.hcl.decode.syntax_tree", noted)
    return asked


def outcome(text: str, shapes: Shapes | None) -> str:
    try:
        return repr(parse(text, "x.tf", shapes.parse) if shapes else parse(text, "x.tf"))
    except HclSyntaxError as error:
        return f"{error.summary} {error.span}"


@pytest.mark.parametrize("text", [*ACCEPTED, *REJECTED, *STRICTER])
def test_every_document_is_read_or_refused_as_ever(text: str) -> None:
    assert outcome(text, LEARNED) == outcome(text, None)
    assert outcome(f"{text}\n{text}", LEARNED) == outcome(f"{text}\n{text}", None)


@given(bodies())
@SETTINGS
def test_a_learned_shape_changes_nothing(text: str) -> None:
    assert outcome(text, LEARNED) == outcome(text, None)


@given(values(), values())
@SETTINGS
def test_words_come_from_the_text_and_not_from_the_shape(first: object, second: object) -> None:
    for value in (first, second):
        text = f"x = {encode([value, call('f', value), reference('a', 'b')])}"
        assert outcome(text, LEARNED) == outcome(text, None)


@pytest.mark.parametrize(
    ("learned", "text"),
    [
        ('a = { "b" = 1, "c" = 2 }', 'a = { "b" = 1, "b" = 2 }'),
        ('a = { b = 1, "c" = 2 }', 'a = { b = 1, "b" = 2 }'),
        ('a = x ? { "b" = 1, "c" = 2 } : {}', 'a = x ? { "b" = 1, "b" = 2 } : {}'),
        ('a = [for i in x : { "b" : 1, "c" : 2 }]', 'a = [for i in x : { "b" : 1, "b" : 2 }]'),
        ('a = { s5 = 1, "c" = 2 }', 'a = { s5 = 1, "s5" = 2 }'),
        ("a = b.c\n", "a = b.for\n"),
        ('a = b["c"]\n', 'a = b["${c}"]\n'),
        ("a = 12\n", "a = 1.2\n"),
        ('b "c" {\n}\n', "b c {\n}\n"),
        ('a = "b" # c\n', 'a = "b" /* c\n'),
    ],
)
def test_words_that_change_what_is_said(learned: str, text: str) -> None:
    shapes = Shapes()
    for _ in range(2):
        outcome(learned, shapes)
    assert outcome(text, shapes) == outcome(text, None)


LINES = [f'"k{i}" = module.m{i}.arn' for i in range(40)]
ITEMS = [f'"arn:{i}",' for i in range(40)]
BROKEN = [
    ("a = [\n", [item.rstrip(",") for item in ITEMS], "]\n"),
    ("a = {\n", [f"k = {i % 2}" for i in range(40)], "}\n"),
    ("a = {\n", ['"k" = 1'] * 40, "}\n"),
    ("a = (\n", ITEMS, ")\n"),
    ("a = [\n", LINES, "]\n"),
    ("a = {\n", ITEMS, "}\n"),
    ("b {\n", ['c = "x"'] * 40, "}\n"),
    ("b {\n", LINES, "}\n"),
    ("a = {\n", [line + line for line in LINES], "}\n"),
]
SOUND = [
    ("a = [\n", ITEMS, "]\n"),
    ("a = [\n", [*ITEMS, '"last"'], "]\n"),
    ("a = {\n", LINES, "}\n"),
    ("a = {\n", [f"{line}," for line in LINES], "}\n"),
    ("a = {\n", [line.replace("=", ":") for line in LINES], "}\n"),
    ("a = {\n", [f"{line} # {{" for line in LINES], "}\n"),
    ("a = {\n", [*LINES, *[f'"x{i}" = ["{i}", []]' for i in range(40)], "y = 1"], "}\n"),
    ("b {\n c = f({ d = [\n", ITEMS, "] })\n}\n"),
    ("b {\n", [f'c "{i}" {{}}' for i in range(40)], "}\n"),
    ("a = [\n", [f'{{ x = "{i}" }},' for i in range(40)], "]\n"),
    ("a = [\n", ["", *[f'["{i}"],' for i in range(40)], *[""] * 40], "]\n"),
    ("a = (\n", ['f("x") +'] * 40, "1)\n"),
    ("a = {\n", [f'(b) = "{i}"' for i in range(40)], "}\n"),
    ("a = [for x in [\n", ITEMS, "] : x]\n"),
    ("a = <<E\n", LINES, "E\n"),
]


@pytest.mark.parametrize(("before", "lines", "behind"), [*SOUND, *BROKEN])
@pytest.mark.parametrize("change", [lambda x: x, lambda x: x[1:], lambda x: x[::-1]])
def test_lines_of_one_shape_are_read_as_each_by_itself(
    before: str, lines: list[str], behind: str, change: Callable[[list[str]], list[str]]
) -> None:
    text = before + "".join(f"{line}\n" for line in change(lines)) + behind
    assert outcome(text, LEARNED) == outcome(text, None)


@pytest.mark.parametrize("document", [SOUND[0], SOUND[2], SOUND[7]])
def test_lines_of_one_shape_are_parsed_once(
    document: tuple[str, list[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, lines, behind = document
    asked = asked_of_python_hcl2(monkeypatch)
    parse(before + "\n".join(lines) + f"\n{behind}", "x.tf", Shapes().parse)
    assert 0 < sum(text.count("\n") for text in asked) < 6


def test_blocks_of_one_shape_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    block = 'module "{0}" {{\n  name = "{0}" # {0}\n  key = module.{0}.arn\n}}\n'
    text = "".join(block.format(f"x{i}") for i in range(50))
    asked = asked_of_python_hcl2(monkeypatch)
    assert len(parse(text, "x.tf", Shapes().parse).blocks) == 50
    # The block without its inside, and each of its arguments: for the first and for the second.
    assert len(asked) == 2 * len({*asked}) == 6
