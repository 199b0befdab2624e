"""How the text of a spec is written: its quotes, its indentation, its blank lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice, pairwise

from secretgen.spec import yaml_nodes
from secretgen.spec.characters import Lines
from secretgen.spec.emit import Style

_FLOW = re.compile(r"(?:&[^\s\[\]{},]+\s+)?[{\[]")
"""The beginning of a mapping or list in braces or brackets, which may have an anchor."""
_SAMPLE = 2_000
"""Scalars that are looked at. The style of a file shows at its beginning."""


def style_of(text: str, lines: Lines, root: yaml_nodes.Node) -> Style:
    """Finds out how a file is written.

    Args:
        text: the file.
        lines: its lines.
        root: its tree.
    """
    starts = (text[offset] for s in islice(_scalars(root), _SAMPLE)
              if (offset := lines.offset(s.span.line, s.span.column)) < len(text))  # fmt: skip
    quotes = Counter(first for first in starts if first in "'\"")
    has_plain_key = any(key.plain for key, _ in yaml_nodes.entries_in(root))
    is_json = is_flow(text, lines, root) and not has_plain_key
    quote = "'" if quotes["'"] > quotes['"'] else '"'
    return Style(quote=quote, quotes_all=is_json, step=_step(text, lines, root))


def is_flow(text: str, lines: Lines, node: yaml_nodes.Node) -> bool:
    """Returns whether a mapping or list is written in braces or brackets."""
    offset = lines.offset(node.span.line, node.span.column)
    return not isinstance(node, yaml_nodes.Scalar) and bool(_FLOW.match(text, offset))


def looks_compact(text: str, lines: Lines, node: yaml_nodes.Node) -> bool:
    """Returns whether the last mapping inside a mapping is written in one line."""
    inner = [value for _, value in yaml_nodes.entries_in(node)]
    mappings = [value for value in inner if yaml_nodes.entries_in(value)]
    return bool(mappings) and is_flow(text, lines, mappings[-1])


def spaced(lines: Lines, node: yaml_nodes.Node) -> bool:
    """Returns whether the entries of a mapping mostly have a blank line between them."""
    keys = [key.span.line for key, _ in yaml_nodes.entries_in(node)]
    gaps = [
        any(not lines.line(number).strip() for number in range(above + 1, below))
        for above, below in pairwise(keys)
        if above < below
    ]
    return bool(gaps) and 2 * sum(gaps) > len(gaps)


def _scalars(node: yaml_nodes.Node) -> Iterator[yaml_nodes.Scalar]:
    if isinstance(node, yaml_nodes.Scalar):
        yield node
        return
    if isinstance(node, yaml_nodes.Sequence):
        for item in node.items:
            yield from _scalars(item)
        return
    for key, value in node.entries:
        yield key
        yield from _scalars(value)


def _step(text: str, lines: Lines, root: yaml_nodes.Node) -> int:
    """Returns the indentation of the first block mapping inside the root."""
    for _, value in yaml_nodes.entries_in(root):
        inner = yaml_nodes.entries_in(value)
        begins_with_key = inner and inner[0][0].span.column == value.span.column  # no anchor
        if begins_with_key and not is_flow(text, lines, value):
            return max(value.span.column - root.span.column, 1)
    return Style().step
