"""The tree: text untouched, places exact, anchors and merges as YAML has them."""

import pytest

from secretgen.diagnostics import Span
from secretgen.spec.source import Mapping, Scalar, Sequence, load


def read(source):
    root, found = load(source.encode() if isinstance(source, str) else source, "f")
    assert found == []
    return root


def plain(node):
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


def place(node):
    span = node.span
    return (span.line, span.column, span.end_line, span.end_column)


@pytest.mark.parametrize(
    "text",
    [
        "012345670123",
        "yes",
        "off",
        "1.10",
        "0042",
        "0x1F",
        "1_000",
        "2024-01-01",
        "12:30:45",
        "1e3",
        ".inf",
        "=",
        "TRUE",
        "NaN",
        "+1",
    ],
)
def test_scalars_stay_as_they_are_written(text):
    value = read(f"a: {text}").entries[0][1]
    assert (value.text, value.plain, value.is_null) == (text, True, False)


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null_is_plain_only(text):
    values = {
        key.text: value
        for key, value in read(
            f"plain: {text}\nsingle: '{text}'\ndouble: \"{text}\"\ntagged: !!str {text}\n"
        ).entries
    }
    assert {name: value.is_null for name, value in values.items()} == {
        "plain": True,
        "single": False,
        "double": False,
        "tagged": False,
    }
    assert {value.text for value in values.values()} == {text}


def test_quotes_blocks_and_escapes():
    root = read(
        "a: 'it''s'\n"
        'b: "tab\\t nl\\n cr\\r \\u00e9 \\U0001F600 \\L"\n'
        "c: |\n  one\n   two\n"
        "d: >-\n  one\n  two\n"
        "e: one\n  two\n"
    )
    assert plain(root) == {
        "a": "it's",
        "b": "tab\t nl\n cr\r é 😀 \u2028",
        "c": "one\n two\n",
        "d": "one two",
        "e": "one two",
    }


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_bom_and_line_breaks_change_no_place(prefix, newline):
    source = "a: 1\nb:\n  - x\n  - 'y'\n".replace("\n", newline)
    root = read(prefix + source.encode())
    items = root.entries[1][1]
    assert plain(root) == {"a": "1", "b": ["x", "y"]}
    assert [place(item) for item in items.items] == [(3, 5, 3, 6), (4, 5, 4, 8)]


def test_text_is_read_in_nfc():
    root, found = load('"e\u0301": "o\u0308"'.encode(), "f")
    assert plain(root) == {"\u00e9": "\u00f6"}
    assert [d.rule for d in found] == ["SG011", "SG011"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a: xyz", (1, 4, 1, 7)),
        ("a:   'x y' # c", (1, 6, 1, 11)),
        ("a: 日本 # c", (1, 4, 1, 6)),
        ("😀: 日本", (1, 4, 1, 6)),
        ("a:", (1, 3, 1, 3)),
        ("a:\nb: 1", (1, 3, 1, 3)),
        ("a: x\n  y\nb: 1", (1, 4, 2, 4)),
        ("a: |\n  x\n  y\n\n\nb: 1", (1, 4, 3, 4)),
        ("a: >+\n  x\n\n", (1, 4, 2, 4)),
        ("a: &n xyz", (1, 7, 1, 10)),
        ("a: !!str &n xyz", (1, 13, 1, 16)),
        ("a: &n\n  # why\n  xyz", (3, 3, 3, 6)),
        ("a: &n |\n  x\n", (1, 7, 2, 4)),
        ("a: {b: 1}", (1, 4, 1, 10)),
        ("a: [\n1,\n2 ]", (1, 4, 3, 4)),
        ("a:\n  b: 1\n  c: 2 # c\n\nd: 1", (2, 3, 3, 7)),
        ("a:\n  - b\n  - c\nd: 1", (2, 3, 3, 6)),
        ("a:\n- b\n- c:\n    d\ne: 1", (2, 1, 4, 6)),
        ("x: &x 1\na:\n  - *x\n  - *x\n", (3, 3, 4, 7)),
    ],
)
def test_places(source, expected):
    root = read(source)
    value = next(value for key, value in root.entries if key.text in {"a", "😀"})
    assert place(value) == expected
    assert value.span.file == "f"


def test_keys_have_places():
    root = read("a: {b: 1}\n'c': 2\n? d\n: 3\n")
    assert [place(key) for key, _ in root.entries] == [(1, 1, 1, 2), (2, 1, 2, 4), (3, 3, 3, 4)]


def test_an_alias_is_the_same_node_at_its_own_place():
    root = read("a: &n {x: 1}\nb: *n\nc: [*n]\n")
    first = root.entries[0][1]
    assert root.entries[1][1] is first
    assert root.entries[2][1].items[0] is first
    assert first.span.line == 1


def test_an_alias_as_key_stands_where_it_is_written():
    root = read("a: &n name\nb: {*n : 1}\n")
    key = root.entries[1][1].entries[0][0]
    assert key == Scalar("name", Span("f", 2, 5, 2, 7), plain=True)


def test_the_last_anchor_of_a_name_counts():
    assert plain(read("a: &n 1\nb: &n 2\nc: *n\n"))["c"] == "2"


def test_own_keys_win_over_merged_ones_and_the_first_mapping_over_the_second():
    root = read(
        "one: &one {a: 1, b: 1}\n"
        "two: &two {b: 2, c: 2}\n"
        "x: {<<: *one, a: own}\n"
        "y: {a: own, <<: [*one, *two]}\n"
        "z: {<<: {d: 4}, '<<': text}\n"
    )
    merged = plain(root)
    assert merged["x"] == {"a": "own", "b": "1"}
    assert merged["y"] == {"a": "own", "b": "1", "c": "2"}
    assert merged["z"] == {"d": "4", "<<": "text"}


def test_merged_value_has_its_own_place():
    root = read("base: &base\n  a: 1\nx:\n  <<: *base\n  b: 2\n")
    places = {key.text: key.span.line for key, _ in root.entries[1][1].entries}
    assert places == {"b": 5, "a": 2}


def test_merges_of_merges():
    root = read("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, z: 3}\n")
    assert plain(root)["c"] == {"x": "1", "y": "2", "z": "3"}


def test_tags_with_the_default_type_are_allowed():
    assert plain(read("a: !!str 1\nb: !!map {c: 1}\nd: !!seq [x]\n")) == {
        "a": "1",
        "b": {"c": "1"},
        "d": ["x"],
    }


def test_single_document_can_have_document_markers():
    assert plain(read("%YAML 1.2\n---\na: 1\n...\n")) == {"a": "1"}


def test_the_root_is_a_mapping_of_nodes():
    root = read("a: [b]")
    assert isinstance(root, Mapping)
    with pytest.raises(AttributeError):
        root.entries = ()
