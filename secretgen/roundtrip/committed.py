"""What committed HCL says: what is on record is not parsed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from secretgen.hcl.decode import parse
from secretgen.hcl.nodes import Body
from secretgen.hcl.shapes import Shapes
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.model.compare import Code, Leaf, leaves
from secretgen.model.effective import effective
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.model.words import shown
from secretgen.readback.environment import Reading, read_environment
from secretgen.roundtrip.partial import read_rest
from secretgen.roundtrip.proof import HCL
from secretgen.roundtrip.record import ENVIRONMENT, RECORD, on_record, part_on_record, record
from secretgen.tree import inspect

_Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why committed HCL cannot be read.

    Args:
        file: the file, by its path in the folder of the environment.
        line: where in it.
        reason: what is wrong with it, without a full stop.
    """

    file: str
    line: int
    reason: str


def read_committed(
    name: str,
    files: Mapping[str, bytes],
    layout: Layout,
    similar: Environment | None = None,
    *,
    strict: bool = True,
) -> Environment | Unreadable:
    """Reads an environment as it is committed.

    Args:
        name: its name.
        files: its files, by their path in its folder.
        layout: the output folders.
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
                return Unreadable(path, 1, "it is not UTF-8")
    try:
        reading = _read(name, texts, layout, _known(name, files, texts, layout, similar))
    except HclSyntaxError as error:
        return Unreadable(error.span.file, error.span.line, f"it does not parse: {error.summary}")
    if isinstance(reading, Environment):
        return reading
    odd = _odd(reading) if strict else None
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


def _known(
    name: str,
    files: Mapping[str, bytes],
    texts: _Files,
    layout: Layout,
    similar: Environment | None,
) -> _Known:
    """Compares the record with what it would be if the HCL said what a similar environment is."""
    data = files.get(RECORD)
    owned = inspect(data) if data is not None else None
    if similar is None or similar.name != name or data is None or not owned or not owned.intact:
        return _Known()
    lines = on_record(data.decode(), record(similar, texts, layout))
    if ENVIRONMENT in lines:
        return _Known(whole=effective(similar))
    return _Known(part=part_on_record(similar, lines))


def _read(name: str, texts: _Files, layout: Layout, known: _Known) -> Reading | Environment:
    """Reads an environment.

    Raises:
        HclSyntaxError: a file does not parse.
    """
    if known.whole:
        return known.whole
    parse_item = Shapes().parse

    def parsed(rest: _Files) -> dict[str, Body]:
        return {path: parse(text, path, parse_item) for path, text in rest.items()}

    if known.part:
        reading = read_rest(name, texts, layout.module_source, known.part, parsed)
        if reading:
            return reading
    return read_environment(name, parsed(texts), layout.module_source)


def _odd(reading: Reading) -> Unreadable | None:
    """Finds something that this release does not write."""
    if reading.notes.oddities:
        first = reading.notes.oddities[0]
        span = reading.notes.places.get(first.path)
        where = ".".join(first.path)
        what = "lacks" if first.found is None else "has an unknown"
        file, line = (span.file, span.line) if span else ("", 1)
        return Unreadable(file, line, f"it {what} {where}, unlike what this release writes")
    for path, leaf in leaves(reading.environment).items():
        if _has_code(leaf):
            span = reading.notes.places.get(path)
            file, line = (span.file, span.line) if span else ("", 1)
            return Unreadable(file, line, f"{'.'.join(path)} is {shown(leaf)}")
    return None


def _has_code(leaf: Leaf) -> bool:
    if isinstance(leaf, list):
        return any(map(_has_code, leaf))
    return isinstance(leaf, Code)
