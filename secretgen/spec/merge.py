"""Merges the mappings of parts and of their spec: by key, the later one wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as List

from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, entries_in, field_of

_BY_FIELD = frozenset({"secrets", "service_secrets"})
"""Fields whose entries are merged field by field: what is in a field is taken as a whole."""

_DEFAULTS, _TAGS = "defaults", "tags"


def merge(parts: List[Mapping], spec: Mapping) -> Mapping:
    """Merges parts and their spec.

    Mappings are merged by key, a secret field by field, and its `tags` by key; the later wins.
    Nothing in the place of a mapping is an empty one. The `defaults` and `tags` of a part apply
    to its own secrets, where no part and no spec gives a value.

    Args:
        parts: the parts in their order, with inputs replaced.
        spec: the spec itself, which comes last.

    Returns:
        The root of the whole. Each key and value keeps the place where it is written.
    """
    bodies = [_without(part, _DEFAULTS, _TAGS) for part in parts]
    below: dict[str, list[Mapping]] = {}
    for part in parts:
        for name, fields in _bases(part).items():
            below.setdefault(name, []).append(fields)
    merged = [
        (key, _entries(values, below if key.text == "secrets" else {}))
        if key.text in _BY_FIELD
        else (key, _deep(values))
        for key, values in _collected([*bodies, spec])
    ]
    return Mapping(tuple(merged), spec.span)


def default_keys(part: Mapping) -> Iterator[Scalar]:
    """Yields the keys of the fields and tags that a part gives to all of its own secrets."""
    defaults = field_of(part, _DEFAULTS)
    for mapping in (defaults, field_of(part, _TAGS), field_of(defaults, _TAGS)):
        yield from (key for key, _ in entries_in(mapping))


def _without(root: Mapping, *names: str) -> Mapping:
    return Mapping(tuple(e for e in root.entries if e[0].text not in names), root.span)


def _bases(part: Mapping) -> dict[str, Mapping]:
    """Returns what the `defaults` and `tags` of a part give each of its secrets, by name."""
    secrets, defaults = field_of(part, "secrets"), field_of(part, _DEFAULTS)
    fields = {key.text: (key, value) for key, value in entries_in(defaults)}
    for key, tags in part.entries:
        if key.text == _TAGS and isinstance(tags, Mapping):
            own = fields.get(_TAGS)
            fields[_TAGS] = (own[0], _deep([tags, own[1]])) if own else (key, tags)
    if not fields:
        return {}
    base = Mapping(tuple(fields.values()), part.span)
    return {key.text: base for key, _ in entries_in(secrets)}


def _collected(mappings: Iterable[Mapping]) -> Iterable[tuple[Scalar, list[Node]]]:
    """Yields each key, where it is written last, and its values in order."""
    keys: dict[str, Scalar] = {}
    values: dict[str, list[Node]] = {}
    for mapping in mappings:
        for key, value in mapping.entries:
            keys[key.text] = key
            values.setdefault(key.text, []).append(value)
    return ((key, values[name]) for name, key in keys.items())


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _deep(values: List[Node]) -> Node:
    """Merges mappings by key, however deep; of other values the last one counts."""
    last = values[-1]
    mappings = [value for value in values if isinstance(value, Mapping)]
    if len(values) == 1 or not mappings or not (isinstance(last, Mapping) or _is_nothing(last)):
        return last
    if len(mappings) == 1:
        return mappings[0]
    entries = tuple((key, _deep(inner)) for key, inner in _collected(mappings))
    return Mapping(entries, mappings[-1].span)


def _entries(values: List[Node], below: dict[str, list[Mapping]]) -> Node:
    """Merges secrets, each field by field.

    Args:
        values: the mappings of secrets, by name.
        below: what gives a secret the fields that none of these has.
    """
    last = values[-1]
    mappings = [value for value in values if isinstance(value, Mapping)]
    if not mappings or not (isinstance(last, Mapping) or _is_nothing(last)):
        return last
    if len(mappings) == 1 and not below:
        return mappings[0]
    entries = tuple(
        (key, _secret(layers, below.get(key.text, []))) for key, layers in _collected(mappings)
    )
    return Mapping(entries, mappings[-1].span)


def _secret(layers: List[Node], below: List[Mapping]) -> Node:
    last = layers[-1]
    if (len(layers) == 1 and not below) or not (isinstance(last, Mapping) or _is_nothing(last)):
        return last
    own = [layer for layer in layers if isinstance(layer, Mapping)]
    fields = tuple(
        (key, _deep(values) if key.text == _TAGS else values[-1])
        for key, values in _collected([*below, *own])
    )
    return Mapping(fields, own[-1].span if own else last.span)
