"""A line under which a place is marked: cut to the width, masked, and nothing in it obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretgen.insight.plain_text import cells, printable
from secretgen.report.terminal import wrap
from secretgen.report.text import excerpt
from secretgen.spec.credential_tokens import MASK


def marked(text, mark, hidden=(), columns=40):
    shown = excerpt(text, mark, hidden, columns)
    return shown.line, " " * shown.start + "^" * shown.length


@pytest.mark.parametrize(
    ("text", "mark", "line", "marks"),
    [
        ("a: bcd", (4, 7), "a: bcd", "   ^^^"),
        ("a: bcd", (4, 4), "a: bcd", "   ^"),
        ("a: bcd", (7, 7), "a: bcd", "      ^"),
        ("\ta:\tb", (5, 6), "    a:    b", " " * 10 + "^"),
        ("日本: b", (5, 6), "日本: b", "      ^"),
        ("日本: b", (1, 3), "日本: b", "^^^^"),
        ("e\u0301: b", (5, 6), "e\u0301: b", "   ^"),
        ("\x1b[0m: b", (7, 8), r"\x1b[0m: b", " " * 9 + "^"),
        ("\u202ea", (2, 3), r"\u202ea", "      ^"),
        ("a\u00a0: b", (1, 2), r"a\xa0: b", "^"),
        ("a   ", (1, 2), "a", "^"),
    ],
)
def test_marks_the_text_at_the_place(text, mark, line, marks):
    assert marked(text, mark) == (line, marks)


@pytest.mark.parametrize(
    ("mark", "hidden", "line", "marks"),
    [
        ((4, 10), [(4, 10)], f"a: {MASK} b", "   ^^^^^^^^"),
        ((6, 8), [(4, 10)], f"a: {MASK} b", "   ^^^^^^^^"),
        ((11, 12), [(4, 10)], f"a: {MASK} b", "            ^"),
        ((1, 2), [(1, 3), (4, 12)], f"{MASK} {MASK}", "^^^^^^^^"),
    ],
)
def test_hides(mark, hidden, line, marks):
    assert marked("a: secret b", mark, hidden) == (line, marks)


def test_token_that_begins_far_before_the_excerpt_is_masked():
    text = "a: " + "S3CR3T" * 200 + " b"
    line, marks = marked(text, (1205, 1206), [(4, 1204)])
    assert (line, marks) == (f"…{MASK} b", " " * 10 + "^")


def test_cuts_around_the_mark():
    text = "".join(f"{n:04}" for n in range(1000))
    line, marks = marked(text, (2001, 2005))
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) <= 40
    assert line[marks.index("^") : len(marks)] == "0500"


LINES = st.text(st.characters(exclude_characters="\r\n"), max_size=120)


@given(LINES, st.integers(1, 130), st.integers(0, 60), st.integers(20, 100))
def test_excerpt_fits_and_contains_the_mark(text, column, length, columns):
    column = min(column, len(text) + 1)
    mark = (column, min(column + length, len(text) + 1))
    shown = excerpt(text, mark, [], columns)
    assert shown.line == printable(shown.line)
    assert shown.length >= 1
    assert shown.start <= columns
    # One character may be as wide as its escape: ten columns.
    assert cells(shown.line) <= columns + 10


@given(LINES, st.data())
def test_shows_nothing_that_is_hidden(text, data):
    begin = data.draw(st.integers(1, len(text) + 1))
    end = data.draw(st.integers(begin, len(text) + 1))
    column = data.draw(st.integers(1, len(text) + 1))
    secret = "S3CR3T"
    line = text[: begin - 1] + secret + text[end - 1 :]
    shown = excerpt(line, (column, column), [(begin, begin + len(secret))], 60)
    if secret not in text[: begin - 1] + text[end - 1 :]:
        assert secret not in shown.line


@given(st.text())
def test_visible_text_can_be_printed_and_is_stable(text):
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)
    printable(text).encode()


@given(st.text(st.sampled_from("ab  -/"), max_size=200), st.integers(1, 80))
def test_wrapping_loses_no_word(text, columns):
    lines = wrap(text, columns)
    assert " ".join(lines).split() == text.split()
