"""What policies say to a request, by AWS's evaluation logic.

The rules are those of the IAM User Guide ("Policy evaluation logic", "Condition operators") and
of the KMS Developer Guide ("Key policies").
Service and resource control policies, permissions boundaries and session policies are not
part of it: they only ever take away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, StrEnum, auto
from functools import cache

from msgspec import Struct, field

from secretgen.policy.parse import ALL_VALUES, ANY_VALUE, NULL, Condition, Effect, Policy, Statement

_REGION = 3
"""Position of the Region among the parts of an ARN."""

ANONYMOUS = "anonymous"
"""`aws:PrincipalAccount` of a request that nobody signed."""


class Caller(Struct, frozen=True, order=True):
    """Who makes a request.

    Args:
        account: id of the caller's account; empty for AWS services and anonymous callers.
        arn: ARN of the role or user (of the role, not of its session).
        service: service principal, for a call that an AWS service makes for itself.
        organization: id of the organization that the account belongs to; empty for none.
    """

    account: str = ""
    arn: str = ""
    service: str = ""
    organization: str = ""

    @property
    def context(self) -> dict[str, str]:
        """The condition keys that describe the caller; keys that AWS leaves out are absent."""
        if self.service:
            return {"aws:principalisawsservice": "true"}
        if not self.arn:
            return {"aws:principalaccount": ANONYMOUS}
        keys = {
            "aws:principalaccount": self.account,
            "aws:principalarn": self.arn,
            "aws:principalisawsservice": "false",
        }
        if self.organization:
            keys["aws:principalorgid"] = self.organization
        return keys


class Request(Struct, frozen=True):
    """One call of the AWS API.

    Args:
        caller: who makes it.
        action: such as `secretsmanager:GetSecretValue`.
        resource: ARN of the secret or key.
        context: condition keys next to the caller's, in lower case; absent keys are not sent. A
            key with several values, such as `aws:tagkeys`, has a tuple.
    """

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    @property
    def keys(self) -> dict[str, str | tuple[str, ...]]:
        """Every condition key of the request; a resource is asked for in its own Region."""
        region = self.resource.split(":")[_REGION:][:1]
        here = {"aws:requestedregion": region[0]} if region and region[0] else {}
        return {**here, **self.caller.context, **self.context}


class Decision(StrEnum):
    """What one policy says to a request."""

    ALLOW = "allow"
    DENY = "deny"
    NOTHING = "nothing"
    """No statement applies: refused, unless another policy allows it."""


class Judgement(Struct, frozen=True):
    """What one policy says to a request.

    Args:
        decision: allow, deny or nothing.
        statement: label of the statement that decides; empty for nothing.
        delegated: True when it allows the caller's account, not the caller: then the
            account's own identity policies decide.
    """

    decision: Decision
    statement: str = ""
    delegated: bool = False


def judge(policy: Policy, request: Request) -> Judgement:
    """Returns what one policy says to a request; an explicit deny wins.

    A policy of a role (one that names no principals) is taken to be the caller's own.
    """
    keys = request.keys
    allowed = delegated = None
    for statement in policy.statements:
        naming = _naming(statement, request.caller)
        if naming is _Naming.NOT or not _applies(statement, request, keys):
            continue
        if statement.effect is Effect.DENY:
            return Judgement(Decision.DENY, statement.label)
        if naming is _Naming.ACCOUNT:
            delegated = delegated or Judgement(Decision.ALLOW, statement.label, delegated=True)
        else:
            allowed = allowed or Judgement(Decision.ALLOW, statement.label)
    return allowed or delegated or Judgement(Decision.NOTHING)


class _Naming(Enum):
    """How the `Principal` of a statement names a caller."""

    NOT = auto()
    ACCOUNT = auto()
    CALLER = auto()


def _naming(statement: Statement, caller: Caller) -> _Naming:
    if statement.anyone or caller.arn in statement.arns or caller.service in statement.services:
        return _Naming.CALLER
    if caller.account in statement.accounts:
        return _Naming.ACCOUNT
    names_principals = statement.accounts or statement.arns or statement.services
    return _Naming.NOT if names_principals else _Naming.CALLER


def _applies(
    statement: Statement, request: Request, keys: Mapping[str, str | tuple[str, ...]]
) -> bool:
    return (
        bool(texts_like(statement.actions).fullmatch(request.action.lower()))
        and bool(resources_like(statement.resources).fullmatch(request.resource))
        and all(_holds(condition, keys.get(condition.key)) for condition in statement.conditions)
    )


def _holds(condition: Condition, value: str | tuple[str, ...] | None) -> bool:
    """Returns whether a condition holds for the value of its key in a request.

    Without a quantifier a key has one value; AWS refuses nothing else, so several are compared
    as `ForAnyValue` does, and as `ForAllValues` by a negated operator.
    """
    operator, is_sent = condition.operator, value not in {None, ()}
    if operator == NULL:
        return ("false" if is_sent else "true") in {v.lower() for v in condition.values}
    if value is None or not is_sent:
        missing = condition.negated or condition.if_exists or operator.startswith(ALL_VALUES)
        return missing and not (operator.startswith(ANY_VALUE) and not condition.if_exists)
    compare, negated = _comparison(operator), condition.negated
    if isinstance(value, str):
        return compare(condition.values, value) is not negated
    held = (compare(condition.values, v) is not negated for v in value)
    needs_all = operator.startswith(ALL_VALUES) or (":" not in operator and negated)
    return all(held) if needs_all else any(held)


@cache
def _comparison(operator: str) -> Callable[[tuple[str, ...], str], bool]:
    return _COMPARISONS[operator.rpartition(":")[2].removesuffix("IfExists").replace("Not", "")]


_ARN_COLONS = 5
_NO_COLON = "[^:]"
_NEVER = "(?!)"


@cache
def texts_like(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Makes an expression for texts: `*` stands for any text, `?` for any character."""
    return _any_of(_expression(pattern, ".") for pattern in patterns)


