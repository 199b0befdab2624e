"""Inputs of a part: `$(name)` in its keys and texts stands for a value that a spec gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import NamedTuple

from msgspec.structs import replace

from secretgen.diagnostics import Span
from secretgen.spec import characters
from secretgen.spec.file_findings import Findings
from secretgen.spec.language_formats import INPUT_NAME
from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, Sequence, walk

_REFERENCE = re.compile(rf"\$(\$?)\(({INPUT_NAME})\)")


class Given(NamedTuple):
    """The value of an input.

    Args:
        text: the value.
        place: the place in a spec that gave it: the input of an `include`, or the `include`
            itself for a default.
    """

    text: str
    place: Span


class TooLongError(Exception):
    """The inputs make more text than a spec may hold.

    Args:
        span: the place that passed the limit.
    """

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


class Replacer:
    """Replaces the inputs of one part, for one `include` of it.

    Args:
        inputs: the inputs of the part by name, with their values.
        findings: receives keys that become equal, and text that stops being valid.
        limit: characters that replaced text may have in total.
    """

    def __init__(self, inputs: Map[str, Given], findings: Findings, limit: int) -> None:
        self._inputs = inputs
        self._findings = findings
        self.left = limit

    def replace(self, node: Node) -> Node:
        """Returns a node with its inputs replaced; the same object if it has none.

        Raises:
            TooLongError: the limit is passed.
        """
        if isinstance(node, Scalar):
            return self._scalar(node)
        if isinstance(node, Sequence):
            items = tuple(map(self.replace, node.items))
            same = all(one is other for one, other in zip(items, node.items, strict=True))
            return node if same else Sequence(items, node.span)
        return self._mapping(node)

    def _mapping(self, node: Mapping) -> Mapping:
        entries = [(self._scalar(key), self.replace(value)) for key, value in node.entries]
        pairs = zip(entries, node.entries, strict=True)
        if all(new[0] is old[0] and new[1] is old[1] for new, old in pairs):
            return node
        first: dict[str, Scalar] = {}
        for key, _ in entries:
            same = first.setdefault(key.text, key)
            if same is not key:
                self._findings.duplicate_key(key.span, key.text, same.span)
        unique = {key.text: (key, value) for key, value in reversed(entries)}
        return Mapping(tuple(reversed(unique.values())), node.span)

    def _scalar(self, scalar: Scalar) -> Scalar:
        if "$" not in scalar.text:
            return scalar
        places: list[Span] = []

        def value(match: re.Match[str]) -> str:
            if match[1]:
                return f"$({match[2]})"
            given = self._inputs.get(match[2])
            if given is None:
                return match[0]
            if given.place not in places:
                places.append(given.place)
            return given.text

        text = _REFERENCE.sub(value, scalar.text)
        if text == scalar.text:
            return scalar
        self.left -= len(text)
        span = scalar.span._replace(includes=tuple(places))
        if self.left < 0:
            raise TooLongError(span)
        replaced = Scalar(self._valid(text, span), span, scalar.plain)
        # A number or a boolean stays one as in a spec; no input stands for nothing.
        return replace(replaced, plain=False) if replaced.is_null else replaced

    def _valid(self, text: str, span: Span) -> str:
        """Brings text into the form that text of a file has: its pieces may have joined."""
        if text.isascii():
            return text
        if characters.stacks_marks(text):
            self._findings.stacked_marks(span)
            return characters.REPLACEMENT
        return characters.normal_form(text)


def references(node: Node) -> Iterator[tuple[str, Span]]:
    """Yields the name and the place of each `$(name)` in the keys and texts of a node."""
    for found in walk(node):
        if isinstance(found, Scalar) and "$" in found.text:
            for match in _REFERENCE.finditer(found.text):
                if not match[1]:
                    yield match[2], found.span
