"""From the YAML parser's events to a tree of nodes; the only module that imports yaml."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from msgspec import Struct, field
from msgspec.structs import replace

from secretgen.diagnostics import Span
from secretgen.spec import characters, syntax
from secretgen.spec.file_findings import Findings
from secretgen.spec.mapping_entries import entries_of
from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, Sequence

MAX_NODES = 500_000
"""Keys and values of a spec, aliases spelt out: 10,000 secrets of 50. Bounds memory."""

MAX_DEPTH = 64
"""Levels of nesting, aliases spelt out. The spec language needs eight."""

_STR_TAG = "tag:yaml.org,2002:str"
_MAP_TAG = "tag:yaml.org,2002:map"
_SEQ_TAG = "tag:yaml.org,2002:seq"
_BLOCK_STYLES = frozenset("|>")
_QUOTES = frozenset("'\"")
_PROPERTIES = re.compile(
    r"(?>(?:[&!]\S*+(?>(?:\s++|#[^\r\n]*+)*))*)"
)  # possessive and atomic: in linear time and memory
_TAG = re.compile(r"!\S*")


class _Anchored(Struct):
    """What an anchor names; no node while that is still being read."""

    node: Node | None = None
    nodes: int = 0
    levels: int = 0


class _Open(Struct):
    """A mapping or list whose end has not been read yet. A mapping's keys and values alternate."""

    event: Any
    is_mapping: bool
    nodes_before: int
    last: Span
    """Where the latest child was written, which for an alias is not the place of its node."""
    children: list[Node] = field(default_factory=list)
    levels: int = 0
    """Levels of nesting below this one."""


def build(text: str, findings: Findings) -> Node | None:
    """Builds the tree of the first document.

    Args:
        text: YAML without the characters that it forbids.
        findings: receives every mistake.

    Returns:
        The root, or None when the text holds no document.

    Raises:
        UnreadableError: no tree can be made of the text.
    """
    return _Builder(text, findings).build()


