"""Values of input variables: defaults, and conversion to the type of the variable."""

from __future__ import annotations

from typing import Any

from secretgen.hcl.evaluation.evaluator import Scope, evaluate
from secretgen.hcl.evaluation.expression_tree import (
    Constant,
    Expression,
    FunctionCall,
    Name,
    ObjectOf,
    Unknown,
    text_of,
)
from secretgen.hcl.evaluation.terraform_functions import set_of
from secretgen.plan.module_blocks import Variable


def input_value(variable: Variable, value: Any, scope: Scope) -> Any:
    """Returns what a variable is when a module is called.

    Args:
        variable: its block.
        value: what the call gives; None for null, and for nothing.
        scope: what names in its default stand for.
    """
    if value is None and (not variable.nullable or variable.default is not None):
        is_given_null = variable.nullable and variable.default is None
        if variable.default is not None and not is_given_null:
            value = evaluate(variable.default, scope)
    return _converted(value, variable.type, scope)


def _converted(value: Any, type_: Expression | None, scope: Scope) -> Any:
    """Converts a value to the type of a variable, with the defaults of optional attributes."""
    if value is None or isinstance(value, Unknown):
        return value
    if type_ == Name("string"):
        return text_of(value)
    match type_:
        case FunctionCall("object", (ObjectOf(entries),)):
            return {
                key.value: _attribute(value.get(key.value), of, scope)
                for key, of in entries
                if isinstance(key, Constant)
            }
        case FunctionCall("map", (item,)):
            return {key: _converted(v, item, scope) for key, v in value.items()}
        case FunctionCall("list" | "set" as kind, (item,)):
            items = [_converted(v, item, scope) for v in value]
            return set_of(items) if kind == "set" else items
    return value


def _attribute(value: Any, type_: Expression, scope: Scope) -> Any:
    match type_:
        case FunctionCall("optional", (inner, *default)):
            if value is None and default:
                return evaluate(default[0], scope)
            return _converted(value, inner, scope)
    return _converted(value, type_, scope)
