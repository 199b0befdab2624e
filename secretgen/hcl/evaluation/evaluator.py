"""What an expression comes to."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from secretgen.hcl.evaluation import expression_tree as tree
from secretgen.hcl.evaluation import terraform_functions
from secretgen.hcl.evaluation.expression_tree import (
    NOTHING_KNOWN,
    Expression,
    NotEvaluatedError,
    SetOf,
    Unknown,
    text_of,
    unknown_in,
)


class Scope(Protocol):
    """What the names of an expression stand for."""

    def find(self, name: str) -> Any:
        """Returns what a first name stands for; a `Lazy` for what is found by attribute.

        Raises:
            NotEvaluatedError: there is nothing of that name.
        """


class Lazy(ABC):
    """A value whose attributes are worked out when they are asked for."""

    @abstractmethod
    def attribute(self, name: str) -> Any:
        """Returns an attribute, which may be lazy itself.

        Raises:
            NotEvaluatedError: there is no such attribute.
        """


class Inner:
    """A scope with names of its own around another one.

    Args:
        outer: the scope around it.
        names: its own names.
    """

    def __init__(self, outer: Scope, names: Mapping[str, Any]) -> None:
        self._outer = outer
        self._names = names

    def find(self, name: str) -> Any:
        """Returns what a name stands for."""
        return self._names[name] if name in self._names else self._outer.find(name)


def evaluate(expression: Expression, scope: Scope) -> Any:
    """Works out an expression.

    Returns:
        Its value; `Unknown` for what is known only after the apply, or within it.

    Raises:
        NotEvaluatedError: a part of it is not supported, or Terraform would reject it.
    """
    return _EVALUATORS[type(expression)](expression, scope)


def _object(expression: tree.ObjectOf, scope: Scope) -> dict[str, Any]:
    return {_key(evaluate(k, scope)): evaluate(v, scope) for k, v in expression.entries}


def get(value: Any, index: Any) -> Any:
    """Returns an attribute or an item of a value.

    Raises:
        NotEvaluatedError: it has none.
    """
    if isinstance(index, Unknown):
        return index
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Lazy):
        return value.attribute(index)
    try:
        return value[index]
    except (IndexError, KeyError, TypeError) as error:
        raise NotEvaluatedError(f"there is no {index!r}") from error


def _key(key: Any) -> str:
    if unknown_in(key):
        raise NotEvaluatedError("a key is not known")
    return text_of(key)


def _splat(value: Any, names: tuple[str, ...]) -> Any:
    if isinstance(value, Unknown):
        return value
    items = value if isinstance(value, list | tuple) else [] if value is None else [value]
    found = []
    for item in items:
        for name in names:
            item = get(item, name)  # noqa: PLW2901 -- goes down
        found.append(item)
    return found


def _template(parts: list[Any]) -> Any:
    found = unknown_in(parts)
    return found if found is not None else "".join(map(text_of, parts))


def _items(collection: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(collection, dict):
        yield from sorted(collection.items())
    elif isinstance(collection, SetOf):
        yield from ((item, item) for item in collection)
    else:
        yield from enumerate(collection)


def _for(expression: tree.For, scope: Scope) -> Any:
    collection = evaluate(expression.collection, scope)
    if isinstance(collection, Unknown):
        return collection
    entries: list[tuple[Any, Any]] = []
    for key, value in _items(collection):
        names = dict(zip(expression.names, (key, value)[-len(expression.names) :], strict=True))
        inner = Inner(scope, names)
        if expression.condition is not None:
            wanted = evaluate(expression.condition, inner)
            if isinstance(wanted, Unknown):
                return wanted
            if not wanted:
                continue
        new_key = evaluate(expression.key, inner) if expression.key is not None else None
        entries.append((new_key, evaluate(expression.value, inner)))
    if expression.key is None:
        return [value for _, value in entries]
    if not expression.grouped:
        return {_key(key): value for key, value in entries}
    grouped: dict[str, list[Any]] = {}
    for key, value in entries:
        grouped.setdefault(_key(key), []).append(value)
    return grouped


def _conditional(expression: tree.Conditional, scope: Scope) -> Any:
    condition = evaluate(expression.condition, scope)
    if isinstance(condition, Unknown):
        return condition
    return evaluate(expression.yes if condition else expression.no, scope)


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": _same,
    "!=": lambda one, other: not _same(one, other),
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


def _operation(expression: tree.Operation, scope: Scope) -> Any:
    symbol, operands = expression.operator, expression.operands
    first = evaluate(operands[0], scope)
    if symbol in ("&&", "||"):
        if not isinstance(first, Unknown) and bool(first) is (symbol == "||"):
            return bool(first)
        return evaluate(operands[1], scope) if not isinstance(first, Unknown) else first
    values = [first, *(evaluate(operand, scope) for operand in operands[1:])]
    found = unknown_in(values)
    if found is not None:
        is_null_check = None in values and symbol in ("==", "!=")
        return (symbol == "!=") if is_null_check else found
    try:
        if len(values) == 1:
            return not first if symbol == "!" else -first
        return _BINARY[symbol](*values)
    except (TypeError, ZeroDivisionError) as error:
        raise NotEvaluatedError(f"{symbol} rejects its operands") from error


def _call(expression: tree.FunctionCall, scope: Scope) -> Any:
    if expression.function in ("can", "try"):
        return _tried(expression, scope)
    arguments = [evaluate(argument, scope) for argument in expression.arguments]
    if expression.expanded:
        last = arguments.pop()
        if isinstance(last, Unknown):
            return NOTHING_KNOWN
        arguments += last
    return terraform_functions.call(expression.function, arguments)


def _tried(expression: tree.FunctionCall, scope: Scope) -> Any:
    for argument in expression.arguments:
        try:
            value = evaluate(argument, scope)
        except NotEvaluatedError:
            continue
        return True if expression.function == "can" else value
    if expression.function == "can":
        return False
    raise NotEvaluatedError("no argument of try has a value")


_EVALUATORS: Mapping[type, Callable[[Any, Scope], Any]] = {
    tree.Conditional: _conditional,
    tree.Constant: lambda expression, _: expression.value,
    tree.For: _for,
    tree.FunctionCall: _call,
    tree.GetAttribute: lambda e, scope: get(evaluate(e.value, scope), e.name),
    tree.GetIndex: lambda e, scope: get(evaluate(e.value, scope), evaluate(e.index, scope)),
    tree.ListOf: lambda expression, scope: [evaluate(item, scope) for item in expression.items],
    tree.Name: lambda expression, scope: scope.find(expression.name),
    tree.ObjectOf: _object,
    tree.Operation: _operation,
    tree.Splat: lambda e, scope: _splat(evaluate(e.value, scope), e.names),
    tree.Template: lambda e, scope: _template([evaluate(part, scope) for part in e.parts]),
}
