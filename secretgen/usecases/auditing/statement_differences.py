"""Two policy documents, statement by statement, whatever form their elements are written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from secretgen.model.compare import BLOCK, Leaf
from secretgen.policy.documents import canonical

_CONDITION = "Condition"


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
    expected: Mapping[str, Any], found: Mapping[str, Any] | None
) -> Iterator[StatementDifference]:
    """Compares two policies. Order, a single item outside of a list and letter case say nothing.

    Args:
        expected: the policy as it is rendered.
        found: the policy in AWS; None for none.
    """
    ours, theirs = _statements(expected), _statements(found or {})
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


def _statements(document: Mapping[str, Any]) -> list[_Statement]:
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return [_statement(raw, number) for number, raw in enumerate(listed, 1)]


def _statement(raw: Any, number: int) -> _Statement:
    if not isinstance(raw, Mapping):
        return _Statement("", number, {"Statement": str(raw)})
    elements: dict[str, Any] = {}
    for name, value in canonical(raw).items():
        if name == _CONDITION and isinstance(value, Mapping):
            elements |= dict(_conditions(value))
        elif name in ("Principal", "NotPrincipal"):
            kinds = value if isinstance(value, Mapping) else {"AWS": value}
            elements |= {f"{name}.{kind}": named for kind, named in kinds.items()}
        elif name in ("Action", "NotAction"):
            actions = value if isinstance(value, list) else [value]
            elements[name] = canonical([str(action).lower() for action in actions])
        else:
            elements[name] = value
    return _Statement(str(raw.get("Sid", "")), number, elements)


def _conditions(conditions: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for operator, keys in conditions.items():
        for key, values in keys.items() if isinstance(keys, Mapping) else [("", keys)]:
            # IAM takes ArnEquals and ArnLike for the same.
            name = operator.replace("Equals", "Like") if operator.startswith("Arn") else operator
            yield f"{_CONDITION}.{name}.{key.lower()}", values
