"""What HCL says is read exactly, with places; what it does not say, never."""

import os
import subprocess
import sys
from pathlib import Path

import hcl2
import hcl2.parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretgen.diagnostics import Span
from secretgen.hcl import grammar
from secretgen.hcl.align import align
from secretgen.hcl.decode import parse, split
from secretgen.hcl.encode import call, encode, reference
from secretgen.hcl.hcl_nodes import Call, Entry, Literal, ObjectValue, Reference
from secretgen.hcl.tokens import MAX_DEPTH, HclSyntaxError
from tests.hcl.cases import ACCEPTED, REJECTED, STRICTER
from tests.hcl.strategies import HOSTILE, NAMES, bodies, texts, values
from tests.hcl.trees import plain, shape, value_of

REFUSED = REJECTED | STRICTER


@given(values())
def test_written_text_is_read_back(value: object) -> None:
    read = value_of(encode(value))
    assert read == value
    assert encode(read) == encode(value)  # 1 == True, but not here


@given(texts())
def test_python_hcl2_by_itself_reads_each_text_whole(text: str) -> None:
    document = f"x = {encode(text)}\ny = {encode([text])}\nz = 1\n"
    assert hcl2.loads(document) == {"x": encode(text), "y": [encode(text)], "z": 1}


@given(st.lists(st.sampled_from(HOSTILE), max_size=3).map("".join), values())
def test_code_is_read(part: str, value: object) -> None:
    assert value_of(encode(reference("module", part, 0))) == ("reference", "module", part, 0)
    assert value_of(encode(call("jsonencode", value))) == ("call", "jsonencode", value)


@given(bodies())
@settings(max_examples=25)
def test_aligning_changes_no_meaning(text: str) -> None:
    assert shape(parse(align(text), "x.tf")) == shape(parse(text, "x.tf"))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (r'"\n\r\t\"\\\u00e9\U0001F511"', '\n\r\t"\\é🔑'),
        ('"$${x} $$${x} %%{y} $$ %% $ {"', "${x} $${x} %{y} $$ %% $ {"),
        ('"/* # // */"', "/* # // */"),
        ("012", 12),
        ("-5", -5),
        ("- 5", -5),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("[1, -2, [true], null,]", [1, -2, [True], None]),
        ('{ a = 1, "b" : 2, for = 3 }', {"a": 1, "b": 2, "for": 3}),
        ("{ # x\n  a = 1 // y\n\n  b = {} /* z */\n}", {"a": 1, "b": {}}),
        ("a", ("reference", "a")),
        ('a . b["c\\n"] [0].1.d', ("reference", "a", "b", "c\n", 0, 1, "d")),
        ("f()", ("call", "f")),
        ("provider :: x :: y(1, [2], )", ("call", "provider :: x :: y", 1, [2])),
        ("f(a...)", ("raw", "f(a...)")),
        ("(1 # x\n  + 2)", ("raw", "(1 + 2)")),
        ("a ? 1   :   2", ("raw", "a ? 1 : 2")),
        ('"a ${b}  $${c}"', ("raw", '"a ${b}  $${c}"')),
        ("<<E\n a\nE\n", ("raw", "<<E\n a\nE")),
        ("{ (a) = 1\n  b = 2 }", ("raw", "{ (a) = 1 b = 2 }")),
        ("[for x in y : x]", ("raw", "[for x in y : x]")),
        ("a[b].c", ("raw", "a[b].c")),
        ("-a", ("raw", "-a")),
        ("1e999", ("raw", "1e999")),
    ],
)
def test_expressions(source: str, value: object) -> None:
    assert value_of(source) == value


@pytest.mark.parametrize("text", ["b {\na = 1\n} c {\nd = 2\n}", "b {\nc {\na = 1\n} c {\n}\n}"])
def test_two_blocks_on_a_line_are_not_one(text: str) -> None:
    with pytest.raises(HclSyntaxError, match="Missing newline after block"):
        parse(text, "x.tf")


