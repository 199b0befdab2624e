"""The entries of a mapping: each key once, with what `<<` merges in."""

from __future__ import annotations

from collections.abc import Sequence as List

from secretgen.spec.file_findings import Findings
from secretgen.spec.yaml_nodes import Mapping, Node, Scalar, Sequence

_MERGE = "<<"


def entries_of(children: List[Node], findings: Findings) -> tuple[tuple[Scalar, Node], ...]:
    """Pairs keys and values, and merges mappings as YAML 1.1 does.

    Args:
        children: keys and values in turn; a last key may lack its value.
        findings: receives duplicate keys, keys that are no text, and merges of no mapping.

    Returns:
        The mapping's own entries, then those merged in whose keys it has not; of several
        mappings merged, the first one wins. Merged entries are the same objects, with the
        places they were written at.
    """
    own: dict[str, tuple[Scalar, Node]] = {}
    merged: list[Mapping] = []
    merge_key: Scalar | None = None
    for key, value in zip(children[::2], children[1::2], strict=False):
        if not isinstance(key, Scalar):
            findings.complex_key(key.span)
        elif key.text == _MERGE and key.plain:
            if merge_key:
                findings.duplicate_key(key.span, _MERGE, merge_key.span)
            merge_key = key
            merged += _to_merge(value, findings)
        elif key.text in own:
            findings.duplicate_key(key.span, key.text, own[key.text][0].span)
        else:
            own[key.text] = (key, value)
    for mapping in merged:
        for key, value in mapping.entries:
            own.setdefault(key.text, (key, value))
    return tuple(own.values())


def _to_merge(value: Node, findings: Findings) -> list[Mapping]:
    """Returns what `<<` names: one mapping, or a list of them."""
    mappings = []
    for node in value.items if isinstance(value, Sequence) else (value,):
        if isinstance(node, Mapping):
            mappings.append(node)
        else:
            findings.merge_of_no_mapping(node.span)
    return mappings
