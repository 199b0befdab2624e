"""The one module that imports python-hcl2: outline of a block -> syntax tree."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from secretgen.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lark import Tree


class GrammarError(Exception):
    """Text that python-hcl2's grammar does not have.

    Args:
        offset: where the first piece of text stands that does not fit.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(f"at offset {offset}")
        self.offset = offset


@lru_cache(maxsize=256)
def syntax_tree(text: str) -> Tree[Any]:
    """Parses the outline of one argument or block.

    The time python-hcl2 takes grows faster than the text, so hand it one block at a time. Trees are
    remembered, and not to be changed.

    Raises:
        GrammarError: the text is no HCL to python-hcl2.
    """
    from lark import LarkError  # noqa: PLC0415

    try:
        return _parser()(text.rstrip())  # it adds a newline itself
    except LarkError as error:
        offset = getattr(error, "pos_in_stream", None)
        raise GrammarError(len(text) if offset is None else offset) from None


def subtrees(tree: Tree[Any]) -> list[Tree[Any]]:
    """Returns the children that are neither tokens nor newlines."""
    return [
        child
        for child in tree.children
        if hasattr(child, "children") and child.data != "new_line_or_comment"
    ]


def bracketed(tree: Tree[Any]) -> Iterator[Tree[Any]]:
    """Yields the outermost objects, lists and calls inside a tree, from left to right."""
    stack = subtrees(tree)[::-1]
    while stack:
        child = stack.pop()
        if child.data in ("object", "tuple", "function_call"):
            yield child
        else:
            stack += subtrees(child)[::-1]


def start_offset(tree: Tree[Any]) -> int:
    """Returns where the text of an expression begins."""
    node: Any = tree
    while hasattr(node, "children"):
        node = node.children[0]
    return int(node.start_pos)


def end_offset(tree: Tree[Any]) -> int:
    """Returns where the text of an expression ends, without newlines behind it."""
    node: Any = tree
    while hasattr(node, "children"):
        node = next(
            child
            for child in reversed(node.children)
            if getattr(child, "data", "") != "new_line_or_comment"
        )
    return int(node.end_pos)


@cache
def _parser() -> Callable[[str], Tree[Any]]:
    import hcl2  # noqa: PLC0415
    import hcl2.parser  # noqa: PLC0415
    from hcl2.version import version  # noqa: PLC0415

    # python-hcl2 compiles its grammar on first use, which takes a second or more, and keeps the
    # result next to itself. An installation that brings none may be read-only or lie inside of the
    # user's project, so the result goes to the user's cache instead.
    if not hcl2.parser.PARSER_FILE.exists() and (folder := cache_folder()):
        hcl2.parser.PARSER_FILE = folder / f"hcl2-{version}.lark"
    return hcl2.parses_to_tree
