"""What is no YAML, or YAML that a spec must not hold: rule and place of every mistake."""

import re

import pytest
import yaml

from secretgen.diagnostics import Severity
from secretgen.spec.source import Mapping, load

# Source, and its findings: rule, line, column, end line, end column, part of the summary.
CASES = {
    "latin-1": (b"a: caf\xe9", ["SG001 1:7-1:8 not UTF-8"]),
    "latin-1 below": (
        "a: 日本\nb: ".encode() + b"\xff",
        ["SG001 2:4-2:5 not UTF-8"],
    ),
    "UTF-16": ("a: 1".encode("utf-16"), ["SG001 1:1-1:2 not UTF-8"]),
    "UTF-32": ("a: 1".encode("utf-32"), ["SG001 1:1-1:2 not UTF-8"]),
    "truncated character": ("a: é".encode()[:-1], ["SG001 1:4-1:5 not UTF-8"]),
    "surrogate in UTF-8": (b"a: \xed\xa0\x80", ["SG001 1:4-1:5 not UTF-8"]),
    "conflict": (
        "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n>>>>>>> y\n",
        ["SG014 1:1-1:13 merge conflict, with markers in lines 1, 3, 5 and 6"],
    ),
    "end of a conflict": ("a: 1\n>>>>>>> x", ["SG014 2:1-2:10 markers in line 2"]),
    "tab indentation": ("a:\n\tb: 1", ["SG002 2:1-2:2 tab used for indentation"]),
    "tab behind spaces": ("a:\n  b: 1\n \tc: 2", ["SG002 3:2-3:3 tab used for indentation"]),
    "tab in block": ("a: |\n\tx", ["SG002 2:1-2:2 tab used for indentation"]),
    "open double quote": ('a: "x\nb: 1\n', ["SG002 1:4-1:5 quote without an end"]),
    "open single quote": ("a: 'x\n", ["SG002 1:4-1:5 quote without an end"]),
    "quote over a document": ('a: "x\n---\nb: 1', ["SG002 1:4-1:5 quote without an end"]),
    "quote closed in a later line": (
        'a: "x\nb: "y"\n',
        ["SG002 1:4-1:5 quote without an end in its"],
    ),
    "quote in quotes": ("a: 'it's'", ["SG002 1:8-1:9 text after the closing quote"]),
    "no colon, first": ("a 1\nb: 2", ["SG002 1:1-1:2 line without a colon"]),
    "no colon, below": ("a:\n  b: 1\n  c d\n  e: 2", ["SG002 3:3-3:4 line without a colon"]),
    "no space behind colon": ("key:value\nb: 1", ["SG002 1:1-1:2 line without a colon"]),
    "colon in value": ("a: b: c", ["SG002 1:5-1:6 colon that is not allowed here"]),
    "too deep": ("a: 1\n   b: 2", ["SG002 2:4-2:5 indented deeper"]),
    "not deep enough": ("a:\n   b: 1\n c: 2", ["SG002 3:2-3:3 does not match"]),
    "list and keys": ("- a\nb: 1", ["SG002 2:1-2:2 not an item of the list"]),
    "list behind key": ("a: - b", ["SG002 1:4-1:5 list item"]),
    "open list": ("a: [1, 2\nb: 3", ["SG002 1:4-1:5 list without its `]`"]),
    "open mapping": ("a: {b: 1\nc: 2", ["SG002 1:4-1:5 mapping without its `}`"]),
    "stray bracket": ("a: ]", ["SG002 1:4-1:5 `]` without an opening bracket"]),
    "begins with @": ("a: @x", ["SG002 1:4-1:5 begins with '@'"]),
    "begins with `": ("a: `x`", ["SG002 1:4-1:5 begins with '`'"]),
    "bracket too many": ("a: {b: 1}}", ["SG002 1:10-1:11 `}` without an opening bracket"]),
    "merge of an unknown alias": ("a: {<<: *b}", ["SG008 1:9-1:11 not defined"]),
    "begins with %": ("a: %x", ["SG002 1:4-1:5 begins with '%'"]),
    "unknown escape": (r'a: "\q"', ["SG002 1:5-1:6 unknown escape"]),
    "short escape": (r'a: "\xZZ"', ["SG002 1:7-1:8 escape without its digits"]),
    "lone surrogate": (r'a: "\ud800"', ["SG002 1:7-1:8 escape of an invalid character"]),
    "surrogate pair": (r'a: "\ud83d\ude00"', ["SG002 1:7-1:8 escape of an invalid character"]),
    "star": ("a: *", ["SG002 1:5-1:5 `*` without a name"]),
    "ampersand": ("a: &", ["SG002 1:5-1:5 `&` without a name"]),
    "undefined tag handle": ("a: !x!y z", ["SG002 1:4-1:5 begins with `!`"]),
    "unknown directive": ("%FOO\n---\na: 1", ["SG002 1:5-1:5 unknown directive"]),
    "future YAML": ("%YAML 3.0\n---\na: 1", ["SG002 1:1-1:2 unknown version of YAML"]),
    "block indicator": ("a: |x\n b", ["SG002 1:5-1:6 unknown character"]),
    "text after the end": ("a: 1\n...\nb: 2", ["SG002 3:1-3:2 does not match"]),
    "duplicate key": ("a: 1\nb: 2\na: 3", ["SG003 3:1-3:2 key 'a' given twice, first in line 1"]),
    "duplicates of all kinds": (
        "x: {a: 1, 'a': 2, \"a\": 3}\n? x\n: 2",
        ["SG003 1:11-1:14 'a'", "SG003 1:19-1:22 'a'", "SG003 2:3-2:4 'x'"],
    ),
    "duplicate after NFC": (
        'a: {"\u00e9": 1, "e\u0301": 2}',
        ["SG003 1:13-1:17 given twice", "SG011 1:13-1:17 normal form"],
    ),
    "duplicate merge": (
        "a: &a {x: 1}\nb: {<<: *a, <<: *a}",
        ["SG003 2:13-2:15 '<<' given twice"],
    ),
    "two documents": ("a: 1\n---\nb: 1", ["SG004 2:1-2:4 second document"]),
    "document after an empty one": ("---\n---\na: 1", ["SG004 2:1-2:4 second document"]),
    "tags": (
        "a: !x 1\nb: !!binary aGk=\nc: !<tag:x> {}\nd: !!python/name:os.system\ne: ! f",
        [
            "SG005 1:4-1:6 tags",
            "SG005 2:4-2:12 tags",
            "SG005 3:4-3:12 tags",
            "SG005 4:4-4:27 tags",
            "SG005 5:4-5:5 tags",
        ],
    ),
    "tag of another kind": (
        "a: !!str [x]\nb: !!int 1",
        ["SG005 1:4-1:9 tags", "SG005 2:4-2:9 tags"],
    ),
    "tag behind an anchor": ("a: &x !y 1", ["SG005 1:7-1:9 tags"]),
    "NUL": (b"a: 1\nb: x\0y", ["SG006 2:5-2:6 U+0000 is not allowed"]),
    "escape character": ("a: \x1b[31m", ["SG006 1:4-1:5 U+001B"]),
    "DEL, C1": ("a: \x7f\nb: \x85", ["SG006 1:4-1:5 U+007F", "SG006 2:4-2:5 U+0085"]),
    "bidi": (
        "a: \u202ex\nb: \u2066",
        ["SG006 1:4-1:5 U+202E RIGHT-TO-LEFT OVERRIDE", "SG006 2:4-2:5 U+2066"],
    ),
    "line separator": ("a: x\u2028y", ["SG006 1:5-1:6 U+2028 LINE SEPARATOR"]),
    "BOM inside": ("a: \ufeffx", ["SG006 1:4-1:5 U+FEFF"]),
    "control by escape": (r'a: "x\0"', ["SG006 1:4-1:9 escape for U+0000"]),
    "control in a comment": ("a: 1 # \x07", ["SG006 1:8-1:9 U+0007"]),
    "pile of marks": (f'a: "a{chr(0x300) * 31}"', ["SG006 1:4-1:38 combining marks"]),
    "deep flow": ("[" * 65, ["SG007 1:65-1:66 deeper than 64"]),
    "deep block": ("- " * 65 + "x", ["SG007 1:129-1:129 deeper than 64"]),
    "deep by aliases": (
        f"a: &a {'[' * 40}{']' * 40}\nb: {'[' * 24}*a{']' * 24}",
        ["SG007 2:28-2:30 deeper than 64"],
    ),
    "unknown alias": ("a: *x\nb: [*y]", ["SG008 1:4-1:6 not defined", "SG008 2:5-2:7 not defined"]),
    "alias before its anchor": ("a: *x\nb: &x 1", ["SG008 1:4-1:6 not defined"]),
    "alias in itself": (
        "a: &a [*a]\nb: &b {c: *b}",
        ["SG008 1:8-1:10 inside", "SG008 2:11-2:13 inside"],
    ),
    "nothing": ("", ["SG010 1:1-1:1 no spec in this file: Begin with `version: 1`, or delete"]),
    "nothing, and how to begin": ("", ["SG010 1:1-1:1 run `secretgen init`."]),
    "only a comment": ("# a\n\n", ["SG010 1:1-1:1 no spec"]),
    "null": ("~", ["SG010 1:1-1:1 no spec"]),
    "a list": ("- a\n- b\n", ["SG010 1:1-2:4 a list where"]),
    "text": ("hello", ["SG010 1:1-1:6 text where"]),
    "not NFC": (
        'a: "e\u0301"\nb: \u212b',
        ["SG011 1:4-1:8 normal form", "SG011 2:4-2:5 normal form"],
    ),
    "not NFC by escape": (r'a: "e\u0301"', ["SG011 1:4-1:13 normal form"]),
    "list as key": ("? [a]\n: b", ["SG012 1:3-1:6 key that is a mapping or a list"]),
    "unquoted template": ("a: {{ x }}", ["SG012 1:5-1:10 key that is a mapping or a list"]),
    "alias of a list as key": ("a: &a [x]\n*a : 1", ["SG012 2:1-2:3 key that is a mapping"]),
    "merge of text": ("a: {<<: 1}", ["SG013 1:9-1:10 merges mappings only"]),
    "merge of nothing": ("<<:\na: 1", ["SG013 1:4-1:4 merges mappings only"]),
    "merge of a list of text": ("a: {<<: [{b: 1}, x]}", ["SG013 1:18-1:19 merges mappings only"]),
}

