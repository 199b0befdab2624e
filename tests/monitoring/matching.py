"""What EventBridge and CloudWatch Logs do with a pattern, after their user guides."""

import re
from collections.abc import Iterator
from typing import Any


def matches_event(pattern: dict[str, Any], event: Any) -> bool:
    """Match an event as "Creating Amazon EventBridge event patterns" says.

    Every field of the pattern must match, `$or` matches when one of its patterns does, a list names
    the values that match, and an array in the event matches when one of its elements does.
    """
    return all(
        any(matches_event(part, event) for part in wanted)
        if name == "$or"
        else not list(_values(event, name))
        if wanted == [{"exists": False}]
        else bool(list(_values(event, name)))
        if wanted == [{"exists": True}]
        else any(_matches_value(wanted, value) for value in _values(event, name))
        for name, wanted in pattern.items()
    )


def _values(event: Any, name: str) -> Iterator[Any]:
    for node in event if isinstance(event, list) else [event]:
        if isinstance(node, dict) and name in node:
            yield node[name]


def _matches_value(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict):
        return matches_event(wanted, value)
    values = value if isinstance(value, list) else [value]
    return any(_matches_rule(rule, one) for rule in wanted for one in values)


def _matches_rule(rule: Any, value: Any) -> bool:
    if not isinstance(rule, dict):
        return bool(rule == value)
    ((operator, operand),) = rule.items()
    assert operator == "prefix", f"the tests do not know {operator}"
    return isinstance(value, str) and value.startswith(operand)


_TOKEN = re.compile(r'\s*(?:(&&|\|\||[(){}=]|!=)|\$\.([\w.]+)|"((?:[^"\\])*)")')


def matches_log(pattern: str, record: dict[str, Any]) -> bool:
    """Match a record as "Filter pattern syntax" says of JSON: terms, `&&`, `||`, parentheses.

    A `*` at either end of a value stands for any text. `&&` binds stronger than `||`.
    """
    tokens = list(_tokens(pattern))
    _take(tokens, "{")
    matched = _any(tokens, record)
    _take(tokens, "}")
    assert not tokens, f"left over: {tokens}"
    return matched


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(pattern.rstrip()):
        token = _TOKEN.match(pattern, position)
        assert token, f"not a filter pattern at {position}: {pattern[position : position + 30]}"
        position = token.end()
        sign, field, text = token.groups()
        if sign:
            yield sign, sign
        elif field:
            yield "field", field
        else:
            yield "text", text


def _take(tokens: list[tuple[str, str]], kind: str) -> str:
    found, text = tokens.pop(0)
    assert found == kind, f"{found} instead of {kind}"
    return text


def _any(tokens: list[tuple[str, str]], record: dict[str, Any]) -> bool:
    matched = _all(tokens, record)
    while tokens[0][0] == "||":
        tokens.pop(0)
        matched = _all(tokens, record) or matched
    return matched


def _all(tokens: list[tuple[str, str]], record: dict[str, Any]) -> bool:
    matched = _term(tokens, record)
    while tokens[0][0] == "&&":
        tokens.pop(0)
        matched = _term(tokens, record) and matched
    return matched


def _term(tokens: list[tuple[str, str]], record: dict[str, Any]) -> bool:
    if tokens[0][0] == "(":
        tokens.pop(0)
        matched = _any(tokens, record)
        _take(tokens, ")")
        return matched
    path = _take(tokens, "field")
    _take(tokens, "=")
    value = _take(tokens, "text")
    node: Any = record
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    middle = value.strip("*")
    assert "*" not in middle, f"a star in the middle of {value}"
    if not isinstance(node, str):
        return False
    begins = ".*" if value.startswith("*") else ""
    ends = ".*" if value.endswith("*") else ""
    return re.fullmatch(begins + re.escape(middle) + ends, node, re.DOTALL) is not None
