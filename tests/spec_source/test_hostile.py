"""Files made to hurt: each is refused by a limit, before it costs time or memory."""

import os
from pathlib import Path

import pytest

from secretgen.errors import FileAccessError
from secretgen.spec import build, source
from secretgen.spec.file_findings import MAX_FINDINGS
from secretgen.spec.source import MAX_BYTES, load, read


def rules(data):
    root, found = load(data if isinstance(data, bytes) else data.encode(), "f")
    assert root is None
    return [d.rule for d in found]


def bomb(levels, width):
    lines = ["a0: &a0 x"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels):
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: 1" for n in range(1000)) + "}"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (bomb(30, 9), "SG008"),
        (bomb(60, 2), "SG008"),
        (merge_bomb(60), "SG008"),
        (b"x: &x [" + b"a," * 1000 + b"]\ny: [" + b"*x," * 1000 + b"]", "SG008"),
        (b"[" * 1_000_000, "SG007"),
        (b"{a: " * 1_000_000, "SG007"),
        (b"- " * 1_000_000, "SG007"),
        (b"? " * 1_000_000, "SG007"),
        (b"x" * (MAX_BYTES + 1), "SG009"),
        (b"\n" * MAX_BYTES, "SG010"),
        (b"#" * MAX_BYTES, "SG010"),
        (b"\t" * MAX_BYTES, "SG002"),
        (b"%" * MAX_BYTES, "SG002"),
    ],
    ids=[
        "bomb",
        "long bomb",
        "merge bomb",
        "wide bomb",
        "lists",
        "mappings",
        "items",
        "keys",
        "size",
        "newlines",
        "comment",
        "tabs",
        "directives",
    ],
)
def test_refuses(data, rule):
    assert rules(data) == [rule]


@pytest.mark.parametrize("item", ["a,", "[],", "{},", "&a a,", "a: ,"])
def test_counts_every_value(item, monkeypatch):
    monkeypatch.setattr(build, "MAX_NODES", 1000)
    assert rules(f"[{item * 1001}]") == ["SG009"]


def test_counts_what_aliases_repeat(monkeypatch):
    monkeypatch.setattr(build, "MAX_NODES", 100)
    base = "a: &a [" + ", ".join("x" * 30) + "]\n"
    root, found = load((base + "b: *a\nc: *a\n").encode(), "f")
    assert root is not None
    assert found == []
    assert rules(base + "b: *a\nc: *a\nd: *a\n") == ["SG008"]


@pytest.mark.parametrize("source_text", ["a: 1\n", "a: !x\n", "\0\n"])
def test_stops_counting_findings(source_text):
    _, found = load((source_text * 10_000).encode(), "f")
    assert len(found) == MAX_FINDINGS
    assert "left out" in found[-1].detail


def test_marks_in_a_row_are_not_normalised():
    # Sorting them takes quadratic time: hours for this text.
    data = f'a: "{(chr(0x300) + chr(0x323)) * 1_000_000}"'.encode()
    _, found = load(data, "f")
    assert [d.rule for d in found] == ["SG006"]


def test_reads_a_file_and_a_link_to_it(tmp_path):
    file = tmp_path / "spec.yaml"
    file.write_bytes(b"a: 1\r\n\xff")
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    assert read(file) == read(link) == b"a: 1\r\n\xff"


def test_refuses_other_than_regular_files(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path, reason in [
        (tmp_path, "a directory"),
        (fifo, "a pipe"),
        (Path(os.devnull), "not a regular file"),
        (loop, "cannot be read"),
        (tmp_path / "missing", "does not exist"),
        (tmp_path / ("x" * 300), "cannot be read"),
        (tmp_path / "nul\0", "cannot be read"),
    ]:
        with pytest.raises(FileAccessError, match=reason) as caught:
            read(path)
        assert caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_refuses_a_file_it_may_not_read(tmp_path):
    file = tmp_path / "spec.yaml"
    file.write_text("a: 1")
    file.chmod(0)
    with pytest.raises(FileAccessError, match="cannot be read"):
        read(file)


def test_refuses_a_large_file_without_reading_it(tmp_path):
    file = tmp_path / "spec.yaml"
    with file.open("wb") as sparse:
        sparse.truncate(100 * 1024**3)
    with pytest.raises(FileAccessError, match="larger than"):
        read(file)


def test_reads_a_file_of_the_largest_size(tmp_path, monkeypatch):
    file = tmp_path / "spec.yaml"
    file.write_bytes(b"12345")
    monkeypatch.setattr(source, "MAX_BYTES", 5)
    assert read(file) == b"12345"
    monkeypatch.setattr(source, "MAX_BYTES", 4)
    with pytest.raises(FileAccessError, match="larger than"):
        read(file)