# What the parser in Python finds elsewhere than the one in C does.
ONLY_IN_C = {
    "lone surrogate",
    "surrogate pair",
    "unknown escape",
    "unknown directive",
    "block indicator",
}


def written(diagnostic):
    span = diagnostic.span
    place = f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"
    return f"{diagnostic.rule} {place} {diagnostic.summary}: {diagnostic.detail}"


def check(source, expected):
    data = source if isinstance(source, bytes) else source.encode()
    found = [written(d) for d in load(data, "spec.yaml")[1]]
    assert len(found) == len(expected), found
    for actual, wanted in zip(found, expected, strict=True):
        place, part = re.fullmatch(r"(\S+ \S+) (.*)", wanted).groups()
        assert actual.startswith(f"{place} "), (actual, wanted)
        assert part in actual, (actual, wanted)


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
def test_finds_rule_and_place(source, expected):
    check(source, expected)


@pytest.mark.parametrize("name", [name for name in CASES if name not in ONLY_IN_C])
def test_finds_the_same_without_libyaml(name, monkeypatch):
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    check(*CASES[name])


@pytest.mark.parametrize("escape", [r"\ud800", r"\UFFFFFFFF", r"\q"])
def test_bad_escapes_are_findings_without_libyaml(escape, monkeypatch):
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    _, found = load(f'a: 1\nb: "{escape}"'.encode(), "spec.yaml")
    assert [(d.severity, d.span.line) for d in found] == [(Severity.ERROR, 2)]


