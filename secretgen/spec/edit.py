"""Insertions into the text of a spec: every byte that is there stays.

YAML is not written anew from its data, which would change quotes, comments and line breaks all
over the file. New text goes to a place that the parser tells, and the result is parsed: it must
say what the file said, and the new entries, or nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from secretgen.diagnostics import Path, Span, path_text
from secretgen.errors import SecretgenError
from secretgen.spec import emit, source, yaml_nodes
from secretgen.spec.characters import Lines
from secretgen.spec.emit import Plain
from secretgen.spec.style import is_flow, looks_compact, spaced, style_of

Entries: TypeAlias = Mapping[str, Plain] | Sequence[Plain]

_BOM = "\ufeff"
_INSERTED = "inserted.yaml"


class EditError(SecretgenError):
    """There is no place in a spec where new text can go."""


def insert(text: str, path: Path, entries: Mapping[str, Plain]) -> str:
    """Inserts entries into a mapping of a spec.

    Args:
        text: the spec, valid as YAML.
        path: the mapping, of which only the last step may be missing or empty.
        entries: the entries, which it does not have.

    Returns:
        The new text: every character of the old one but an empty value (`{}`, `null`), in the
        same order, and the entries after the last one of the mapping.

    Raises:
        EditError: the mapping is an alias or of another kind, or has no place for entries.
    """
    return _edited(text, path, entries) if entries else text


def append(text: str, path: Path, items: Sequence[Plain]) -> str:
    """Appends items to a list of a spec; otherwise as `insert`."""
    return _edited(text, path, items) if items else text


def _edited(text: str, path: Path, entries: Entries) -> str:
    mark = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    root = _parsed(body)
    if root is None:
        raise EditError("the spec cannot be parsed")
    try:
        wanted = _with_entries(_data(root), path, entries)
    except TypeError:
        kind = "a mapping" if isinstance(entries, Mapping) else "a list"
        raise EditError(f"{path_text(path)} is not {kind}") from None
    for edited in _Editor(body, root).candidates(path, entries):
        after = _parsed(edited)
        if after is not None and _data(after) == wanted:
            return mark + edited
    raise EditError(
        f"{path_text(path)} has no place for new entries",
        f"Write `{path[-1]}:` on a line of its own, without anchor or alias, and run again.",
    )


def _parsed(text: str) -> yaml_nodes.Node | None:
    root, _ = source.load(text.encode("utf-8", "surrogatepass"), _INSERTED)
    return root


def _data(node: yaml_nodes.Node) -> Any:
    """Returns what a node says; a null says nothing, other scalars their text."""
    if isinstance(node, yaml_nodes.Scalar):
        return None if node.is_null else node.text
    if isinstance(node, yaml_nodes.Sequence):
        return [_data(item) for item in node.items]
    return {key.text: _data(value) for key, value in node.entries}


def _with_entries(data: Any, path: Path, entries: Entries) -> Any:
    if not path:
        if isinstance(entries, Mapping):
            return {**(data or {}), **{key: _said(value) for key, value in entries.items()}}
        if not isinstance(data, list | None):
            raise TypeError
        return [*(data or ()), *map(_said, entries)]
    inner = data.get(path[0]) if isinstance(data, dict) else None
    return {**data, path[0]: _with_entries(inner, path[1:], entries)}


def _said(value: Plain) -> Any:
    """Returns what `_data` makes of a value once it is written."""
    if isinstance(value, Mapping):
        return {key: _said(inner) for key, inner in value.items()}
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, int):
        return emit.scalar(value, emit.Style(), in_flow=False)
    return [_said(item) for item in value]


class _Editor:
    """Finds places in a text, the best one first; whether they are right is seen by parsing."""

    def __init__(self, text: str, root: yaml_nodes.Node) -> None:
        self._text = text
        self._lines = Lines(text)
        self._root = root
        self._style = style_of(text, self._lines, root)
        self._eol = "\r\n" if "\r\n" in text else "\n"

    def candidates(self, path: Path, entries: Entries) -> Iterator[str]:
        holder, key = self._root, None
        for index, step in enumerate(path):
            if not isinstance(holder, yaml_nodes.Mapping):
                return
            found = next(((k, v) for k, v in holder.entries if k.text == step), None)
            if found is None:
                if index == len(path) - 1:
                    yield from self._under_new_key(holder, str(step), entries)
                return
            key, value = found
            if value.span[1:3] < key.span[1:3] or key.span[1:3] < holder.span[1:3]:
                return  # an alias, or merged in: its text stands elsewhere
            parent, holder = holder, value
        if key is not None and _is_empty(holder):
            yield from self._instead(key, holder, entries, in_flow=self._is_flow(parent))
        else:
            yield from self._into(holder, entries)

    def _is_flow(self, node: yaml_nodes.Node) -> bool:
        return is_flow(self._text, self._lines, node)

    def _into(self, holder: yaml_nodes.Node, entries: Entries) -> Iterator[str]:
        """Puts entries into a mapping or list that has some."""
        lines = self._block(entries, holder.span.column - 1, holder)
        yield from self._placed(holder, self._flow(entries), lines)

    def _under_new_key(self, holder: yaml_nodes.Node, key: str, entries: Entries) -> Iterator[str]:
        """Puts a new key into a mapping, and entries below it."""
        indent = holder.span.column - 1
        below = self._block(entries, indent + self._style.step, None)
        lines = [f"{' ' * indent}{key}:", *below]
        yield from self._placed(holder, self._flow({key: entries}), lines)

    def _placed(self, holder: yaml_nodes.Node, text: str, lines: list[str]) -> Iterator[str]:
        """Puts text after the last entry of a mapping or list, or before the first.

        Args:
            holder: the mapping or list.
            text: the new entries in one line, for one in braces or brackets.
            lines: the same in lines, for any other.
        """
        if isinstance(holder, yaml_nodes.Scalar):
            return
        begin, end = self._offsets(holder.span)
        if self._is_flow(holder):
            last = self._end_of_last(holder)
            if last is not None:
                yield self._spliced(last, f", {text}")
            yield self._spliced(begin + 1, f" {text}," if last is not None else f" {text} ")
            return
        indent = holder.span.column - 1
        behind = self._behind(end, indent)
        gap = [""] if spaced(self._lines, holder) else []
        yield _joined(self._text, behind, [*gap, *lines], self._eol)
        start = begin - indent
        if not self._text[start:begin].strip():
            yield self._spliced(start, "".join(line + self._eol for line in lines))

    def _instead(
        self, key: yaml_nodes.Scalar, value: yaml_nodes.Node, entries: Entries, *, in_flow: bool
    ) -> Iterator[str]:
        """Puts entries where an empty value was."""
        _, behind_key = self._offsets(key.span)
        begin, end = self._offsets(value.span)
        begin, end = max(begin, behind_key), max(end, behind_key)
        colon = self._text.find(":", behind_key, max(end, behind_key + 1) + 1)
        if colon < 0:
            return
        begin, end = max(begin, colon + 1), max(end, colon + 1)
        if in_flow:
            brackets = "{ %s }" if isinstance(entries, Mapping) else "[%s]"
            text = f" {brackets % self._flow(entries)}"
            yield self._text[: colon + 1] + text + self._text[end:]
            return
        kept = self._text[:begin].rstrip(" ") if end > begin else self._text[:begin]
        emptied = kept + self._text[end:]
        indent = key.span.column - 1 + self._style.step
        lines = self._block(entries, indent, value)
        rest = emptied.find("\n", len(kept))
        at = len(emptied) if rest < 0 else rest + 1
        yield _joined(emptied, at, lines, self._eol)

    def _flow(self, entries: Entries) -> str:
        if isinstance(entries, Mapping):
            found = [emit.flow_entry(k, v, self._style) for k, v in entries.items()]
        else:
            found = [emit.in_flow(item, self._style) for item in entries]
        return ", ".join(found)

    def _block(self, entries: Entries, indent: int, holder: yaml_nodes.Node | None) -> list[str]:
        """Writes entries in lines, as those that their holder has."""
        if not isinstance(entries, Mapping):
            return [x for item in entries for x in emit.list_item(item, indent, self._style)]
        compact = holder is not None and looks_compact(self._text, self._lines, holder)
        gap = [""] if holder is not None and spaced(self._lines, holder) else []
        found: list[str] = []
        for key, value in entries.items():
            lines = emit.entry(key, value, indent, self._style, compact=compact)
            found += [*(gap if found else ()), *lines]
        return found

    def _behind(self, end: int, indent: int) -> int:
        """Returns the offset of the line after an end, and after the comments that belong there."""
        line, _ = self._lines.at(end)
        while self._is_comment(line + 1, indent):
            line += 1
        return self._lines.offset(line + 1, 1) if line < len(self._lines) else len(self._text)

    def _is_comment(self, number: int, indent: int) -> bool:
        line = self._lines.line(number)
        text = line.lstrip(" ")
        return text.startswith("#") and len(line) - len(text) >= max(indent, 1)

    def _end_of_last(self, holder: yaml_nodes.Mapping | yaml_nodes.Sequence) -> int | None:
        if isinstance(holder, yaml_nodes.Mapping):
            children = [node for pair in holder.entries for node in pair]
        else:
            children = list(holder.items)
        begin, end = self._offsets(holder.span)
        ends = (self._offsets(child.span)[1] for child in children)
        return max((e for e in ends if begin < e <= end), default=None)

    def _offsets(self, span: Span) -> tuple[int, int]:
        return (
            self._lines.offset(span.line, span.column),
            self._lines.offset(span.end_line, span.end_column),
        )

    def _spliced(self, at: int, text: str) -> str:
        return self._text[:at] + text + self._text[at:]


def _is_empty(node: yaml_nodes.Node) -> bool:
    if isinstance(node, yaml_nodes.Scalar):
        return node.is_null
    return not (node.entries if isinstance(node, yaml_nodes.Mapping) else node.items)


def _joined(text: str, at: int, lines: list[str], eol: str) -> str:
    """Puts lines before an offset, which is the beginning of a line or the end of the text."""
    if at and text[at - 1] not in "\r\n":
        return text[:at] + "".join(eol + line for line in lines) + text[at:]
    return text[:at] + "".join(line + eol for line in lines) + text[at:]
