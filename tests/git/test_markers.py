"""Conflict markers, as Git writes them."""

import pytest

from secretgen.git import marker_lines, sides

PLAIN = b"<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> topic\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\n" + PLAIN + b"z", (b"a\nours\nz", b"a\ntheirs\nz")),
        (
            b"<<<<<<< a\r\no\r\n||||||| b\r\nb\r\n=======\r\nt\r\n>>>>>>> c\r\n",
            (b"o\r\n", b"t\r\n"),
        ),
        (b"<<<<<<<\n=======\nt\n>>>>>>>", (b"", b"t\n")),
        (PLAIN + b"=======\n" + PLAIN, (b"ours\n=======\nours\n", b"theirs\n=======\ntheirs\n")),
        (PLAIN[:-20], None),
        (PLAIN + b"<<<<<<< HEAD\n", None),
        (b"<<<<<<<< no\n=======\n>>>>>>> x\n", None),
        (b"", None),
    ],
)
def test_sides(data: bytes, expected: tuple[bytes, bytes] | None) -> None:
    assert sides(data) == expected


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a\n" + PLAIN + b"b\n" + PLAIN, (2, 4, 6, 8, 10, 12)),
        (b"=======\ntheirs\n>>>>>>> topic\n", (1, 3)),
        (b"title\n=======\n", ()),
        (b" <<<<<<< HEAD\n", ()),
    ],
)
def test_lines_of_markers(data: bytes, lines: tuple[int, ...]) -> None:
    assert marker_lines(data) == lines
