"""The arguments of one block or object, each to be taken once: what is left was not expected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from secretgen.diagnostics import Span
from secretgen.hcl.hcl_nodes import Attribute, Block, Body, Call, Entry, ObjectValue, Value
from secretgen.model.compare import BLOCK, Code, Difference, Path
from secretgen.readback.read_values import Conversion, code, matches, shown, text, to_plain


class Notes(Struct, frozen=True):
    """Taken while an environment is read.

    Args:
        places: where each attribute of the environment is written first, by its path.
        paths: what is written at a place.
        oddities: what does not belong together, or does not belong there at all. Nothing that
            a spec can say gives such HCL.
    """

    places: dict[Path, Span] = field(default_factory=dict)
    paths: dict[Span, Path] = field(default_factory=dict)
    oddities: list[Difference] = field(default_factory=list)

    def place(self, path: Path, span: Span) -> None:
        """Notes where an attribute is written; what is noted first stands."""
        self.places.setdefault(path, span)
        self.paths.setdefault(span, path)

    def add_unexpected(
        self, path: Path, expected: Any, found: Any, span: Span | None = None
    ) -> None:
        """Notes what is not as it has to be.

        Args:
            path: what it is: an attribute of the environment, or the address of a block.
            expected: what has to stand there; None for nothing.
            found: what stands there; None for nothing.
            span: where it stands, or should stand, if it is known.
        """
        if span:
            self.place(path, span)
        self.oddities.append(Difference(path, expected, found))


class Fields:
    """Reads arguments by name and notes where they stand.

    Args:
        source: a block, or an object.
        span: its place, which stands for arguments that are not there.
        path: what of the environment it is.
        notes: where to take notes.
    """

    def __init__(self, source: Body | ObjectValue, span: Span, path: Path, notes: Notes) -> None:
        self.span = span
        self.path = path
        self.notes = notes
        self._arguments: dict[str, Attribute | Entry] = {}
        self._blocks: list[Block] = []
        if isinstance(source, Body):
            self._arguments = {a.name: a for a in source.attributes}
            self._blocks = list(source.blocks)
        else:
            self._arguments = {e.key: e for e in source.entries}

    @classmethod
    def of(cls, value: Value, path: Path, notes: Notes) -> Fields:
        """Reads the attributes of an expression; one that is no object has none, and is odd."""
        if isinstance(value, ObjectValue):
            return cls(value, value.span, path, notes)
        notes.add_unexpected(path, "an object", to_plain(value), value.span)
        return cls.none(notes)

    @classmethod
    def none(cls, notes: Notes) -> Fields:
        """Stands for a block that is not there: it has no argument."""
        return cls(Body((), ()), Span(""), (), notes)

    def take(self, argument: str, *words: str) -> Value | None:
        """Takes an argument as it is written.

        Args:
            argument: its name.
            words: what it is, below the path of these fields; nothing for what is nothing by
                itself.

        Returns:
            The expression; None when it is not there.
        """
        found = self._arguments.pop(argument, None)
        if found is None:
            return None
        if words:
            self.notes.place((*self.path, *words), found.span)
        return found.value

    def get(
        self, argument: str, convert: Conversion = text, *words: str, absent: Any = None
    ) -> Any:
        """Takes an argument as a value of the spec.

        Args:
            argument: its name.
            convert: the conversion to its type.
            words: what it is, below the path; by default its own name.
            absent: the value when it is not there.

        Returns:
            The value; `Code` when it is of another type.
        """
        value = self.take(argument, *(words or (argument,)))
        return absent if value is None else convert(value)

    def peek(self, argument: str, convert: Conversion = text) -> Any:
        """Returns an argument without taking it; None when it is not there."""
        found = self._arguments.get(argument)
        return convert(found.value) if found else None

    def place_of(self, argument: str) -> Span | None:
        """Returns where an argument stands without taking it; None when it is not there."""
        found = self._arguments.get(argument)
        return found.span if found else None

    def expect(self, argument: str, expected: Any, *words: str) -> None:
        """Takes an argument that has only one right value.

        Args:
            argument: its name.
            expected: what `says` takes; None for no such argument.
            words: what it is, below the path; by default its own name.
        """
        found = self._arguments.pop(argument, None)
        if (found is None and expected is None) or (found and matches(found.value, expected)):
            return
        self.notes.add_unexpected(
            (*self.path, *(words or (argument,))),
            shown(expected),
            to_plain(found.value) if found else None,
            found.span if found else self.span,
        )

    def skip(self, *arguments: str) -> None:
        """Takes arguments that say nothing of the environment, whatever they say."""
        for argument in arguments:
            self._arguments.pop(argument, None)

    def object(self, argument: str, *words: str) -> Fields | None:
        """Takes an argument that is an object, to be read in turn; None when it is none."""
        found = self._arguments.get(argument)
        if found is None or not isinstance(found.value, ObjectValue):
            return None
        del self._arguments[argument]
        path = (*self.path, *words)
        self.notes.place(path, found.span)
        return Fields(found.value, found.span, path, self.notes)

    def texts_by_name(self, argument: str) -> Any:
        """Takes an argument that is an object of text, as a dict; empty when it is not there."""
        found = self._arguments.get(argument)
        fields = self.object(argument, argument)
        if fields is None:
            return {} if found is None else self.get(argument, lambda value: Code(code(value)))
        texts = {}
        for name, value, span in fields.rest():
            self.notes.place((*fields.path, name), span)
            texts[name] = text(value)
        return texts

    def document(self, argument: str, *words: str) -> Fields | None:
        """Takes an argument that is a JSON document, to be read in turn; None when it is none."""
        found = self._arguments.get(argument)
        match found.value if found else None:
            case Call("jsonencode", (ObjectValue() as document,)):
                self._arguments.pop(argument)
                return Fields(document, document.span, (*self.path, *words), self.notes)
        return None

    def rest(self) -> Iterator[tuple[str, Value, Span]]:
        """Takes all arguments that are left, with their names and places."""
        while self._arguments:
            name = next(iter(self._arguments))
            found = self._arguments.pop(name)
            yield name, found.value, found.span

    def block(self, kind: str, *labels: str, path: Path | None = None) -> Fields | None:
        """Takes a nested block.

        Args:
            kind: its type.
            labels: its labels.
            path: what of the environment it is; by default the same as these fields.

        Returns:
            Its arguments; None when there is no such block.
        """
        for block in self._blocks:
            if (block.type, block.labels) == (kind, labels):
                self._blocks.remove(block)
                path = self.path if path is None else path
                self.notes.place(path, block.span)
                return Fields(block.body, block.span, path, self.notes)
        return None

    def expect_block(self, kind: str, argument: str, expected: Any) -> None:
        """Takes a nested block that has to be there, and the one argument that it has to have."""
        block = self.block(kind)
        if block:
            block.expect(argument, expected)
            block.finish()
        else:
            self.add_unexpected(kind, BLOCK, None)

    def add_unexpected(
        self, word: str, expected: Any, found: Any, span: Span | None = None
    ) -> None:
        """Notes what is not as it has to be: `word` is what it is, below the path of these fields.

        The other arguments are those of `Notes.add_unexpected`; the place is by default that of
        the whole block or object.
        """
        self.notes.add_unexpected((*self.path, word), expected, found, span or self.span)

    def finish(self) -> None:
        """Notes everything that was not taken."""
        for name, value, span in self.rest():
            self.add_unexpected(name, None, to_plain(value), span)
        for block in self._blocks:
            self.add_unexpected(".".join((block.type, *block.labels)), None, BLOCK, block.span)
