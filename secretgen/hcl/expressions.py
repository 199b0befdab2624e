"""Expressions, from python-hcl2's tree and the text's own tokens; see `reader`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from secretgen.hcl.cursor import Cursor
from secretgen.hcl.grammar import bracketed, end_offset, start_offset, subtrees
from secretgen.hcl.hcl_nodes import (
    Call,
    Entry,
    Index,
    ListValue,
    Literal,
    ObjectValue,
    Raw,
    Reference,
    Value,
)
from secretgen.hcl.tokens import Kind, unquote

if TYPE_CHECKING:
    from lark import Tree

MAX_DIGITS = 1_000
"""Digits of a number; Terraform itself keeps about 150."""

_WORDS = {"true": True, "false": False, "null": None}


class ExpressionReader:
    """Reads expressions where a cursor stands.

    Args:
        cursor: through the tokens of a top-level item.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def value(self, tree: Tree[Any], *, multiline: bool) -> Value:
        """Reads an expression.

        Args:
            tree: its tree.
            multiline: whether newlines are no more than blanks here, as in parentheses.

        Raises:
            HclSyntaxError: the tokens are no HCL, or not what the tree says.
        """
        while tree.data == "expr_term" and len(tree.children) == 1:
            tree = tree.children[0]
        match tree.data:
            case "tuple":
                return self._list(tree)
            case "object":
                return self._object(tree)
            case "function_call":
                return self._call(tree)
        first = self._cursor.at
        value = self._simple(tree)
        if value and self._cursor.end == end_offset(tree):
            return value
        self._cursor.at = first
        return self._raw(tree, multiline=multiline)

    def _simple(self, tree: Tree[Any]) -> Value | None:
        """Reads a literal or a reference; None if it turns out to be more than that."""
        match tree.data:
            case "string":
                return self._string()
            case "int_lit" | "float_lit" | "unary_op":
                return self._number()
            case "literal_value":
                start = self._cursor.take(Kind.NAME)
                return Literal(_WORDS[self._cursor.text(start)], self._cursor.span(start))
            case "identifier" | "get_attr_expr_term" | "index_expr_term":
                return self._reference()
        return None

    def _string(self) -> Literal | None:
        cursor = self._cursor
        if cursor.next.kind is not Kind.STRING:
            return None
        start = cursor.take(Kind.STRING)
        return Literal(unquote(cursor.text(start)), cursor.span(start))

    def _number(self) -> Literal | None:
        cursor = self._cursor
        start = cursor.next
        sign = "-" if cursor.accept("-") else ""
        if cursor.next.kind is not Kind.NUMBER:
            return None
        digits = cursor.text(cursor.next)
        if len(digits) > MAX_DIGITS:
            raise cursor.error(f"Number of more than {MAX_DIGITS} digits")
        cursor.take(Kind.NUMBER)
        if digits.isdecimal():
            return Literal(int(sign + digits), cursor.span(start))
        number = float(sign + digits)
        return None if math.isinf(number) else Literal(number, cursor.span(start))

    def _reference(self) -> Reference | None:
        cursor = self._cursor
        if cursor.next.kind is not Kind.NAME:
            return None
        start = cursor.take(Kind.NAME)
        parts: list[str | int] = [cursor.text(start)]
        while (is_index := cursor.accept("[")) or cursor.accept("."):
            token = cursor.next
            text = cursor.text(token)
            if token.kind is Kind.NUMBER and text.isdecimal() and len(text) <= MAX_DIGITS:
                parts.append(int(text))
            elif token.kind is (Kind.STRING if is_index else Kind.NAME):
                parts.append(Index(unquote(text)) if is_index else text)
            else:
                return None
            cursor.take(token.kind)
            if is_index and not cursor.accept("]"):
                return None
        return Reference(tuple(parts), cursor.span(start))

    def _list(self, tree: Tree[Any]) -> ListValue:
        start = self._cursor.take("[")
        items = self._items(subtrees(tree), "]")
        return ListValue(tuple(items), self._cursor.span(start))

    def _call(self, tree: Tree[Any]) -> Call | Raw:
        cursor = self._cursor
        first = cursor.at
        start = cursor.take(Kind.NAME)
        while cursor.accept("::"):
            cursor.take(Kind.NAME)
        name = cursor.source_since(first)
        cursor.take("(")
        arguments = [child for child in subtrees(tree) if child.data == "arguments"]
        items = self._items([item for child in arguments for item in subtrees(child)], ")")
        if "..." in (getattr(leaf, "value", "") for child in arguments for leaf in child.children):
            return self._raw_since(first)
        return Call(name, tuple(items), cursor.span(start))

    def _items(self, trees: list[Tree[Any]], closer: str) -> list[Value]:
        """Reads the items of a list, or the arguments of a call, and the bracket behind them."""
        cursor = self._cursor
        cursor.take_newlines()
        items: list[Value] = []
        for tree in trees:
            if items and not cursor.accept(","):
                raise cursor.error("Missing item separator")
            cursor.take_newlines()
            items.append(self.value(tree, multiline=True))
            cursor.take_newlines()
        if items and not cursor.accept(",") and closer == ")":
            cursor.accept("...")
        cursor.take_newlines()
        cursor.take(closer)
        return items

    def _object(self, tree: Tree[Any]) -> ObjectValue | Raw:
        cursor = self._cursor
        first = cursor.at
        start = cursor.take("{")
        cursor.take_newlines()
        if cursor.text(cursor.next) == "for":
            raise cursor.error("Unexpected 'for': a first key of that name has to be quoted")
        entries: dict[str, Entry] = {}
        has_computed_key = False
        for child in subtrees(tree):
            token = cursor.next
            key = self._key(child.children[0])
            if not cursor.accept(":"):
                cursor.take(Kind.EQUAL)
            value = self.value(child.children[-1], multiline=False)
            if key is None:
                has_computed_key = True
            elif key in entries:
                raise cursor.error(f"Duplicate key {key!r}", token)
            else:
                entries[key] = Entry(key, value, cursor.span(token))
            separated = cursor.accept(",")
            if not cursor.take_newlines() and not separated and cursor.text(cursor.next) != "}":
                raise cursor.error("Missing attribute separator")
        cursor.take("}")
        if has_computed_key:
            return self._raw_since(first)
        return ObjectValue(tuple(entries.values()), cursor.span(start))

    def _key(self, tree: Tree[Any]) -> str | None:
        """Reads the key of an object; None where it has to be computed."""
        cursor = self._cursor
        token = cursor.next
        if token.kind in (Kind.NAME, Kind.STRING):
            cursor.take(token.kind)
            if cursor.end == end_offset(tree):
                return unquote(cursor.text(token))
            cursor.at -= 1
        self._raw(tree, multiline=False)
        return None

    def _raw(self, tree: Tree[Any], *, multiline: bool) -> Raw:
        """Reads any expression as text, and checks the objects, lists and calls in it."""
        cursor = self._cursor
        if cursor.start != start_offset(tree):
            raise cursor.unexpected()
        first, depth = cursor.at, 0
        for child in bracketed(tree):
            depth = cursor.take_until(start_offset(child), depth, multiline=multiline)
            self.value(child, multiline=multiline)
        end = end_offset(tree)
        if cursor.take_until(end, depth, multiline=multiline) or cursor.end != end:
            raise cursor.unexpected()
        return self._raw_since(first)

    def _raw_since(self, first: int) -> Raw:
        return Raw(self._cursor.source_since(first), self._cursor.span_since(first))
