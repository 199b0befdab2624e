"""What an expression refers to, as the configuration in a plan's JSON tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secretgen.hcl.evaluation import expression_tree as tree
from secretgen.hcl.evaluation.expression_tree import Expression

_LENGTHS = {"var": 2, "local": 2, "each": 2, "count": 2, "path": 2, "module": 3, "data": 4}
_RESOURCE = 3


def references(expression: Expression) -> frozenset[str]:
    """Returns what an expression refers to: `var.x`, `module.m.out`, `aws_kms_key.this.arn`."""
    return shortened(_references(expression, frozenset()))


def shortened(found: Iterable[str]) -> frozenset[str]:
    """Leaves out of references what stands behind the attribute, and what another one holds.

    Terraform names `module.m.arn` and `module.m` for one reference.
    """
    short = {_short(reference) for reference in found}
    return frozenset(short - {prefix for reference in short for prefix in _prefixes(reference)})


def _prefixes(reference: str) -> Iterator[str]:
    """Yields what a reference begins with, without itself."""
    parts = reference.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))


def _short(reference: str) -> str:
    parts = reference.split("[", maxsplit=1)[0].split(".")
    return ".".join(parts[: _LENGTHS.get(parts[0], _RESOURCE)])


def _references(expression: Expression, bound: frozenset[str]) -> Iterator[str]:
    match expression:
        case tree.Name() | tree.GetAttribute() | tree.GetIndex() | tree.Splat():
            yield from _traversal(expression, bound)
        case tree.For(names, collection, key, value, condition, _):
            yield from _references(collection, bound)
            inner = tuple(e for e in (key, value, condition) if e is not None)
            yield from _all(inner, bound | set(names))
        case _:
            yield from _all(_operands(expression), bound)


def _operands(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case (
            tree.Template(parts)
            | tree.ListOf(parts)
            | tree.Operation(_, parts)
            | tree.FunctionCall(_, parts, _)
        ):
            return parts
        case tree.ObjectOf(entries):
            return tuple(part for entry in entries for part in entry)
        case tree.Conditional(condition, yes, no):
            return condition, yes, no
    return ()


def _all(expressions: Iterable[Expression], bound: frozenset[str]) -> Iterator[str]:
    for expression in expressions:
        yield from _references(expression, bound)


def _traversal(expression: Expression, bound: frozenset[str]) -> Iterator[str]:
    """Yields a reference as far as its names are literal, and those of its indexes."""
    names: list[str] = []
    while True:
        match expression:
            case tree.GetAttribute(value, name):
                names.insert(0, name)
                expression = value
            case tree.GetIndex(value, index):
                yield from _references(index, bound)
                names = []
                expression = value
            case tree.Splat(value, _):
                names = []
                expression = value
            case tree.Name(name):
                if name not in bound:
                    yield ".".join([name, *names])
                return
            case _:
                yield from _references(expression, bound)
                return
