"""Parts: files of which several specs include what their environments share."""

from __future__ import annotations

from collections.abc import Callable, Container
from collections.abc import Mapping as Map
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from secretgen.diagnostics import Diagnostic, Span
from secretgen.errors import FileAccessError
from secretgen.spec import part_findings as findings
from secretgen.spec import source
from secretgen.spec.credentials import find_credentials, find_in_text
from secretgen.spec.decode_spec import decode
from secretgen.spec.fields import fields_of
from secretgen.spec.inputs import references
from secretgen.spec.schema import PART_FIELDS, PartHead, Spec
from secretgen.spec.suggest import Guesser
from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, field_of, walk

_HEAD = ("version", "inputs")
_OF_A_SPEC = frozenset({"environment", "aws", "backend"})
"""Keys that every spec has and no part."""

_OF_OWN_SECRETS = ("defaults", "tags")


class Part(Struct, frozen=True, dict=True):
    """A part as it is written: inputs are not replaced yet.

    Args:
        file: its path, relative to the root.
        text: its text, for excerpts.
        body: the fields that it gives to environments; None if it cannot be used.
        inputs: its inputs by name, each with its default; None for a required one.
        diagnostics: findings about it alone.
        is_spec: whether it is a spec.
    """

    file: str
    text: str
    body: Mapping | None
    inputs: Map[str, str | None]
    diagnostics: tuple[Diagnostic, ...] = ()
    is_spec: bool = False

    @cached_property
    def undeclared(self) -> tuple[tuple[str, Span], ...]:
        """The `$(name)` in its texts that are no inputs of it, each with its place."""
        found = references(self.body) if self.body else ()
        return tuple((name, span) for name, span in found if name not in self.inputs)

    @cached_property
    def nodes(self) -> int:
        """Number of its keys and values."""
        return sum(1 for _ in walk(self.body)) if self.body else 0


class Library:
    """The parts of a project, each read once.

    Args:
        read: returns the bytes of a file below the project root, by its path relative to it.
            It raises `FileAccessError` if there is no such file, or a link on the way to it.
    """

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._found: dict[str, Part | FileAccessError] = {}

    def part(self, file: str) -> Part:
        """Returns a part.

        Args:
            file: its path relative to the root, normalised.

        Raises:
            FileAccessError: it cannot be read.
        """
        if file not in self._found:
            try:
                self._found[file] = load_part(self._read(file), file)
            except FileAccessError as error:
                self._found[file] = error
        found = self._found[file]
        if isinstance(found, FileAccessError):
            raise found
        return found


def is_part(root: Mapping) -> bool:
    """Returns whether a document that is used as a spec is a part."""
    keys = {key.text for key, _ in root.entries}
    return not keys & _OF_A_SPEC and ("inputs" in keys or bool(keys & set(PART_FIELDS)))


def load_part(data: bytes, file: str) -> Part:
    """Reads a part, and checks what can be checked before its inputs are known.

    Args:
        data: the bytes of the file.
        file: its name, as it is to be shown.
    """
    text = data.decode("utf-8-sig", errors="replace")
    root, found = source.load(data, file)
    if not isinstance(root, Mapping):
        return Part(file, text, None, {}, (*found, *find_in_text(text, file, [])))
    keys = {key.text for key, _ in root.entries}
    if len(keys & _OF_A_SPEC) > 1:
        return Part(file, text, None, {}, (), is_spec=True)
    head = Mapping(tuple(e for e in root.entries if e[0].text in _HEAD), root.span)
    decoded, _, shape = decode(head, file, PartHead)
    body, unusable = _body(root)
    inputs = {name: spec.default for name, spec in decoded.inputs.items()} if decoded else {}
    credentials = _credentials(root, inputs)
    in_text = find_in_text(text, file, credentials)
    return Part(file, text, body, inputs, (*found, *credentials, *in_text, *shape, *unusable))


def _credentials(root: Mapping, inputs: Container[str]) -> list[Diagnostic]:
    """Finds credentials; what text with inputs is is known only once they are replaced."""
    replaced = {span for name, span in references(root) if name in inputs}
    found = find_credentials(root)
    return [d for d in found if d.rule == "SG301" or d.span not in replaced]


def _body(root: Mapping) -> tuple[Mapping, list[Diagnostic]]:
    """Returns the fields that a part gives to environments, and findings about other keys."""
    found: list[Diagnostic] = []
    entries: list[tuple[Scalar, Node]] = []
    known = [name for name in (*_HEAD, *PART_FIELDS) if field_of(root, name) is None]
    guess = Guesser().closest
    for key, value in root.entries:
        name = key.text
        if name in _HEAD:
            continue
        if name in fields_of(Spec) and name not in PART_FIELDS:
            found.append(findings.not_in_a_part(key))
            continue
        if name not in PART_FIELDS:
            name = guess(key.text, known)
            found.append(findings.unknown_key(key, known, name))
            if name not in PART_FIELDS:
                continue
            known.remove(name)
        if name not in _OF_OWN_SECRETS or isinstance(value, Mapping):
            entries.append((replace(key, text=name), value))
        elif not (isinstance(value, Scalar) and value.is_null):
            found.append(findings.no_mapping(key, value))
    return Mapping(tuple(entries), root.span), found
