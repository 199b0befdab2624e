"""Two policy documents, statement by statement, whatever form their elements are written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from secretgen.model.compare import BLOCK, Leaf

_ACCOUNT_DIGITS = 12
_CONDITION = "Condition"
_SID = "Sid"


class StatementDifference(Struct, frozen=True):
    """What two policies do not agree on.

    Args:
        path: the statement, by `Sid` or number, and the element of it that differs.
        expected: the element, or a block for a whole statement; None for none.
        found: the same in the other policy.
    """

    path: tuple[str, ...]
    expected: Leaf
    found: Leaf


class _Statement(Struct):
    """A statement: its `Sid`, its number, and its elements in one form."""

    sid: str
    number: int
    elements: dict[str, Any]

    @property
    def label(self) -> str:
        return self.sid or f"statement {self.number}"


def statement_differences(
    expected: Mapping[str, Any], found: Mapping[str, Any] | None, partition: str
) -> Iterator[StatementDifference]:
    """Compares two policies. Order, a single item outside of a list and letter case say nothing.

    Args:
        expected: the policy as it is rendered.
        found: the policy in AWS; None for none.
        partition: the partition, for accounts that are named by id.
    """
    ours, theirs = _statements(expected, partition), _statements(found or {}, partition)
    for statement in list(ours):
        twin = next((t for t in theirs if t.elements == statement.elements), None)
        if twin:
            ours.remove(statement)
            theirs.remove(twin)
    for ours_left in ours:
        other = next((t for t in theirs if t.sid == ours_left.sid), None)
        if other is None:
            yield StatementDifference((ours_left.label,), BLOCK, None)
        else:
            theirs.remove(other)
            yield from _compared(ours_left, other)
    yield from (StatementDifference((t.label,), None, BLOCK) for t in theirs)


def _compared(one: _Statement, other: _Statement) -> Iterator[StatementDifference]:
    for name in sorted(one.elements.keys() | other.elements.keys()):
        left, right = one.elements.get(name), other.elements.get(name)
        if left != right:
            yield StatementDifference((one.label, name), left, right)


def _statements(document: Mapping[str, Any], partition: str) -> list[_Statement]:
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return [_statement(raw, number, partition) for number, raw in enumerate(listed, 1)]


def _statement(raw: Any, number: int, partition: str) -> _Statement:
    if not isinstance(raw, Mapping):
        return _Statement("", number, {"Statement": str(raw)})
    elements: dict[str, Any] = {}
    for name, value in raw.items():
        if name == _CONDITION and isinstance(value, Mapping):
            elements |= dict(_conditions(value))
        elif name in ("Principal", "NotPrincipal"):
            elements |= dict(_principals(name, value, partition))
        elif name in ("Action", "NotAction"):
            elements[name] = sorted(text.lower() for text in _texts(value))
        elif name == "Effect":
            elements[name] = str(value)
        elif name != _SID:
            elements[name] = _texts(value)
    return _Statement(str(raw.get(_SID, "")), number, elements)


def _conditions(conditions: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for operator, keys in conditions.items():
        for key, values in keys.items() if isinstance(keys, Mapping) else [("", keys)]:
            # IAM takes ArnEquals and ArnLike for the same.
            name = operator.replace("Equals", "Like") if operator.startswith("Arn") else operator
            yield f"{_CONDITION}.{name}.{key.lower()}", _texts(values)


def _principals(name: str, value: Any, partition: str) -> Iterator[tuple[str, list[str]]]:
    if not isinstance(value, Mapping):
        yield f"{name}.AWS", _texts(value)
        return
    for kind, names in value.items():
        yield f"{name}.{kind}", sorted(_principal(text, partition) for text in _texts(names))


def _principal(text: str, partition: str) -> str:
    is_account = len(text) == _ACCOUNT_DIGITS and text.isascii() and text.isdigit()
    return f"arn:{partition}:iam::{text}:root" if is_account else text


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return sorted(str(v).lower() if isinstance(v, bool) else str(v) for v in items)
