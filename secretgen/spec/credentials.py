"""Finds secrets that stand in a spec: rules SG301 to SG303. A literal secret never passes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cache

from secretgen.diagnostics import Diagnostic, Path, Severity, Span
from secretgen.spec.characters import Lines
from secretgen.spec.credential_tokens import (
    Token,
    is_secret_name,
    kinds_in,
    tokens_in,
    tokens_in_file,
)
from secretgen.spec.fields import fields_of
from secretgen.spec.secret_schema import ValueSpec
from secretgen.spec.suggest import closest
from secretgen.spec.token_kinds import Kind
from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, Sequence, entries_in, walk

CREDENTIAL_RULES = frozenset({"SG301", "SG302", "SG303"})
"""Rules whose findings point at text that must never be printed."""

_MOVE_IT = (
    "Remove it from the file. If it is real, rotate it: anyone with access to the repository "
    "may have seen it."
)
_ROTATE_IT = (
    "If it was committed, rotate it: anyone with access to the repository may have seen it."
)
_FIELD_ADVICE = (
    "Write `{from: variable}` or `{from: generated}`. Use literals only for fields that are not "
    f"secret: host, port, engine, username. {_ROTATE_IT}"
)
_TAG_ADVICE = (
    "Anyone who may list secrets can read their tags. If this is not a secret, rename the tag, "
    f"for example to 'token-docs'. {_ROTATE_IT}"
)
_VALUE_SUMMARY = "`value` holds text"
_VALUE_ADVICE = (
    "A spec says where a value comes from, never what it is: write `value: {from: external}`, "
    f"`variable`, `generated` or `json`. {_ROTATE_IT}"
)

_MAPS_BY_NAME = frozenset({"accounts", "fields", "keys", "secrets", "tags"})
"""Keys whose mappings have names of the user's for keys."""

_TEXT_KEYS = frozenset({"default", "literal", "plaintext", "text", "value"})
"""Keys that make their text that of the key above."""

_VALUE_OPTIONS = frozenset(fields_of(ValueSpec))
"""The keys of `value`."""

SOURCES = frozenset({"external", "generated", "json", "variable"})
"""Where the value of a secret may come from."""

_LABEL = re.compile(r"[A-Z]?[a-z]+(?>(?:[ ._/-][A-Z]?[a-z]+)*)")
"""A word, or several: `see-wiki`, `Rotated by hand`."""

_HARMLESS = frozenset({"", "true", "false", "yes", "no", "none", "n/a"})


def find_credentials(root: Node) -> list[Diagnostic]:
    """Finds secrets in the values and keys of a spec.

    Args:
        root: the document.

    Returns:
        Findings, one for each place; none of them says what stands there.
    """
    texts = {node.text for node in walk(root) if isinstance(node, Scalar)}
    search = _Walk(kinds_in(texts))
    search.visit(root)
    return list(search.found.values())


def find_in_text(text: str, file: str, known: list[Diagnostic]) -> list[Diagnostic]:
    """Finds well-known tokens in what has no nodes: comments, and files that are no YAML.

    Args:
        text: the whole file.
        file: its name.
        known: findings about its values, which need no second one.
    """
    lines = Lines(text)
    taken = sorted((d.span for d in known), reverse=True)
    found: list[Diagnostic] = []
    for token in sorted(tokens_in_file(text), key=lambda t: t.start):
        span = Span(file, *lines.at(token.start), *lines.at(token.end))
        while taken and not _begins_before_end(span, taken[-1]):
            taken.pop()
        if not (taken and _begins_before_end(taken[-1], span)):
            found.append(_token_finding(token, span, ()))
            taken.append(span)
    return found


def _begins_before_end(one: Span, other: Span) -> bool:
    return (one.line, one.column) < (other.end_line, other.end_column)


def _token_finding(token: Token, span: Span, path: Path) -> Diagnostic:
    detail = f"{_MOVE_IT} {token.otherwise}".rstrip()
    return Diagnostic("SG301", Severity.ERROR, f"{token.what} in a spec", detail, span, path)


def _scalars(node: Node) -> Iterator[Scalar]:
    """Yields all values below a node that hold text worth hiding."""
    if isinstance(node, Scalar):
        if not node.is_null and node.text.lower() not in _HARMLESS:
            yield node
    else:
        below = node.items if isinstance(node, Sequence) else (value for _, value in node.entries)
        for inner in below:
            yield from _scalars(inner)