class _Builder:
    """Reads events one after the other and keeps what is open on a stack.

    Nothing is recursive, so depth is a limit of ours and not of the interpreter.
    """

    def __init__(self, text: str, findings: Findings) -> None:
        self._lines = characters.Lines(text)
        self._findings = findings
        self._file = findings.file
        self._anchors: dict[str, _Anchored] = {}
        self._open: list[_Open] = []
        self._nodes = 0
        self._root: Node | None = None
        self._last_plain: Span | None = None
        self._last_quoted: Span | None = None

    def build(self) -> Node | None:
        """Reads all events of the first document."""
        import yaml  # noqa: PLC0415 -- not every command reads a spec

        handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: partial(self._start, is_mapping=True),
            yaml.SequenceStartEvent: partial(self._start, is_mapping=False),
            yaml.MappingEndEvent: self._end_mapping,
            yaml.SequenceEndEvent: self._end_sequence,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start_document,
        }
        loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
        event: Any = None
        try:
            for event in yaml.parse(self._lines.text, Loader=loader):
                handler = handlers.get(type(event))
                if handler:
                    handler(event)
        except yaml.MarkedYAMLError as error:
            self._syntax_error(error.context, error.context_mark, error.problem, error.problem_mark)
        except (ValueError, OverflowError):  # the parser in Python passes on those of `chr`
            self._syntax_error("", None, "invalid Unicode", event.end_mark)
        return self._root

    def _start_document(self, event: Any) -> None:
        if self._root is not None:
            self._findings.second_document(self._span(event, event))

    def _scalar(self, event: Any) -> None:
        # Three of four events are scalars: what most of them do not need is asked first.
        start, end, text, style = event.start_mark, event.end_mark, event.value, event.style
        span = Span(self._file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        tagged, anchor = event.tag is not None, event.anchor
        is_at_end = not text and start.index >= len(self._lines.text)
        if tagged or anchor is not None or style in _BLOCK_STYLES or is_at_end:
            span = self._bare_span(event)
        if style == '"' or not text.isascii():
            text = self._checked(text, span)
        if tagged:
            self._check_tag(event, _STR_TAG)
        node = Scalar(text, span, plain=not style and not tagged)
        if node.plain:
            self._last_plain = span
        elif style in _QUOTES:
            self._last_quoted = span
        self._nodes += 1
        if anchor is not None:
            self._anchors[anchor] = _Anchored(node, nodes=1)
        self._put(node, span)

    def _start(self, event: Any, *, is_mapping: bool) -> None:
        span = self._span(event, event)
        if len(self._open) >= MAX_DEPTH:
            self._findings.too_deep(span, MAX_DEPTH)
        if event.tag is not None:
            self._check_tag(event, _MAP_TAG if is_mapping else _SEQ_TAG)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored()
        self._open.append(_Open(event, is_mapping, self._nodes, span))
        self._nodes += 1

    def _end_mapping(self, event: Any) -> None:
        frame = self._open.pop()
        entries = entries_of(frame.children, self._findings)
        self._close(frame, Mapping(entries, self._collection_span(frame, event)))

    def _end_sequence(self, event: Any) -> None:
        frame = self._open.pop()
        self._close(frame, Sequence(tuple(frame.children), self._collection_span(frame, event)))

    def _alias(self, event: Any) -> None:
        span = self._span(event, event)
        anchored = self._anchors.get(event.anchor)
        if anchored is None or anchored.node is None:
            if anchored is None:
                self._findings.unknown_alias(span)
            else:
                self._findings.alias_of_itself(span)
            self._put(Scalar("", span, plain=True), span)
            return
        if len(self._open) + anchored.levels > MAX_DEPTH:
            self._findings.too_deep(span, MAX_DEPTH)
        self._nodes += anchored.nodes
        if self._nodes > MAX_NODES:
            self._findings.alias_bomb(span, MAX_NODES)
        frame = self._open[-1]
        frame.levels = max(frame.levels, anchored.levels)
        is_key = frame.is_mapping and len(frame.children) % 2 == 0
        self._put(replace(anchored.node, span=span) if is_key else anchored.node, span)

    def _put(self, node: Node, span: Span) -> None:
        """Puts a node where it belongs.

        Args:
            node: the node.
            span: where it, or the alias for it, is written.
        """
        if self._nodes > MAX_NODES:
            self._findings.too_large(span, f"more than {MAX_NODES:,} keys and values")
        if self._open:
            frame = self._open[-1]
            frame.children.append(node)
            frame.last = span
        else:
            self._root = node

    def _close(self, frame: _Open, node: Node) -> None:
        """Puts a finished mapping or list where it belongs."""
        levels = frame.levels + 1
        if frame.event.anchor is not None:
            nodes = self._nodes - frame.nodes_before
            self._anchors[frame.event.anchor] = _Anchored(node, nodes, levels)
        if self._open:
            self._open[-1].levels = max(self._open[-1].levels, levels)
        self._put(node, node.span)

    def _check_tag(self, event: Any, harmless: str) -> None:
        if event.tag != harmless:
            begin = event.start_mark.index
            written = _TAG.search(self._lines.text, begin)
            self._findings.tag(self._span_of(*written.span() if written else (begin, begin)))

    def _checked(self, text: str, span: Span) -> str:
        """Looks at the characters of a value and brings it into its normal form."""
        character = characters.forbidden_in_value(text)
        if character:
            self._findings.escaped_character(span, character)
            text = characters.without_forbidden_in_value(text)
        if characters.stacks_marks(text):
            self._findings.stacked_marks(span)
            return characters.REPLACEMENT
        normal = characters.normal_form(text)
        if normal != text:
            self._findings.not_normal(span)
        return normal

    def _syntax_error(
        self, context: str | None, context_mark: Any, problem: str | None, problem_mark: Any
    ) -> NoReturn:
        def place(mark: Any) -> tuple[int, int]:
            return self._lines.within(mark.line + 1, mark.column + 1) if mark else (1, 1)

        fault = syntax.Fault(
            context=context or "",
            context_at=place(context_mark),
            problem=problem or "",
            problem_at=place(problem_mark),
            last_plain=self._last_plain,
            last_quoted=self._last_quoted,
        )
        for frame in self._open:
            if frame.is_mapping:
                entries_of(frame.children, self._findings)
        words = syntax.plain_words(fault, self._lines)
        line, column = words.at
        end_column = min(column, len(self._lines.line(line))) + 1
        span = Span(self._file, line, column, line, max(column, end_column))
        if "maximum nesting depth" in fault.problem:  # reading ahead, it counts before we do
            self._findings.too_deep(span, MAX_DEPTH)
        self._findings.not_yaml(span, words)

    def _span(self, first: Any, last: Any) -> Span:
        start, end = first.start_mark, last.end_mark
        return Span(self._file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _span_of(self, begin: int, end: int) -> Span:
        return Span(self._file, *self._lines.at(begin), *self._lines.at(end))

    def _bare_span(self, event: Any) -> Span:
        """Returns the place of a scalar without its anchor, tag, and blank lines behind it.

        Nothing at all may stand at the end of a file; the parser sees another line there.
        """
        text, start, end = self._lines.text, event.start_mark, event.end_mark
        properties = _PROPERTIES.match(text, start.index, end.index)
        width = len(properties.group()) if properties else 0
        is_block = event.style in _BLOCK_STYLES
        if event.value and not is_block and start.line == end.line:
            column = start.column + width + 1
            return Span(self._file, start.line + 1, column, end.line + 1, end.column + 1)
        begin = start.index + width
        written = text[begin : end.index]
        return self._span_of(begin, begin + len(written.rstrip() if is_block else written))

    def _collection_span(self, frame: _Open, event: Any) -> Span:
        """Returns the place from a collection's first character to its last."""
        if frame.event.flow_style:
            return self._span(frame.event, event)
        start, last = frame.event.start_mark, frame.last
        return Span(self._file, start.line + 1, start.column + 1, last.end_line, last.end_column)
