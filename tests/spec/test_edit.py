"""Insertions into the text of a spec: what was there stays, byte by byte."""

import random
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from secretgen.spec.edit import EditError, append, insert

NAMES = st.text("abz019/_+=.@-", min_size=1, max_size=12)
TEXTS = st.one_of(
    NAMES,
    st.text("ab: #'\"\\\n,[]{}&*?|>%@`!-~yn01.é\u2028\U0001f511 ", max_size=12),
    st.sampled_from(["null", "yes", "1.10", "0042", "2024-01-01", "12:30:45", "1e3", "-", "- a"]),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.integers(-5, 5000)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
ENTRIES = st.dictionaries(NAMES, VALUES, min_size=1, max_size=3)


@st.composite
def specs(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A text that holds some secrets and changes, in one of many styles, and what it says."""
    secrets = draw(st.one_of(st.none(), st.dictionaries(NAMES, TEXTS_OR_MAPPINGS, max_size=3)))
    changes = draw(st.one_of(st.none(), st.lists(TEXTS_OR_MAPPINGS, max_size=3)))
    order = draw(st.permutations([("secrets", secrets), ("changes", changes), ("a", {"b": "c"})]))
    wanted = {key: value for key, value in order if value is not None or draw(st.booleans())}
    data: dict[str, Any] = {"version": "1", **wanted}
    text = yaml.dump(
        data,
        default_flow_style=draw(st.sampled_from([True, False, None])),
        default_style=draw(st.sampled_from([None, '"', "'"])),
        indent=draw(st.sampled_from([2, 4])),
        allow_unicode=draw(st.booleans()),
        sort_keys=False,
    )
    text = text.replace("!!null 'null'", "null").replace('!!null "null"', "null")
    return _dressed(text, draw(st.randoms(use_true_random=False))), _said(data)


TEXTS_OR_MAPPINGS = st.one_of(TEXTS, st.dictionaries(NAMES, TEXTS, max_size=2))


def _dressed(text: str, chance: random.Random) -> str:
    """Adds what a dump has not: comments, blank lines, other line breaks, no last one."""
    if chance.random() < 0.3:
        text = text.removesuffix("\n")
    lines = text.split("\n")
    # A text in quotes may go over several lines.
    plain = [i for i, line in enumerate(lines) if re.fullmatch(r"[^\s'\"-][^'\"]*:", line)]
    for i in plain:
        if chance.random() < 0.3:
            lines[i] += "  # a comment"
    if chance.random() < 0.3:
        lines.insert(0, "# a comment\n")
    return ("\r\n" if chance.random() < 0.2 else "\n").join(lines)


def _said(value: Any) -> Any:
    """What the parser makes of a value: text, and nothing for a null."""
    if isinstance(value, dict):
        return {key: _said(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_said(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def _read(text: str) -> Any:
    """What a parser says that knows nothing of the editor, with nulls as nothing."""
    nulls = {"", "~", "null"}

    def plain(node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {key.value: plain(value) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [plain(item) for item in node.value]
        return None if node.style is None and node.value in nulls else node.value

    return plain(yaml.compose(text, Loader=yaml.BaseLoader))


def _kept(before: str, after: str) -> bool:
    """Whether a text is in another one whole, in two pieces; an empty value may have gone."""
    begin = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
                 min(len(before), len(after)))  # fmt: skip
    rest = before[begin:]
    return any(
        after.endswith(rest[cut:]) and rest[:cut].strip() in ("", "{}", "[]", "null", "~")
        for cut in range(min(len(rest), 12) + 1)
    )


@given(spec=specs(), entries=ENTRIES, items=st.lists(VALUES, min_size=1, max_size=2))
def test_the_entries_come_in_and_nothing_else_changes(
    spec: tuple[str, dict[str, Any]], entries: dict[str, Any], items: list[Any]
) -> None:
    text, data = spec
    new = {k: v for k, v in entries.items() if k not in (data.get("secrets") or {})}
    edited = insert(text, ("secrets",), new)
    if new:
        data = {**data, "secrets": {**(data.get("secrets") or {}), **_said(new)}}
    assert _read(edited) == data
    assert _kept(text, edited)
    again = append(edited, ("changes",), items)
    data = {**data, "changes": [*(data.get("changes") or []), *_said(items)]}
    assert _read(again) == data
    assert _kept(edited, again)


ENTRY = {"prod/new": {"description": "New: it's", "kms_key": "aws-managed", "tags": {"A": "0042"}}}
WRITTEN = """\
  prod/new:
    description: "New: it's"
    kms_key: aws-managed
    tags: { A: "0042" }
"""
IN_ONE_LINE = 'prod/new: { description: "New: it\'s", kms_key: aws-managed, tags: { A: "0042" } }\n'
JSON = (
    '"prod/new": { "description": "New: it\'s", "kms_key": "aws-managed", "tags": { "A": "0042" } }'
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("version: 1\nsecrets:\n", f"version: 1\nsecrets:\n{WRITTEN}"),
        ("version: 1\n", f"version: 1\nsecrets:\n{WRITTEN}"),
        ("secrets: {}   # none\ntags: {}\n", f"secrets:   # none\n{WRITTEN}tags: {{}}\n"),
        ("secrets: null\nversion: 1\n", f"secrets:\n{WRITTEN}version: 1\n"),
        (
            "secrets:\n  a: {}  # of a\n  # and more\n\n# tags\ntags: {}\n",
            f"secrets:\n  a: {{}}  # of a\n  # and more\n{WRITTEN}\n# tags\ntags: {{}}\n",
        ),
        (
            "secrets:\n  a: { tags: { x: y } }\n\n  b: { tags: { x: y } }\n",
            "secrets:\n  a: { tags: { x: y } }\n\n  b: { tags: { x: y } }\n\n  " + IN_ONE_LINE,
        ),
        (
            "secrets:\n    a: {description: 'x'}\n",
            "secrets:\n    a: {description: 'x'}\n    "
            + IN_ONE_LINE.replace("'", "''").replace('"', "'"),
        ),
        ('{"secrets": {"a": {}}, "b": {}}', f'{{"secrets": {{"a": {{}}, {JSON}}}, "b": {{}}}}'),
        (
            "secrets:\n  a:\n    description: >-\n      folded\n      text",
            "secrets:\n  a:\n    description: >-\n      folded\n      text\n"
            + WRITTEN.removesuffix("\n"),
        ),
        ("\ufeffsecrets:\r\n  a: b\r\n", f"\ufeffsecrets:\r\n  a: b\r\n{WRITTEN}".replace(
            "\r\n", "\n").replace("\n", "\r\n")),
    ],
)  # fmt: skip
def test_in_the_style_of_the_file(before: str, after: str) -> None:
    assert insert(before, ("secrets",), ENTRY) == after


@pytest.mark.parametrize(
    "head",
    [
        "defaults: &d { days: 7 }\n",
        "defaults: &d\n  days: 7\n",
        "list: &d [a]\ndefaults: { x: 7 }\n",
    ],
)
def test_an_anchor_does_not_count_as_indentation(head: str) -> None:
    text = head + "secrets:\n  a/b: { x: y }\n"
    long = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a/much/longer/name/b-AbCdEf"
    items = [{"import": {"to": "secrets.a/b", "id": long}}]
    changes = f"changes:\n  - import:\n      to: secrets.a/b\n      id: {long}\n"
    assert append(text, ("changes",), items) == text + changes


@pytest.mark.parametrize(
    "text",
    [
        "base: &b { a: {} }\nsecrets: *b\n",
        "base: &b { secrets: { a: {} } }\n<<: *b\n",
        "secrets: text\n",
        "secrets: [a]\n",
        "secrets: {\n",
    ],
)
def test_spec_without_a_place_stays_unchanged(text: str) -> None:
    with pytest.raises(EditError):
        insert(text, ("secrets",), ENTRY)
