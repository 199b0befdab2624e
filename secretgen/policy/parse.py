"""Policy documents as values: what the evaluator understands of the IAM policy language.

It understands what this program renders and the usual ways to change that by hand. Whatever
else a document says is refused, because a guess about a policy is worse than no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from secretgen.errors import SecretgenError

ANYONE = "*"

ANY_VALUE, ALL_VALUES = "ForAnyValue:", "ForAllValues:"
NULL = "Null"

OPERATORS = frozenset({NULL}) | frozenset(
    f"{quantifier}{operator}{suffix}"
    for quantifier in ("", ANY_VALUE, ALL_VALUES)
    for operator in (
        "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Bool",
        "StringEquals", "StringLike", "StringNotEquals", "StringNotLike",
        "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
    )
    for suffix in ("", "IfExists")
)  # fmt: skip
"""Condition operators that can be evaluated."""

CONDITION_KEYS = frozenset({
    "aws:principalaccount", "aws:principalarn", "aws:principalisawsservice",
    "aws:principalorgid", "aws:requestedregion", "aws:securetransport",
    "kms:encryptioncontext:secretarn", "kms:viaservice",
})  # fmt: skip
"""Condition keys whose value in a request is known. Their names know no case."""

_BOOLEANS = frozenset(("true", "false"))
_SID = re.compile(r"[A-Za-z0-9]+")
_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


class UnsupportedPolicyError(SecretgenError):
    """A policy document says something that cannot be evaluated exactly."""


class Effect(StrEnum):
    """What a statement does with the requests that it applies to."""

    ALLOW = "Allow"
    DENY = "Deny"


class Condition(Struct, frozen=True, order=True):
    """One line of a `Condition` element.

    Args:
        operator: one of `OPERATORS`.
        key: its condition key, in lower case.
        values: what the request's value is compared with.
    """

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def negated(self) -> bool:
        """True when the condition holds for requests whose value is none of `values`."""
        return "Not" in self.operator

    @property
    def if_exists(self) -> bool:
        """True when the condition holds for requests that do not carry the key."""
        return self.operator.endswith("IfExists")


class Statement(Struct, frozen=True):
    """One statement.

    Args:
        label: its `Sid`, or its place in the document where that is none that AWS takes.
        effect: Allow or Deny.
        accounts: ids of the accounts that its `Principal` names as a whole.
        arns: ARNs of the roles and users that its `Principal` names.
        services: service principals that its `Principal` names.
        anyone: True when its `Principal` is `*`.
        actions: patterns, in lower case.
        resources: patterns.
        conditions: all of them must hold; sorted, as their order in a document says nothing.
    """

    label: str
    effect: Effect
    accounts: tuple[str, ...]
    arns: tuple[str, ...]
    services: tuple[str, ...]
    anyone: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]


class Policy(Struct, frozen=True):
    """A policy document that can be evaluated.

    Args:
        title: what it is, for messages: `resource policy of prod/x`.
        statements: in the document's order.
    """

    title: str
    statements: tuple[Statement, ...]

    @property
    def allows(self) -> tuple[Statement, ...]:
        """The statements that grant something."""
        return tuple(s for s in self.statements if s.effect is Effect.ALLOW)


def parse_policy(
    title: str, document: Any, *, identity: bool = False, keys: frozenset[str] = CONDITION_KEYS
) -> Policy:
    """Reads a policy document.

    Args:
        title: what the document is, for messages.
        document: the document as JSON data.
        identity: True for a policy of a role, which names no principal; every other kind
            of policy must name one.
        keys: the condition keys whose value in a request is known, in lower case.

    Raises:
        UnsupportedPolicyError: the document says something that cannot be evaluated.
    """
    if not isinstance(document, Mapping) or "Statement" not in document:
        raise _refused(title, "it is not a policy document")
    unknown = document.keys() - {"Version", "Id", "Statement"}
    if unknown:
        raise _refused(title, f"it has the element {min(map(str, unknown))!r}")
    statements = document["Statement"]
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list):
        raise _refused(title, "its `Statement` is not a list")
    return Policy(
        title,
        tuple(
            _Reader(title, number, keys).statement(statement, identity=identity)
            for number, statement in enumerate(statements, start=1)
        ),
    )


def _refused(where: str, why: str) -> UnsupportedPolicyError:
    return UnsupportedPolicyError(
        f"the {where} cannot be evaluated: {why}",
        "Use only the elements, operators and condition keys that secretgen renders, or review "
        "this policy by hand.",
    )


class _Reader:
    """Reads one statement; every refusal names it."""

    def __init__(self, title: str, number: int, keys: frozenset[str]) -> None:
        self._title = title
        self._keys = keys
        self._label = f"statement {number}"

    def statement(self, data: Any, *, identity: bool) -> Statement:
        if not isinstance(data, Mapping):
            raise self._refuse("it is not an object")
        sid = data.get("Sid")
        if isinstance(sid, str) and _SID.fullmatch(sid):
            self._label = sid
        unknown = data.keys() - _ELEMENTS
        if unknown:
            raise self._refuse(f"it has the element {min(map(str, unknown))!r}")
        if ("Principal" in data) is identity:
            raise self._refuse("it names a principal" if identity else "it has no `Principal`")
        names = [] if identity else self._principals(data["Principal"])
        return Statement(
            label=self._label,
            effect=self._effect(data.get("Effect")),
            accounts=tuple(_account(n) for kind, n in names if kind == "account"),
            arns=tuple(n for kind, n in names if kind == "arn"),
            services=tuple(n for kind, n in names if kind == "service"),
            anyone=any(kind == "anyone" for kind, _ in names),
            actions=tuple(a.lower() for a in self._texts("Action", data.get("Action"))),
            resources=tuple(map(self._resource, self._texts("Resource", data.get("Resource")))),
            conditions=tuple(sorted(self._conditions(data.get("Condition", {})))),
        )

    def _refuse(self, why: str) -> UnsupportedPolicyError:
        return _refused(f"{self._title}, {self._label},", why)

    def _effect(self, effect: Any) -> Effect:
        if effect not in (Effect.ALLOW, Effect.DENY):
            raise self._refuse(f"its effect is {effect!r}" if effect else "it has no `Effect`")
        return Effect(effect)

    def _texts(self, element: str, data: Any) -> list[str]:
        texts = data if isinstance(data, list) else [data]
        if not texts or not all(isinstance(t, str) and t for t in texts):
            raise self._refuse(f"its `{element}` is neither text nor a list of texts")
        for text in texts:
            if "${" in text:
                raise self._refuse(f"its `{element}` holds the policy variable {text!r}")
        return texts

    def _resource(self, pattern: str) -> str:
        if pattern != ANYONE and not pattern.startswith("arn:"):
            raise self._refuse(f"its resource {pattern!r} is not an ARN")
        return pattern

    def _principals(self, data: Any) -> Iterable[tuple[str, str]]:
        if data == ANYONE:
            return [("anyone", ANYONE)]
        if not isinstance(data, Mapping) or not data:
            raise self._refuse("its `Principal` is neither `*` nor an object")
        names: list[tuple[str, str]] = []
        for kind, value in data.items():
            texts = self._texts("Principal", value)
            if kind == "AWS":
                names += [self._aws_principal(text) for text in texts]
            elif kind == "Service":
                names += [("service", text) for text in texts]
            else:
                raise self._refuse(f"its `Principal` is of the kind {kind!r}")
        return names

    def _aws_principal(self, text: str) -> tuple[str, str]:
        if text == ANYONE:
            return "anyone", text
        if _is_account_id(text):
            return "account", text
        parts = text.split(":", 5)
        well_formed = len(parts) == 6 and parts[0] == "arn" and parts[2:4] == ["iam", ""]  # noqa: PLR2004
        if not well_formed or not _is_account_id(parts[4]) or set(text) & set("*?"):
            raise self._refuse(f"its principal {text!r} is not an account, role or user")
        if parts[5] == "root":
            return "account", text
        if not parts[5].startswith(("role/", "user/")):
            raise self._refuse(f"its principal {text!r} is not an account, role or user")
        return "arn", text

    def _conditions(self, data: Any) -> Iterable[Condition]:
        if not isinstance(data, Mapping):
            raise self._refuse("its `Condition` is not an object")
        for operator, keys in data.items():
            if operator not in OPERATORS:
                raise self._refuse(f"it has the condition operator {operator!r}")
            if not isinstance(keys, Mapping) or not keys:
                raise self._refuse(f"its condition {operator!r} is not an object")
            if len({key.lower() for key in keys}) < len(keys):
                raise self._refuse(f"its condition {operator!r} has a key twice")
            for key, values in keys.items():
                if key.lower() not in self._keys:
                    raise self._refuse(f"it has the condition key {key!r}")
                texts = values if isinstance(values, list) else [values]
                plain = [str(v).lower() if isinstance(v, bool) else v for v in texts]
                wanted = tuple(self._texts("Condition", plain))
                if (operator == NULL or "Bool" in operator) and {
                    v.lower() for v in wanted
                } - _BOOLEANS:
                    raise self._refuse(
                        f"its condition {operator!r} compares with something other "
                        "than true or false"
                    )
                yield Condition(operator, key.lower(), wanted)


def _is_account_id(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()  # noqa: PLR2004


def _account(principal: str) -> str:
    return principal if _is_account_id(principal) else principal.split(":")[4]
