"""Parses blocks that differ in nothing but their words once, however many there are of them.

An environment of a thousand secrets has thousands of blocks, but few shapes of blocks. What takes
time is python-hcl2, whose word on the structure is asked once for each shape: for the block with
its strings, and the names behind dots, replaced by stand-ins; and of the entries of an object or
a list that are of one shape, each on a line of its own, for the first. The words themselves come
from the tokens of each block, as they always do; no other part of its text may differ. A shape is
learned when it is seen again: most come once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from secretgen.diagnostics import Span
from secretgen.hcl.cursor import Cursor
from secretgen.hcl.decode import Item, split
from secretgen.hcl.folds import Fold, folds, kept
from secretgen.hcl.hcl_nodes import (
    Attribute,
    Block,
    Body,
    Call,
    Entry,
    Index,
    ListValue,
    Literal,
    ObjectValue,
    Raw,
    Reference,
)
from secretgen.hcl.tokens import HclSyntaxError, Kind, Source, Token, unquote

Tokens = Sequence[Token]

_ITSELF = range(1)
"""How far behind itself what is in no fold stands."""


class _WordsMatterError(Exception):
    """What was found for a shape may not hold for a text of that shape."""


class Shapes:
    """Parses items, and remembers their shapes. Keep one for as long as a run takes."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._makers: dict[tuple[str, tuple[Fold, ...]], _Maker | None] = {}

    def parse(self, item: Item) -> Attribute | Block:
        """Parses an item; what comes back is the same as from `item.parse()`.

        Raises:
            HclSyntaxError: it is no HCL.
        """
        tokens = [token for token in item.tokens if token.kind is not Kind.COMMENT]
        found = folds(item.source.text, tokens)
        indices = kept(tokens, found)
        shape = _shape(item.source.text, tokens, indices), found
        if not found and shape[0] not in self._seen:
            self._seen.add(shape[0])
            return item.parse()
        if shape not in self._makers:
            kinds = [tokens[index].kind for index in indices]
            self._makers[shape] = _learn(shape[0], kinds, indices, found)
        make = self._makers[shape]
        if make is None:
            return item.parse()
        try:
            made: Attribute | Block = make(_Words(item.source, tokens))
        except _WordsMatterError:
            return item.parse()
        return made


class _Words:
    """The tokens of one item; or those from one of them on, as those of a line of a fold."""

    __slots__ = ("_shift", "_source", "_text", "_tokens")

    def __init__(self, source: Source, tokens: Tokens, shift: int = 0) -> None:
        self._source = source
        self._text = source.text
        self._tokens = tokens
        self._shift = shift

    def lines(self, shifts: range) -> Iterable[_Words]:
        """Returns the words of each line of a fold."""
        return [self] if shifts is _ITSELF else [self._shifted(shift) for shift in shifts]

    def _shifted(self, shift: int) -> _Words:
        return _Words(self._source, self._tokens, shift)

    def word(self, index: int) -> str:
        """Returns what a name or a string says."""
        _, start, end = self._tokens[index + self._shift]
        return unquote(self._text[start:end])

    def span(self, first: int, last: int) -> Span:
        """Returns the place from one token to another."""
        tokens, shift = self._tokens, self._shift
        return self._source.span(tokens[first + shift].start, tokens[last + shift].end)

    def raw(self, first: int, last: int) -> Raw:
        """Returns an expression as text."""
        tokens = self._tokens[first + self._shift : last + self._shift + 1]
        cursor = Cursor(self._source, tuple(tokens))
        cursor.at = last + 1 - first
        return Raw(cursor.source_since(0), self.span(first, last))


_Maker = Callable[[_Words], Any]
"""Makes a node of the words of an item."""


def _shape(text: str, tokens: Tokens, indices: Sequence[int]) -> str:
    """Writes an item without its words: a stand-in tells the index of the token it stands for."""
    pieces: list[str] = []
    done = tokens[0].start
    after_dot = False
    for index in indices:
        kind, start, end = tokens[index]
        if start > done:
            pieces.append(" ")
        done = end
        if kind is Kind.STRING:
            pieces.append(f'"s{index}"')
        elif kind is Kind.NAME and after_dot:
            pieces.append(f"n{index}")
        elif kind is Kind.NEWLINE:
            pieces.append("\n")
        else:
            pieces.append(text[start:end])
        after_dot = kind is Kind.PUNCTUATION and text[start:end] == "."
    return "".join(pieces)


def _learn(
    shape: str, kinds: list[Kind], indices: list[int], found: Sequence[Fold]
) -> _Maker | None:
    """Parses a shape, and makes what fills in the words; None when each text has to be parsed."""
    try:
        (item,) = split(shape, "")
        made = item.parse()
        if [kind for kind, _, _ in item.tokens] == kinds:
            learner = _Learner(item, indices, found)
            make = learner.maker(made)
            return make if learner.unfolds_all else None
    except (HclSyntaxError, ValueError, _WordsMatterError):
        # The item itself tells what is wrong with it, if anything is.
        pass
    return None


