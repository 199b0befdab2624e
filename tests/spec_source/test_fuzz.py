"""Whatever the bytes: no exception, every finding inside the file, the same tree as PyYAML's."""

import pathlib

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secretgen.spec.characters import Lines
from secretgen.spec.credentials import find_credentials, find_in_text
from secretgen.spec.source import Mapping, Scalar, Sequence, load

REFERENCE = (pathlib.Path(__file__).parents[1] / "reference/production.yaml").read_bytes()
MARKS = ": - ? ! !! & &a * *a << | > |+ >- ' \" # % %YAML @ ` , [ ] { } {{ --- ... \\x \\ud800 null"
PIECES = [
    *(piece.encode() for piece in MARKS.split()),
    *(b"a", b"b", b": ", b"- ", b"\n", b"\n ", b"  ", b"\t", b"\r\n", b"\r", b"\0", b"\x85"),
    *(text.encode() for text in ("\x85", "\u2028", "\ufeff", "é", "e\u0301", "😀", "\\u00e9")),
    *(b"\xff", b"password: hunter2", b"AKIAIOSFODNN7EXAMPLE", b"value: x\n"),
]
YAML_LIKE = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)


@st.composite
def mutations(draw):
    """The reference spec with some pieces cut out, doubled, or replaced."""
    data = REFERENCE
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(data)))
        end = min(len(data), begin + draw(st.integers(0, 30)))
        data = data[:begin] + draw(st.sampled_from([*PIECES, data[begin:end] * 2])) + data[end:]
    return data


def assert_sound(data):
    root, found = load(data, "f")
    text = data.decode("utf-8-sig", errors="replace")
    lines = Lines(text)
    if root is None:
        assert any(d.severity == "error" for d in found)
    else:
        assert isinstance(root, Mapping)
        found = [*found, *find_credentials(root)]
        for node in everything(root):
            assert_inside(node.span, lines)
    found = [*found, *find_in_text(text, "f", found)]
    for diagnostic in found:
        assert diagnostic.summary
        assert diagnostic.detail
        assert_inside(diagnostic.span, lines)
    assert load(data, "f")[1] == load(data, "f")[1]


def assert_inside(span, lines):
    assert span.file == "f"
    assert (1, 1) <= (span.line, span.column) <= (span.end_line, span.end_column)
    for line, column in ((span.line, span.column), (span.end_line, span.end_column)):
        assert line <= len(lines)
        assert column <= len(lines.line(line)) + 1


def everything(node):
    yield node
    if isinstance(node, Sequence):
        for item in node.items:
            yield from everything(item)
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            yield key
            yield from everything(value)


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"? ")
@example(b"a: &x")
@example(b"&x")
@example(b"a: |")
def test_any_bytes(data):
    assert_sound(data)


@settings(max_examples=400)
@given(YAML_LIKE)
def test_anything_like_yaml(data):
    assert_sound(data)


@settings(max_examples=50)
@given(YAML_LIKE)
def test_anything_like_yaml_without_libyaml(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "__with_libyaml__", False)
        assert_sound(data)


@settings(max_examples=100)
@given(mutations())
def test_mutations_of_the_reference(data):
    assert_sound(data)


# Text of assigned characters in NFC, without controls and their kind: what a spec may hold.
UNUSED = ("Cs", "Cc", "Cf", "Cn", "Mn", "Mc", "Me", "Lo", "So", "Zl", "Zp")
TEXTS = st.text(st.characters(exclude_categories=UNUSED), max_size=12) | st.sampled_from(
    ["", " ", "~", "null", "yes", "0042", "<<", "a\nb", "\n", "é", "日本", "# x", "- a"]
)
TREES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def plain(node):
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


@settings(max_examples=200)
@given(
    st.dictionaries(TEXTS, TREES, min_size=1, max_size=5),
    st.booleans() | st.none(),
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.booleans(),
)
def test_reads_back_what_pyyaml_writes(tree, flow, style, unicode):
    written = yaml.safe_dump(
        tree, default_flow_style=flow, default_style=style, allow_unicode=unicode, sort_keys=False
    )
    root, found = load(written.encode(), "f")
    assert all(d.rule == "SG011" for d in found)
    assert root is not None
    if not found:
        assert plain(root) == tree


@given(
    st.dictionaries(
        st.from_regex(r"\A[a-zé日]{1,5}\Z"), st.from_regex(r"\A[a-zé日0-9./:_-]{1,9}\Z"), min_size=1
    )
)
def test_the_text_of_a_plain_scalar_stands_at_its_place(tree):
    written = yaml.safe_dump({"x": tree, "y": list(tree)}, allow_unicode=True, sort_keys=False)
    lines = Lines(written)
    root, _ = load(written.encode(), "f")
    for node in everything(root):
        if isinstance(node, Scalar) and node.plain:
            assert (
                lines.line(node.span.line)[node.span.column - 1 : node.span.end_column - 1]
                == node.text
            )
