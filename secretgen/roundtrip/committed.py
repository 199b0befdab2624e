"""What committed HCL says: what is on record is not parsed again."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace

from secretgen.hcl.hcl_nodes import Body
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.compare import Code, Leaf, leaves
from secretgen.model.effective import effective
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.model.words import shown
from secretgen.readback.read_environment import Reading, read_environment
from secretgen.roundtrip.parsing import Parser
from secretgen.roundtrip.partial import read_rest
from secretgen.roundtrip.proof import HCL
from secretgen.roundtrip.record import (
    ENVIRONMENT,
    RECORD,
    lacks_files,
    on_record,
    part_on_record,
    record,
)
from secretgen.tree import inspect

_Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unreadable:
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
        similar: an environment that it may be like in part: what its record says of that is not
            parsed.
        strict: report what this release does not write. Otherwise only what cannot be parsed is
            reported, for files that somebody edited.
    """
    texts = {}
    for path, data in files.items():
        if path.endswith(HCL):
            try:
                texts[path] = data.decode()
            except UnicodeDecodeError:
                return Unreadable(f"{folder}/{path}", 1, "it is not UTF-8")
    published = _record(files)
    known = _known(posixpath.basename(folder), published, texts, layout, similar)
    strict = strict and not lacks_files(published, texts)
    try:
        reading = _read(folder, texts, layout, known, parser)
    except HclSyntaxError as error:
        return Unreadable(error.span.file, error.span.line, f"it does not parse: {error.summary}")
    if isinstance(reading, Environment):
        return reading
    odd = _odd(reading, folder, known.part) if strict else None
    return odd or reading.environment


@dataclass(frozen=True, slots=True)
class _Known:
    """What the record says of committed HCL.

    Args:
        whole: the environment, when all of it is known.
        part: holds the secrets and keys that are known.
    """

    whole: Environment | None = None
    part: Environment | None = None


def _record(files: Mapping[str, bytes]) -> str:
    """Returns the record as it was published; nothing when it is not there, or was edited."""
    data = files.get(RECORD)
    owned = inspect(data) if data is not None else None
    return data.decode() if data is not None and owned and owned.intact else ""


def _known(
    name: str, published: str, texts: _Files, layout: Layout, similar: Environment | None
) -> _Known:
    """Compares the record with what it would be if the HCL said what a similar environment is."""
    if similar is None or similar.name != name or not published:
        return _Known()
    lines = on_record(published, record(similar, texts, layout))
    if ENVIRONMENT in lines:
        return _Known(whole=effective(similar))
    return _Known(part=part_on_record(similar, lines))


def _read(
    folder: str, texts: _Files, layout: Layout, known: _Known, parser: Parser
) -> Reading | Environment:
    """Reads an environment.

    Raises:
        HclSyntaxError: a file does not parse.
    """
    if known.whole:
        return known.whole

    def parsed(files: _Files) -> dict[str, Body]:
        return {path: parser.parse(text, f"{folder}/{path}") for path, text in files.items()}

    name = posixpath.basename(folder)
    if known.part:
        reading = read_rest(name, texts, layout.module_source, known.part, parsed)
        if reading:
            return reading
    return read_environment(name, parsed(texts), layout.module_source)


def _odd(reading: Reading, folder: str, known: Environment | None) -> Unreadable | None:
    """Finds something that this release does not write."""
    notes = reading.notes
    odd = [(d.path, f"{'lacks' if d.found is None else 'has an unknown'}") for d in notes.oddities]
    odd += [
        (path, f"has {shown(leaf)} as")
        for path, leaf in leaves(_without(reading.environment, known)).items()
        if _has_code(leaf)
    ]
    if not odd:
        return None
    path, verb = odd[0]
    span = notes.places.get(path)
    file, line = (span.file, span.line) if span else (folder, 1)
    return Unreadable(file, line, f"it {verb} {'.'.join(path)}, unlike what this release writes")


def _without(environment: Environment, known: Environment | None) -> Environment:
    """Leaves out what is known."""
    if known is None:
        return environment
    names = {secret.name for secret in known.secrets}
    return replace(
        environment,
        secrets=tuple(s for s in environment.secrets if s.name not in names),
        keys=tuple(k for k in environment.keys if not k.dedicated or k.name not in names),
    )


def _has_code(leaf: Leaf) -> bool:
    if isinstance(leaf, list):
        return any(map(_has_code, leaf))
    return isinstance(leaf, Code)
