"""Reads HCL text, strictly: what comes back is what Terraform reads, or there is an error.

python-hcl2 finds the structure, one argument at a time and each block without its inside;
`reader` says how it is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from secretgen.hcl.cursor import Cursor
from secretgen.hcl.grammar import GrammarError, syntax_tree
from secretgen.hcl.hcl_nodes import Attribute, Block, Body
from secretgen.hcl.reader import read_item
from secretgen.hcl.tokens import CLOSING, OPENING, Kind, Source, Token, tokenize

_ENDS = {"else": ("if",), "endif": ("if", "else"), "endfor": ("for",)}


def check_directives(source: Source, tokens: list[Token]) -> None:
    """Checks what python-hcl2 does not.

    Raises:
        HclSyntaxError: a directive that does not begin, go on or end another, or has no end.
    """
    if "%{" not in source.text:
        return
    templates: list[list[tuple[str, Token]]] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.TEMPLATE_OPEN:
            templates.append([])
        elif token.kind is Kind.TEMPLATE_CLOSE:
            for keyword, start in templates.pop()[:1]:
                raise source.error(f"Template directive {keyword!r} has no end", start.start)
        elif token.kind is Kind.OPEN and source.text.startswith("%{", token.start):
            _follow(source, templates[-1], tokens[index + 1])


def _follow(source: Source, opened: list[tuple[str, Token]], token: Token) -> None:
    """Takes one directive, given those around it in its template."""
    keyword = source.text[token.start : token.end]
    if keyword in _ENDS:
        if not opened or opened[-1][0] not in _ENDS[keyword]:
            raise source.error(f"Unexpected template directive {keyword!r}", token.start, token.end)
        opened.pop()
    if keyword in ("if", "for", "else"):
        opened.append((keyword, token))
    elif keyword not in _ENDS:
        raise source.error("Invalid template directive", token.start, token.end)


class Item(Struct, frozen=True):
    """An argument or block that is not parsed yet.

    Args:
        source: the whole text.
        tokens: the item's own, and the newline that ends it.
    """

    source: Source
    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        """The item as it stands, without the newline that ends it."""
        return self.source.text[self.tokens[0].start : self.tokens[-1].start]

    def parse(self) -> Attribute | Block:
        """Parses the item.

        Raises:
            HclSyntaxError: it is no HCL.
        """
        opening = self._opening
        if opening is None:
            return self._parse(self.tokens)
        closing = len(self.tokens) - 2
        shell = self._parse((*self.tokens[:opening], *self.tokens[closing:]))
        assert isinstance(shell, Block)  # noqa: S101 -- it has no equals sign
        inside = _cut(self.source, self.tokens[opening:closing])
        return replace(shell, body=_body(self.source, inside))

    @property
    def _opening(self) -> int | None:
        """Index behind the first bracket of a block whose inside stands on lines of its own."""
        kinds = [kind for kind, _, _ in self.tokens]
        if Kind.OPEN not in kinds or kinds[-2] is not Kind.CLOSE:
            return None
        opening = kinds.index(Kind.OPEN) + 1
        is_head = {*kinds[: opening - 1]} <= {Kind.NAME, Kind.STRING}
        has_lines = kinds[opening] is Kind.NEWLINE is kinds[-3]
        if not (is_head and has_lines):
            return None
        steps = ((kind in OPENING) - (kind in CLOSING) for kind in kinds[opening - 1 :])
        end = opening - 1 + list(accumulate(steps)).index(0)
        return opening if end == len(kinds) - 2 else None

    def _parse(self, tokens: tuple[Token, ...]) -> Attribute | Block:
        cursor = Cursor(self.source, tokens)
        try:
            tree = syntax_tree(cursor.outline.text)
        except GrammarError as error:
            cursor.take_until(error.offset, 0, multiline=True)
            raise cursor.unexpected() from None
        return read_item(cursor, tree)


def parse(text: str, file: str) -> Body:
    """Parses a whole file.

    Args:
        text: its content.
        file: what places name.

    Raises:
        HclSyntaxError: text that Terraform rejects; an object with a key twice, of which Terraform
            silently takes the last; and the little that python-hcl2 cannot read, such as names in
            other than ASCII letters.
    """
    source = Source(text, file)
    return _body(source, _items(source))


def _body(source: Source, items: Iterable[Item]) -> Body:
    attributes: dict[str, Attribute] = {}
    blocks = []
    for item in items:
        parsed = item.parse()
        if isinstance(parsed, Block):
            blocks.append(parsed)
        elif parsed.name in attributes:
            raise source.error(f"Duplicate argument {parsed.name!r}", item.tokens[0].start)
        else:
            attributes[parsed.name] = parsed
    return Body(tuple(attributes.values()), tuple(blocks))


def split(text: str, file: str) -> list[Item]:
    """Splits a file into its top-level items without parsing them.

    Args:
        text: its content.
        file: what places name.

    Raises:
        HclSyntaxError: its tokens are no HCL.
    """
    return list(_items(Source(text, file)))


def _items(source: Source) -> Iterator[Item]:
    tokens = tokenize(source)
    check_directives(source, tokens)
    tokens.append(Token(Kind.NEWLINE, len(source.text), len(source.text)))
    return _cut(source, tokens)


def _cut(source: Source, tokens: Sequence[Token]) -> Iterator[Item]:
    """Cuts at the newlines outside of all brackets."""
    depth = first = 0
    for index, (kind, _, _) in enumerate(tokens):
        if kind in OPENING:
            depth += 1
        elif kind in CLOSING:
            depth -= 1
        elif kind is Kind.NEWLINE and not depth:
            item = tuple(tokens[first : index + 1])
            first = index + 1
            if any(token.kind is not Kind.COMMENT for token in item[:-1]):
                yield Item(source, item)