@cache
def arns_like(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Makes an expression for the ARNs of a condition.

    Each of the six parts is compared by itself, so that no wildcard crosses a colon but in
    the last part, which may hold colons.
    """
    return _any_of(_arn_expression(pattern) for pattern in patterns)


def _arn_expression(pattern: str) -> str:
    *parts, last = pattern.split(":", _ARN_COLONS)
    if len(parts) < _ARN_COLONS:
        return _NEVER
    return ":".join([*(_expression(part, _NO_COLON) for part in parts), _expression(last, ".")])


@cache
def resources_like(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Makes an expression for the ARNs of a `Resource` element.

    Wildcards stay between two colons, but for a `*` at the end of such a part, which also
    crosses colons. Parts that are missing at the end match anything.
    """
    return _any_of(
        _expression(pattern, _NO_COLON)
        + (":.*" if pattern.startswith("arn:") and pattern.count(":") < _ARN_COLONS else "")
        for pattern in patterns
    )


def _any_of(expressions: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(expressions), re.DOTALL)


def _expression(pattern: str, one: str) -> str:
    """Makes the expression of a pattern.

    Args:
        pattern: text with wildcards.
        one: what `?` stands for, and each character of a `*` that does not end a part.

    Returns:
        An expression that never tries more than the number of colons allows: a `*` is atomic
        (the first place where the text behind it fits is as good as any later one), unless
        it may cross colons that a later `*` may not.
    """
    first, *rest = re.split(r"\*+", pattern)
    expression = _literal(first, one)
    for index, text in enumerate(rest, start=1):
        any_text = one if text and text[0] != ":" else "."
        wildcard = f"{any_text}*?{_literal(text, one)}"
        is_atomic = any_text == one and index < len(rest)
        expression += f"(?>{wildcard})" if is_atomic else wildcard
    return expression


def _literal(text: str, one: str) -> str:
    return "".join(one if c == "?" else re.escape(c) for c in text)


_COMPARISONS: Mapping[str, Callable[[tuple[str, ...], str], bool]] = {
    "ArnEquals": lambda values, value: bool(arns_like(values).fullmatch(value)),
    "ArnLike": lambda values, value: bool(arns_like(values).fullmatch(value)),
    "Bool": lambda values, value: value.lower() in [v.lower() for v in values],
    "StringEquals": lambda values, value: value in values,
    "StringEqualsIgnoreCase": lambda values, value: value.lower() in map(str.lower, values),
    "StringLike": lambda values, value: bool(texts_like(values).fullmatch(value)),
}
