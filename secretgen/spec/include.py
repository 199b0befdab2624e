"""A spec together with the parts that it includes, as one tree of nodes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from typing import NamedTuple

from msgspec import Struct, field

from secretgen.diagnostics import Diagnostic, Path, Span
from secretgen.errors import FileAccessError
from secretgen.spec import part_findings as findings
from secretgen.spec.build import MAX_NODES
from secretgen.spec.fields import format_at
from secretgen.spec.file_findings import Findings, UnreadableError
from secretgen.spec.inputs import Given, Replacer, TooLongError
from secretgen.spec.language_formats import PART_PATH
from secretgen.spec.merge import default_keys, merge
from secretgen.spec.parts import Library, Part
from secretgen.spec.places import Places
from secretgen.spec.source import MAX_BYTES
from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, Sequence, entries_in, field_of


class Undeclared(NamedTuple):
    """The use of an input that only another part declares.

    Args:
        name: the input.
        span: where it is used.
        file: the part that uses it.
        other: the part that declares it.
    """

    name: str
    span: Span
    file: str
    other: str


class Included(Struct, frozen=True):
    """A spec with its parts.

    Args:
        root: the merged document.
        diagnostics: findings about the parts and about how they are included.
        texts: the text of each part, by its file.
        undeclared: uses of inputs that are declared in another part only.
        defaults: where the parts give their own secrets a field or a tag: the keys of it.
        is_whole: whether all parts are in it.
    """

    root: Mapping
    diagnostics: tuple[Diagnostic, ...] = ()
    texts: Map[str, str] = field(default_factory=dict)
    undeclared: tuple[Undeclared, ...] = ()
    defaults: frozenset[Span] = frozenset()
    is_whole: bool = True


class _Item(NamedTuple):
    """One item of `include`.

    Args:
        file: the path of the part.
        inputs: names and values of its inputs.
        span: the whole item.
        path: where it stands in the spec.
        malformed: names of the inputs whose values are not text; None if no input can be read.
            Decoding the spec reports these mistakes.
    """

    file: Scalar
    inputs: tuple[tuple[Scalar, Scalar], ...]
    span: Span
    path: Path
    malformed: frozenset[str] | None = frozenset()


def include(root: Mapping, file: str, library: Library) -> Included:
    """Merges the parts that a spec includes with the spec itself.

    What has the wrong shape in `include` is left out here: decoding the spec reports it.

    Args:
        root: the spec.
        file: its name, for findings.
        library: the parts of the project.
    """
    listed = field_of(root, "include")
    if not isinstance(listed, Sequence):
        return Included(root)
    collector = _Collector(file, library)
    for item in _items(listed):
        collector.add(item)
    return collector.merged(root)


def _items(listed: Sequence) -> Iterator[_Item]:
    for index, node in enumerate(listed.items):
        path: Path = ("include", index)
        if isinstance(node, Scalar) and not node.is_null:
            yield _Item(node, (), node.span, path)
        elif isinstance(node, Mapping):
            file, inputs = field_of(node, "file"), field_of(node, "inputs")
            if isinstance(file, Scalar) and not file.is_null:
                yield _Item(file, tuple(_values(inputs)), node.span, path, _malformed(node, inputs))


def _values(inputs: Node | None) -> Iterator[tuple[Scalar, Scalar]]:
    for name, value in entries_in(inputs):
        if isinstance(value, Scalar) and not value.is_null:
            yield name, value


def _malformed(item: Mapping, inputs: Node | None) -> frozenset[str] | None:
    if inputs is None:
        has_misspelt = any(key.text != "file" for key, _ in item.entries)
        return None if has_misspelt else frozenset()
    if isinstance(inputs, Mapping):
        return frozenset(k.text for k, value in inputs.entries if not isinstance(value, Scalar))
    return frozenset() if isinstance(inputs, Scalar) and inputs.is_null else None


class _Collector:
    """Collects the parts of one spec."""

    def __init__(self, file: str, library: Library) -> None:
        self._library = library
        self._findings = Findings(file)
        self._found: list[Diagnostic] = []
        self._parts: dict[str, Part] = {}
        self._bodies: list[Mapping] = []
        self._seen: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
        self._nodes = 0
        self._characters = MAX_BYTES
        self._is_whole = True

    def add(self, item: _Item) -> None:
        """Adds the part of an item, as far as it can be used."""
        part = self._part(item)
        given = self._inputs(item, part) if part else None
        if part is None or part.body is None or given is None:
            self._is_whole = False
            return
        key = (part.file, tuple(sorted((name, value.text) for name, value in given.items())))
        if key in self._seen:
            line = self._seen[key]
            self._found.append(findings.repeated(item.file.span, item.path, part.file, line))
            return
        self._seen[key] = item.file.span.line
        self._add_body(item, part.nodes, part.body, given)

    def _part(self, item: _Item) -> Part | None:
        place, path = item.file, item.path
        if not re.fullmatch(PART_PATH, place.text):
            return None
        try:
            part = self._library.part(posixpath.normpath(place.text))
        except FileAccessError as error:
            self._found.append(findings.unreadable(place, path, error.summary))
            return None
        if part.is_spec:
            self._found.append(findings.spec_as_part(place, path))
            return None
        self._parts.setdefault(part.file, part)
        return part

    def _inputs(self, item: _Item, part: Part) -> dict[str, Given] | None:
        """Returns the values of a part's inputs; None if a required one is missing."""
        values = {
            name: Given(text, item.span) for name, text in part.inputs.items() if text is not None
        }
        misspelt = set()
        for key, value in item.inputs:
            if key.text in part.inputs:
                values[key.text] = Given(value.text, value.span)
                continue
            path = (*item.path, "inputs", key.text)
            found = findings.unknown_input(key, path, part.file, part.inputs)
            self._found.append(found)
            misspelt.add(found.suggestion)
        missing = [name for name in part.inputs if name not in values]
        for name in missing:
            if item.malformed is not None and name not in item.malformed | misspelt:
                self._found.append(
                    findings.missing_input(item.file.span, item.path, part.file, name)
                )
        return None if missing else values

    def _add_body(self, item: _Item, nodes: int, body: Mapping, given: Map[str, Given]) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            what = f"the parts have more than {MAX_NODES:,} keys and values"
            self._found.append(findings.too_large(item.span, item.path, what))
            self._is_whole = False
            return
        try:
            replacer = Replacer(given, self._findings, self._characters)
            replaced = replacer.replace(body)
        except TooLongError as error:
            what = f"the inputs make more than {MAX_BYTES // 1024 // 1024} MiB of text"
            self._found.append(findings.too_large(error.span, (), what))
        except UnreadableError:
            pass  # there are more findings than are reported
        else:
            assert isinstance(replaced, Mapping)  # noqa: S101 -- as the body is
            self._characters = replacer.left
            self._bodies.append(replaced)
            return
        self._is_whole = False

    def _undeclared(self) -> Iterator[Undeclared]:
        declared = {n: part.file for part in reversed(self._parts.values()) for n in part.inputs}
        for part in self._parts.values():
            for name, span in part.undeclared:
                if name in declared:
                    yield Undeclared(name, span, part.file, declared[name])

    def merged(self, root: Mapping) -> Included:
        """Returns the spec with its parts."""
        own = [d for part in self._parts.values() for d in part.diagnostics]
        return Included(
            merge(self._bodies, root),
            (*own, *self._found, *self._findings.found),
            {part.file: part.text for part in self._parts.values()},
            tuple(self._undeclared()),
            frozenset(key.span for body in self._bodies for key in default_keys(body)),
            self._is_whole,
        )


def with_undeclared(
    shape: list[Diagnostic], uses: Iterable[Undeclared], places: Places
) -> list[Diagnostic]:
    """Adds to findings about a shape the inputs that a part uses and only another one declares.

    Args:
        shape: findings about the shape of the merged spec. One about text that holds such an
            input makes way: the input is what is wrong there.
        uses: where they are used.
        places: the places of the merged spec.
    """
    used = list(uses)
    if not used:
        return shape
    paths = {span.written: path for path, span in (*places.values.items(), *places.keys.items())}
    wrong = {found.span.written for found in shape}
    reported = []
    for name, span, file, other in used:
        path = paths.get(span)
        if path is None:
            continue  # another part or the spec gives another value
        form = format_at(path)
        is_key = path in places.keys and places.keys[path].written == span
        is_text = span not in wrong and (is_key or (form is not None and not form.is_reference))
        reported.append(findings.undeclared(name, span, path, file, other, is_text=is_text))
    errors = {found.span for found in reported if found.rule == "SG495"}
    return [*reported, *(found for found in shape if found.span.written not in errors)]