class _Learner:
    """Makes the makers of one shape.

    Args:
        item: the shape, as an item.
        indices: of each of its tokens, in the items of that shape.
        found: what stands for more lines than one.
    """

    def __init__(self, item: Item, indices: list[int], found: Sequence[Fold]) -> None:
        self._item = item
        self._indices = indices
        self._folds = {fold.first: fold for fold in found}
        self._first: dict[tuple[int, int], int] = {}
        self._last: dict[tuple[int, int], int] = {}
        for index, token in zip(indices, item.tokens, strict=True):
            span = item.source.span(token.start, token.end)
            self._first[span.line, span.column] = index
            self._last[span.end_line, span.end_column] = index

    @property
    def unfolds_all(self) -> bool:
        """Whether each fold was found to be entries of an object or a list, and nothing else."""
        return not self._folds

    def maker(self, node: Any) -> _Maker:
        """Makes the maker of a node.

        Raises:
            _WordsMatterError: whether there is such a node depends on the words.
        """
        kinds: dict[type, Callable[[Any, int, int], _Maker]] = {
            Attribute: self._attribute,
            Block: self._block,
            Call: self._call,
            ListValue: self._list,
            Literal: _literal,
            ObjectValue: self._object,
            Raw: self._raw,
            Reference: _reference,
        }
        return kinds[type(node)](node, *self._range(node.span))

    def _range(self, span: Span) -> tuple[int, int]:
        """Returns the first and the last token of what stands at a place of the shape."""
        return self._first[span.line, span.column], self._last[span.end_line, span.end_column]

    def _makers(self, nodes: Iterable[Any]) -> list[_Maker]:
        return [self.maker(node) for node in nodes]

    def _attribute(self, node: Attribute, first: int, last: int) -> _Maker:
        make_value = self.maker(node.value)
        return lambda words: Attribute(node.name, make_value(words), words.span(first, last))

    def _list(self, node: ListValue, first: int, last: int) -> _Maker:
        makers = [
            (self._unfold(*self._range(n.span), is_list=True), self.maker(n)) for n in node.items
        ]
        return lambda words: ListValue(
            tuple([make(line) for shifts, make in makers for line in words.lines(shifts)]),
            words.span(first, last),
        )

    def _call(self, node: Call, first: int, last: int) -> _Maker:
        makers = self._makers(node.arguments)
        return lambda words: Call(
            node.function, tuple([make(words) for make in makers]), words.span(first, last)
        )

    def _object(self, node: ObjectValue, first: int, last: int) -> _Maker:
        ranges = [self._range(entry.span) for entry in node.entries]
        shifts = [self._unfold(*of_entry, is_list=False) for of_entry in ranges]
        makers = [self.maker(entry.value) for entry in node.entries]
        entries = list(zip(shifts, ranges, makers, strict=True))
        size = sum(map(len, shifts))

        def make(words: _Words) -> ObjectValue:
            made = {
                line.word(key): (make_value(line), line.span(key, end))
                for shifts, (key, end), make_value in entries
                for line in words.lines(shifts)
            }
            if len(made) != size:
                raise _WordsMatterError
            return ObjectValue(
                tuple([Entry(key, value, span) for key, (value, span) in made.items()]),
                words.span(first, last),
            )

        return make

    def _block(self, node: Block, first: int, last: int) -> _Maker:
        labels = range(first + 1, first + 1 + len(node.labels))
        attributes, blocks = self._makers(node.body.attributes), self._makers(node.body.blocks)
        return lambda words: Block(
            node.type,
            tuple([words.word(label) for label in labels]),
            Body(
                tuple([make(words) for make in attributes]),
                tuple([make(words) for make in blocks]),
            ),
            words.span(first, last),
        )

    def _unfold(self, first: int, last: int, *, is_list: bool) -> range:
        """Returns the shifts of the lines that an entry stands for: itself, and others like it."""
        fold = self._folds.get(first)
        if fold is None:
            return _ITSELF
        line = self._item.tokens[self._at(first) : self._at(first) + fold.width]
        behind = [self._item.source.text[t.start : t.end] for t in line[last + 1 - first : -1]]
        if behind != [","] and (behind or is_list):
            raise _WordsMatterError
        del self._folds[first]
        return fold.shifts

    def _at(self, index: int) -> int:
        """Returns where in the shape a token is."""
        return bisect_left(self._indices, index)

    def _raw(self, _node: Raw, first: int, last: int) -> _Maker:
        tokens = self._item.tokens[self._at(first) : self._at(last) + 1]
        text = self._item.source.text
        for token, behind in pairwise(tokens):
            is_key = token.kind is Kind.STRING and text[behind.start : behind.end] in ("=", ":")
            if is_key:  # of an object, which may not have it twice
                raise _WordsMatterError
        return lambda words: words.raw(first, last)


def _literal(node: Literal, first: int, last: int) -> _Maker:
    if isinstance(node.value, str):
        return lambda words: Literal(words.word(first), words.span(first, last))
    return lambda words: Literal(node.value, words.span(first, last))


def _reference(node: Reference, first: int, last: int) -> _Maker:
    """Behind the first name, every text is a stand-in, which tells the index of its token."""
    head, *others = node.parts
    parts = [
        (
            part,
            None if isinstance(part, int) else int(part[1:]),
            Index if isinstance(part, Index) else str,
        )
        for part in others
    ]
    return lambda words: Reference(
        (head, *[part if at is None else kind(words.word(at)) for part, at, kind in parts]),
        words.span(first, last),
    )