def test_reports_all_mistakes_at_once_and_reads_on():
    source = 'a: !x 1\na: 2\nb: *c\nd: "\\0"\ne: {f: 1, f: 2}\ng: last'
    root, found = load(source.encode(), "spec.yaml")
    assert [(d.rule, d.span.line) for d in found] == [
        ("SG005", 1),
        ("SG003", 2),
        ("SG008", 3),
        ("SG006", 4),
        ("SG003", 5),
    ]
    assert isinstance(root, Mapping)
    assert [(key.text, getattr(value, "text", "")) for key, value in root.entries] == [
        ("a", "1"),
        ("b", ""),
        ("d", "\ufffd"),
        ("e", ""),
        ("g", "last"),
    ]


def test_findings_before_a_syntax_error_are_kept():
    root, found = load(b"a: 1\na: 2\nb: [", "spec.yaml")
    assert root is None
    assert [d.rule for d in found] == ["SG003", "SG002"]


def test_control_character_is_reported_once():
    # U+0085 ends a line for YAML 1.1; without it the rest would not parse.
    _, found = load("a: 1\x85b: 2".encode(), "spec.yaml")
    assert [d.rule for d in found] == ["SG006"]


def test_only_normalisation_is_a_warning():
    for source, _ in CASES.values():
        data = source if isinstance(source, bytes) else source.encode()
        for diagnostic in load(data, "spec.yaml")[1]:
            is_warning = diagnostic.severity is Severity.WARNING
            assert is_warning == (diagnostic.rule == "SG011")


def test_messages_hold_nothing_of_a_file_that_is_no_yaml():
    for source, _ in CASES.values():
        marked = source if isinstance(source, bytes) else source.encode()
        marked = marked.replace(b"x", b"canary")
        for diagnostic in load(marked, "spec.yaml")[1]:
            if diagnostic.rule == "SG002":
                assert "canary" not in diagnostic.summary + diagnostic.detail