class _Walk:
    """Goes through a document and keeps the first finding of each place.

    Args:
        kinds: the tokens worth looking for.
    """

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self.found: dict[Span, Diagnostic] = {}
        self._kinds = kinds
        self._path: list[str | int] = []
        self._sounds_secret = cache(is_secret_name)

    def visit(self, node: Node) -> None:
        """Looks at a node and all below it."""
        if isinstance(node, Scalar):
            self._look_for_tokens(node)
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                self._path.append(index)
                self.visit(item)
                self._path.pop()
        else:
            for key, value in node.entries:
                self._path.append(key.text)
                self._look_for_tokens(key)
                self._look_at_name(key.text, value)
                self.visit(value)
                self._path.pop()

    def _look_for_tokens(self, scalar: Scalar) -> None:
        if self._kinds and scalar.span not in self.found:
            names = [p for p in self._path if isinstance(p, str) and p not in _TEXT_KEYS]
            for token in tokens_in(scalar.text, names, self._kinds):
                self.found[scalar.span] = _token_finding(token, scalar.span, tuple(self._path))
                return

    def _look_at_name(self, name: str, value: Node) -> None:
        """Looks for text where the name of its key says that there must be none."""
        parent = str(["", *self._path][-2])
        if name == "value" and self._path[:-2] == ["secrets"]:
            self._look_at_value(value)
        elif self._sounds_secret(name):
            if not (isinstance(value, Mapping) or _is_source(value) or self._is_label(value)):
                self._report_all("SG302", value, _named(name), self._advice())
        elif self._sounds_secret(parent) and _holds_text(name, value):
            self._report_all("SG302", value, _named(parent), _FIELD_ADVICE)
        elif name == "value" and parent not in _MAPS_BY_NAME:
            self._look_at_value(value)
        elif isinstance(value, Scalar) and self._path[:-1] == ["secrets"]:
            self._report_all(
                "SG303", value, "text instead of the settings of a secret", _VALUE_ADVICE
            )

    def _look_at_value(self, value: Node) -> None:
        """Looks at what stands under `value`: options may hold text, nothing else may."""
        if _is_source(value):
            return
        if not isinstance(value, Mapping):
            self._report_all("SG303", value, _VALUE_SUMMARY, _VALUE_ADVICE)
            return
        for key, inner in value.entries:
            option = _option(key.text)
            if option == "fields" and isinstance(inner, Mapping):
                self._look_at_fields(inner)
            elif not option:
                self._report_entry(key, inner, _VALUE_SUMMARY, _VALUE_ADVICE)
            elif not (isinstance(inner, Scalar) and _fits(option, inner)):
                self._report_all("SG303", inner, _VALUE_SUMMARY, _VALUE_ADVICE)

    def _look_at_fields(self, fields: Mapping) -> None:
        for name, field in fields.entries:
            may_be_text = isinstance(field, Mapping) or _is_source(field)
            if not may_be_text and not self._sounds_secret(name.text):
                self._report_all("SG303", field, _FIELD_SUMMARY, _LITERAL_ADVICE)
            for key, inner in entries_in(field):
                option = _option(key.text)
                is_literal = closest(key.text, sorted(_TEXT_KEYS)) or key.text in _TEXT_KEYS
                if not option and not is_literal:
                    self._report_entry(key, inner, _FIELD_SUMMARY, _LITERAL_ADVICE)
                elif option and isinstance(inner, Scalar) and not _fits(option, inner):
                    self._report_all("SG303", inner, _FIELD_SUMMARY, _LITERAL_ADVICE)

    def _report_entry(self, key: Scalar, value: Node, summary: str, detail: str) -> None:
        """Reports an unknown key and what stands under it: the key, too, may be a secret."""
        is_name = _NAME.fullmatch(key.text) is not None
        if is_name and self._sounds_secret(key.text):
            return  # what stands under it is reported as that
        texts = [scalar for scalar in _scalars(value) if not _NUMBER.fullmatch(scalar.text)]
        if not texts or not is_name:
            self._report_all("SG303", key, summary, detail)
        for text in texts:
            self._report_all("SG303", text, summary, detail)

    def _report_all(self, rule: str, node: Node, summary: str, detail: str) -> None:
        path = tuple(self._path)
        for scalar in _scalars(node):
            finding = Diagnostic(rule, Severity.ERROR, summary, detail, scalar.span, path)
            self.found.setdefault(scalar.span, finding)

    def _is_label(self, value: Node) -> bool:
        """Returns whether this is a tag that says in words what the tag is about."""
        is_tag = self._path[-2:-1] == ["tags"]
        return is_tag and isinstance(value, Scalar) and bool(_LABEL.fullmatch(value.text))

    def _advice(self) -> str:
        """Returns what to do about text under the name at the end of the path."""
        match self._path[:-1]:
            case [*_, "tags"]:
                return _TAG_ADVICE
            case ["secrets"] | ["secrets", _] | ["secrets", _, "value"]:
                return _VALUE_ADVICE
            case [*_, "fields"]:
                return _FIELD_ADVICE
        return _MOVE_IT


_FIELD_SUMMARY = "field that holds text"
_LITERAL_ADVICE = (
    "Write `{from: variable}` or `{from: generated}`, or `{literal: ...}` if the "
    f"field is not secret. {_ROTATE_IT}"
)


def _is_source(node: Node) -> bool:
    """Returns whether a node says where a value comes from, if not in the right form."""
    return isinstance(node, Scalar) and node.text in SOURCES


def _is_no_source(node: Node) -> bool:
    """Returns whether a node is text that not even misspells where a value may come from."""
    if not isinstance(node, Scalar) or node.is_null:
        return False
    return not closest(node.text, sorted(SOURCES))


def _fits(option: str, node: Scalar) -> bool:
    """Returns whether what stands under an option of `value` cannot be a secret."""
    if option == "from":
        return not _is_no_source(node)
    if option in _NUMBERS:
        return node.is_null or _NUMBER.fullmatch(node.text) is not None
    return option == "exclude_characters" or node.is_null or node.text.lower() in _SWITCHES


_NAME = re.compile(r"[a-z]{1,16}(?:_[a-z]{1,16}){0,3}")
"""What names of options look like."""

_NUMBERS = frozenset({"length", "version"})
_NUMBER = re.compile(r"[-+]?[0-9][0-9_.,]{0,15}(?:e[0-9]{1,3})?")
_SWITCHES = frozenset({"", "true", "false", "yes", "no", "on", "off", "y", "n", "0", "1"})


def _holds_text(name: str, value: Node) -> bool:
    """Returns whether a key makes its value the text of the key above; `value` may be settings."""
    return name in _TEXT_KEYS and (name != "value" or not isinstance(value, Mapping))


def _named(name: str) -> str:
    return f"text under {name!r}, a name for secrets"


def _option(key: str) -> str:
    """Returns the option of `value` that a key is, or was meant to be, or ''."""
    if key in _VALUE_OPTIONS:
        return key
    return next(iter(difflib.get_close_matches(key.lower(), _VALUE_OPTIONS, n=1)), "")