def test_places() -> None:
    text = 'a = 1\n\nb "c" d {\n  e = jsonencode({\n    "f" = x["é"].y\n    g = -2 # h\n  })\n}\n'
    body = parse(text, "x.tf")
    (a,) = body.attributes
    (b,) = body.blocks
    (e,) = b.body.attributes
    assert a.span == Span("x.tf", 1, 1, 1, 6)
    assert a.value.span == Span("x.tf", 1, 5, 1, 6)
    assert (b.type, b.labels, b.span) == ("b", ("c", "d"), Span("x.tf", 3, 1, 8, 2))
    assert e.span == Span("x.tf", 4, 3, 7, 5)
    reference_ = Reference(("x", "é", "y"), Span("x.tf", 5, 11, 5, 19))
    f = Entry("f", reference_, Span("x.tf", 5, 5, 5, 19))
    g = Entry("g", Literal(-2, Span("x.tf", 6, 9, 6, 11)), Span("x.tf", 6, 5, 6, 11))
    json = ObjectValue((f, g), Span("x.tf", 4, 18, 7, 4))
    assert e.value == Call("jsonencode", (json,), Span("x.tf", 4, 7, 7, 5))
    assert reference_.text == 'x["é"].y'


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str) -> None:
    parse(text, "x.tf")


@pytest.mark.parametrize("text", REFUSED)
def test_rejected(text: str) -> None:
    with pytest.raises(HclSyntaxError) as caught:
        parse(text, "x.tf")
    error = caught.value
    assert (error.span.line, error.span.column, error.summary) == REFUSED[text]
    assert str(error) == f"x.tf:{error.span.line}:{error.span.column}: {error.summary}"


def test_items_are_parsed_alone() -> None:
    text = '# x\na = 1 # y\n\nb {\n  c = "\n}'.replace('"\n', '"}"\n') + "\n"
    items = split(text, "x.tf")
    assert [item.text for item in items] == ["a = 1 # y", 'b {\n  c = "}"\n}']
    body = parse(text, "x.tf")
    assert tuple(item.parse() for item in items) == (*body.attributes, *body.blocks)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000 + "]" * 5000,
        "a = " + "{ b = " * 5000 + "1" + "}" * 5000,
        "a = " + "(" * 5000,
        "a = " + "f(" * 5000 + ")" * 5000,
        "b {\n" * 5000 + "}\n" * 5000,
        "a = " + '"${' * 5000 + '}"' * 5000,
        "a = " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "a = " + "9" * 5000,
        "a = " + "-" * 5000 + "1",
        "a = " + "!" * 5000,
        "a = <<E\n" + "${" * 5000,
        'a = "' + "%{ if x }" * 5000 + '"',
        "\ud800",
        'a = "\udfff"',
    ],
)
def test_hostile_text_is_an_error(text: str) -> None:
    with pytest.raises(HclSyntaxError):
        parse(text, "x.tf")


@pytest.mark.parametrize(
    "source",
    [
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "{ b = " * MAX_DEPTH + "1" + "}" * MAX_DEPTH,
        "f(" * MAX_DEPTH + ")" * MAX_DEPTH,
        "(x + [" * (MAX_DEPTH // 2) + "])" * (MAX_DEPTH // 2),
        " + ".join("a" * 3000),
        "a" + ".b" * 3000,
        "a" + "[0]" * 3000,
        "a ? b : " * 1000 + "c",
        '"' + "$" * 50_000 + '"',
        '"' + "$$" * 50_000 + '{"',
        '"' + "\\\\" * 50_000 + '"',
        "/* " + "*" * 50_000 + " */ 1",
    ],
)
def test_long_sequences_are_read(source: str) -> None:
    value_of(source)


@given(st.text() | st.lists(st.sampled_from(HOSTILE) | NAMES).map("".join))
def test_any_text_is_read_or_is_a_syntax_error(text: str) -> None:
    for document in (text, f"a = {text}\n", f'a = "{text}"\n', f"b {{\n{text}\n}}\n"):
        try:
            parse(document, "x.tf")
        except HclSyntaxError as error:
            assert error.span.line <= document.count("\n") + 1  # noqa: PT017


def test_writing_does_not_import_the_parser() -> None:
    code = (
        "import sys, secretgen.hcl.encode, secretgen.hcl.align, secretgen.hcl.decode;"
        "sys.exit(bool({'hcl2', 'lark'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_read_only_installation_compiles_its_grammar_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(home))
    monkeypatch.setattr(hcl2.parser, "PARSER_FILE", tmp_path / "absent" / "cache")
    made = (grammar._parser, grammar.syntax_tree, hcl2.parser.parser)
    for cached in made:
        cached.cache_clear()
    try:
        assert plain(parse("a = 1\n", "x.tf").attributes[0].value) == 1
        (file,) = home.rglob("*.lark")
        assert file.parent.stat().st_mode & 0o777 == 0o700
    finally:
        for cached in made:
            cached.cache_clear()
