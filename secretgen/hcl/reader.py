"""From python-hcl2's tree of an outline, and the text's own tokens, to `hcl_nodes`.

python-hcl2 accepts what Terraform rejects: two arguments on a line, objects without separators. So
nothing is taken from its tree but the order and the kind of things. Every name, string and place
comes from the tokens, each of which has to be the one that stands next. A tree that the tokens do
not bear out is an error, never a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secretgen.hcl.cursor import Cursor
from secretgen.hcl.expressions import ExpressionReader
from secretgen.hcl.grammar import subtrees
from secretgen.hcl.hcl_nodes import Attribute, Block, Body
from secretgen.hcl.tokens import Kind, unquote

if TYPE_CHECKING:
    from lark import Tree


def read_item(cursor: Cursor, tree: Tree[Any]) -> Attribute | Block:
    """Reads one item.

    Args:
        cursor: at its first token.
        tree: python-hcl2's tree of the cursor's outline.

    Raises:
        HclSyntaxError: the tokens are no HCL, or not what the tree says.
    """
    (body,) = tree.children
    items = subtrees(body)
    if not items:
        raise cursor.unexpected()
    item = _Reader(cursor).item(items[0])
    if len(items) > 1 or not cursor.is_done:
        raise cursor.unexpected()
    return item


class _Reader:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._expressions = ExpressionReader(cursor)

    def item(self, tree: Tree[Any]) -> Attribute | Block:
        """Reads an argument or a block, and the newlines behind it."""
        item = self._attribute(tree) if tree.data == "attribute" else self._block(tree)
        if not self._cursor.take_newlines():
            what = "argument" if isinstance(item, Attribute) else "block"
            raise self._cursor.error(f"Missing newline after {what}")
        return item

    def _attribute(self, tree: Tree[Any]) -> Attribute:
        cursor = self._cursor
        name = cursor.take(Kind.NAME)
        cursor.take(Kind.EQUAL)
        value = self._expressions.value(tree.children[-1], multiline=False)
        return Attribute(cursor.text(name), value, cursor.span(name))

    def _block(self, tree: Tree[Any]) -> Block:
        cursor = self._cursor
        start = cursor.take(Kind.NAME)
        labels = []
        while cursor.next.kind in (Kind.NAME, Kind.STRING):
            labels.append(unquote(cursor.text(cursor.take(cursor.next.kind))))
        cursor.take("{")
        body = self._body(next(child for child in subtrees(tree) if child.data == "body"))
        cursor.take("}")
        return Block(cursor.text(start), tuple(labels), body, cursor.span(start))

    def _body(self, tree: Tree[Any]) -> Body:
        """Reads the inside of a block: items on lines of their own, or one argument on its line."""
        cursor = self._cursor
        items = subtrees(tree)
        if not cursor.take_newlines() and items:
            if len(items) > 1 or items[0].data != "attribute":
                raise cursor.error("A block of one line holds a single argument")
            return Body((self._attribute(items[0]),), ())
        attributes: dict[str, Attribute] = {}
        blocks = []
        for child in items:
            start = cursor.next
            item = self.item(child)
            if isinstance(item, Block):
                blocks.append(item)
            elif item.name in attributes:
                raise cursor.error(f"Duplicate argument {item.name!r}", start)
            else:
                attributes[item.name] = item
        return Body(tuple(attributes.values()), tuple(blocks))
