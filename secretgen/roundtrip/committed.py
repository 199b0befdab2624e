"""What committed HCL says: what is on record is not parsed again."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from msgspec import Struct

from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.compare import Code, Leaf, leaves
from secretgen.model.effective import effective
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.model.words import shown
from secretgen.readback.read_environment import Reading, read_environment
from secretgen.roundtrip.parsing import Parser
from secretgen.roundtrip.proof import HCL
from secretgen.roundtrip.record import RECORD, is_on_record, lacks_files, record
from secretgen.tree import inspect


class Unreadable(Struct, frozen=True):
    """Why committed HCL cannot be read.

    Args:
        file: the file, or the folder, relative to the root.
        line: where in it.
        reason: what is wrong with it, without a full stop.
    """

    file: str
    line: int
    reason: str


def read_committed(
    folder: str,
    files: Mapping[str, bytes],
    layout: Layout,
    parser: Parser,
    similar: Environment | None = None,
    *,
    strict: bool = True,
) -> Environment | Unreadable:
    """Reads an environment as it is committed.

    Args:
        folder: its folder, relative to the root.
        files: its files, by their path in the folder.
        layout: the output folders.
        parser: parses its files.
        similar: an environment that it may be: when the record says so, nothing is parsed.
        strict: report what this release does not write. Otherwise only what cannot be parsed is
            reported, for files that a user edited.
    """
    texts = {}
    for path, data in files.items():
        if path.endswith(HCL):
            try:
                texts[path] = data.decode()
            except UnicodeDecodeError:
                return Unreadable(f"{folder}/{path}", 1, "it is not UTF-8")
    published = _record(files)
    name = posixpath.basename(folder)
    if similar and similar.name == name and is_on_record(published, record(similar, texts, layout)):
        return effective(similar)
    strict = strict and not lacks_files(published, texts)
    try:
        bodies = {path: parser.parse(text, f"{folder}/{path}") for path, text in texts.items()}
    except HclSyntaxError as error:
        return Unreadable(error.span.file, error.span.line, f"it does not parse: {error.summary}")
    reading = read_environment(name, bodies, layout.module_source)
    unexpected = _first_unexpected(reading, folder) if strict else None
    return unexpected or reading.environment


def _record(files: Mapping[str, bytes]) -> str:
    """Returns the record as it was published; nothing when it is not there, or was edited."""
    data = files.get(RECORD)
    owned = inspect(data) if data is not None else None
    return data.decode() if data is not None and owned and owned.intact else ""


def _first_unexpected(reading: Reading, folder: str) -> Unreadable | None:
    """Finds something that this release does not write."""
    notes = reading.notes
    unexpected = [
        (d.path, f"{'lacks' if d.found is None else 'has an unknown'}") for d in notes.oddities
    ]
    unexpected += [
        (path, f"has {shown(leaf)} as")
        for path, leaf in leaves(reading.environment).items()
        if _has_code(leaf)
    ]
    if not unexpected:
        return None
    path, verb = unexpected[0]
    span = notes.places.get(path)
    file, line = (span.file, span.line) if span else (folder, 1)
    return Unreadable(file, line, f"it {verb} {'.'.join(path)}, unlike what this release writes")


def _has_code(leaf: Leaf) -> bool:
    if isinstance(leaf, list):
        return any(map(_has_code, leaf))
    return isinstance(leaf, Code)
