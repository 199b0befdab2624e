"""What a resource policy means in the words of a spec: readers and writers, or nothing exact.

What is derived here is a guess that `proof` confirms: the policy that the spec would deploy must
decide as the one that there is, for everyone whom either names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from secretgen.live.account import Document, LiveSecret
from secretgen.model.names import PERMISSION_SET_PATH, PERMISSION_SET_PREFIX
from secretgen.policy.documents import READ_ACTIONS, VALUE_ACTIONS, WRITE_ACTIONS
from secretgen.policy.evaluate import resources_like
from secretgen.policy.parse import Effect, Statement, UnsupportedPolicyError, parse_policy

_READ = frozenset(action.lower() for action in READ_ACTIONS)
_WRITE = frozenset(action.lower() for action in WRITE_ACTIONS)
_VALUE = frozenset(action.lower() for action in VALUE_ACTIONS)
_DESCRIBE = _READ & _WRITE
_PRINCIPAL_ARN = "aws:principalarn"
_TLS = "aws:securetransport"
_IS_SERVICE = "aws:principalisawsservice"
_OTHER_ARN = frozenset({"ArnNotEquals", "ArnNotLike", "StringNotEquals", "StringNotLike"})
_SAME_ARN = frozenset({"ArnEquals", "ArnLike", "StringEquals", "StringLike"})
_IN_ARN = 5
_OF_ACCOUNT = re.compile(r"((?:[^:*?]*:){4})(\*|[0-9]{12})(:.+)", re.DOTALL)
"""ARNs in one account, or in any: another pattern may stand for roles of some accounts."""
_PERMISSION_SET = re.compile(
    rf"{re.escape(PERMISSION_SET_PATH)}(?:[a-z0-9-]+/|\*/)?{PERMISSION_SET_PREFIX}"
    r"(?P<name>[\w+=,.@-]{1,32})_(?P<end>[0-9a-f]{16}|\?{16})",
    re.ASCII,
)
"""The role of a permission set, or a pattern of every role that AWS creates for it."""


class RoleOf(Struct, frozen=True, order=True):
    """A role of an account.

    Args:
        account_id: 12 digits.
        role: its name, with its path if it has one; the name of a permission set.
        permission_set: whether it is the role of an IAM Identity Center permission set.
        arn: the role that AWS has for a permission set now; empty if the policy does not tell.
    """

    account_id: str
    role: str
    permission_set: bool = False
    arn: str = ""


class Access(Struct, frozen=True):
    """What a policy says, in the words of a spec.

    Args:
        readers: the roles that may read.
        writers: the roles that may write.
        exempt: the other roles of its account from which the value is not kept; None if it is
            kept from nobody.
    """

    readers: tuple[RoleOf, ...] = ()
    writers: tuple[RoleOf, ...] = ()
    exempt: tuple[str, ...] | None = None

    @property
    def roles(self) -> tuple[RoleOf, ...]:
        """All of them, sorted."""
        return tuple(sorted({*self.readers, *self.writers}))


class Inexpressible(Struct, frozen=True):
    """A policy that a spec cannot express.

    Args:
        reason: why.
        statement: the first statement that is the reason.
    """

    reason: str
    statement: Mapping[str, Any] | None


class _RefusedError(Exception):
    """A statement that a spec cannot express."""


def access_of(
    secret: LiveSecret, organization: str = "", outside: Collection[str] = ()
) -> Access | Inexpressible:
    """Derives readers and writers of a secret from its policy.

    Args:
        secret: the secret.
        organization: the organization of the spec; empty for none.
        outside: ids of the accounts that the spec has outside of it.
    """
    exempted = {secret.account_id, *outside}
    if secret.policy is None:
        return Access()
    readers: set[RoleOf] = set()
    writers: set[RoleOf] = set()
    exempt: set[RoleOf] | None = None
    for raw in statements_of(secret.policy):
        try:
            statement = _parsed(raw)
            if statement.effect is Effect.DENY:
                if set(statement.actions) == _VALUE:
                    exempt = _exempt(statement)
                elif not _is_for_organization(statement, organization, exempted):
                    _check_deny(statement)
                continue
            roles = _roles(statement, secret.arn)
            reads, writes = _rights(statement)
        except _RefusedError as refused:
            return Inexpressible(str(refused), raw)
        readers |= roles if reads else set()
        writers |= roles if writes else set()
    try:
        parse_policy("policy", secret.policy)
    except UnsupportedPolicyError as error:
        return Inexpressible(f"it cannot be evaluated: {_reason(error)}", None)
    named = tuple(sorted(readers)), tuple(sorted(writers))
    if exempt is None:
        return Access(*named)
    others = sorted(exempt - {replace(role, arn="") for role in readers | writers})
    own = tuple(
        role.role
        for role in others
        if role.account_id == secret.account_id and not role.permission_set
    )
    if not own or len(own) < len(others):
        return Inexpressible("its Deny statement exempts roles that a spec cannot name", None)
    return Access(*named, own)


def statements_of(document: Document) -> list[Any]:
    """Returns the statements of a policy; one alone need not be in a list."""
    statements = document.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _parsed(raw: Any) -> Statement:
    document = {"Version": "2012-10-17", "Statement": [raw]}
    try:
        return parse_policy("policy", document).statements[0]
    except UnsupportedPolicyError as error:
        raise _RefusedError(f"it cannot be evaluated: {_reason(error)}") from None


def _reason(error: UnsupportedPolicyError) -> str:
    return error.summary.partition(": ")[2] or error.summary


def _is_for_organization(statement: Statement, organization: str, exempted: set[str]) -> bool:
    """Returns whether a statement is the deny of callers outside the organization of the spec."""
    conditions = {(c.operator, c.key): set(c.values) for c in statement.conditions}
    spared = conditions.pop(("StringNotEquals", "aws:principalaccount"), {""})
    return (
        statement.anyone
        and statement.actions == ("secretsmanager:*",)
        and spared <= exempted
        and conditions
        == {
            ("StringNotEquals", "aws:principalorgid"): {organization},
            ("BoolIfExists", _IS_SERVICE): {"false"},
        }
    )


def _check_deny(statement: Statement) -> None:
    """Accepts the deny of calls without TLS, which every secret of a spec has."""
    keys = {condition.key for condition in statement.conditions}
    values = {v.lower() for c in statement.conditions for v in c.values}
    plain = all(not c.negated for c in statement.conditions)
    if not (statement.anyone and keys == {_TLS} and values == {"false"} and plain):
        raise _RefusedError("it has a Deny statement that a spec cannot express")


def _exempt(statement: Statement) -> set[RoleOf]:
    """Returns the roles that a deny of everyone else spares."""
    others: set[RoleOf] = set()
    for condition in statement.conditions:
        if condition.key == _PRINCIPAL_ARN and condition.operator in _OTHER_ARN:
            others = {replace(_role(arn), arn="") for arn in condition.values}
        elif condition.key != _IS_SERVICE:
            raise _RefusedError(f"it has a condition on {condition.key}")
    if not statement.anyone or not others:
        raise _RefusedError("it has a Deny statement that a spec cannot express")
    return others


def _rights(statement: Statement) -> tuple[bool, bool]:
    """Returns whether a statement lets read, and whether it lets write."""
    actions = set(statement.actions)
    extra = sorted(actions - _READ - _WRITE)
    if extra:
        raise _RefusedError(f"it allows {extra[0]}")
    reads, writes = bool(actions & _READ - _DESCRIBE), bool(actions & _WRITE - _DESCRIBE)
    if not (reads or writes):
        raise _RefusedError("it allows only DescribeSecret")
    return reads, writes


def _roles(statement: Statement, arn: str) -> set[RoleOf]:
    if not resources_like(statement.resources).fullmatch(arn):
        raise _RefusedError("its resource is another secret")
    if statement.anyone or statement.services:
        raise _RefusedError("its principal is not a role")
    if statement.conditions:
        return set(_conditioned(statement))
    if statement.accounts:
        raise _RefusedError("it allows a whole account")
    return {_role(principal) for principal in statement.arns}


def _conditioned(statement: Statement) -> Iterator[RoleOf]:
    """Yields the roles that a condition picks of the accounts that are the principal."""
    if statement.arns:
        raise _RefusedError("it has a condition on more than its roles")
    (condition, *others) = statement.conditions
    if others or condition.key != _PRINCIPAL_ARN or condition.operator not in _SAME_ARN:
        raise _RefusedError(f"it has a condition on {(others or [condition])[0].key}")
    for pattern in condition.values:
        match = _OF_ACCOUNT.fullmatch(pattern)
        if not match:
            raise _RefusedError(f"its principal {pattern} is not a role")
        for account in statement.accounts:
            if match[2] in {"*", account}:
                # AWS checks that a principal exists, but not what a condition names.
                yield replace(_role(f"{match[1]}{account}{match[3]}"), arn="")


def _role(arn: str) -> RoleOf:
    parts = arn.split(":", _IN_ARN)
    kind, _, name = "".join(parts[_IN_ARN:]).partition("/")
    if match := _PERMISSION_SET.fullmatch(name) if kind == "role" else None:
        exact = "" if set(arn) & set("*?") else arn
        return RoleOf(parts[4], match["name"], permission_set=True, arn=exact)
    if kind != "role" or set(arn) & set("*?"):
        raise _RefusedError(f"its principal {arn} is not a role")
    return RoleOf(parts[4], name)
