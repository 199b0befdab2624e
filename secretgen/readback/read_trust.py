"""Who may assume a role, from its trust policy: nobody else may be allowed by it."""

from __future__ import annotations

import re
from typing import Any

from secretgen.hcl.hcl_nodes import ListValue, ObjectValue, Value
from secretgen.model.trust import DEFAULT_AUDIENCE, Oidc, PodIdentity, Trust
from secretgen.readback.block_fields import Fields
from secretgen.readback.read_values import matches, shown, text, texts, to_plain

_SERVICE = re.compile(r"([a-z0-9.-]+?)\.amazonaws\.com(\.cn)?")
_PODS = "pods.eks.amazonaws.com"
_PROVIDER = re.compile(r"arn:([^:]+):iam::([^:]*):oidc-provider/(.+)")
_TAGS = {
    "aws:RequestTag/eks-cluster-name": "cluster",
    "aws:RequestTag/kubernetes-namespace": "namespace",
    "aws:RequestTag/kubernetes-service-account": "service_account",
}


def read_trust(role: Fields, partition: str, account: str) -> Trust:
    """Reads the trust policy of a role.

    Args:
        role: its block.
        partition: the partition of its account.
        account: id of its account.
    """
    document = role.document("assume_role_policy", "trust")
    statements = document.take("Statement") if document else None
    if document:
        document.expect("Version", "2012-10-17")
        document.finish()
    reader = _TrustReader(role, partition, account)
    if not isinstance(statements, ListValue) or not statements.items:
        role.notes.odd(reader.path, "statements", to_plain(statements), role.span)
        return Trust()
    for statement in statements.items:
        reader.read(statement)
    return reader.trust


class _TrustReader:
    """Reads statement after statement: each says one kind of principal."""

    def __init__(self, role: Fields, partition: str, account: str) -> None:
        self._notes = role.notes
        self._partition = partition
        self._account = account
        self._services: list[Any] = []
        self._parts: dict[str, Any] = {}
        self.path = (*role.path, "trust")

    @property
    def trust(self) -> Trust:
        """What the statements say together."""
        return Trust(service=tuple(sorted(self._services, key=str)), **self._parts)

    def read(self, statement: Value) -> None:
        """Reads a statement."""
        fields = Fields.of(statement, self.path, self._notes)
        fields.expect("Effect", "Allow")
        principal = fields.object("Principal")
        kinds = {
            "Service": ("service", self._services_of),
            "Federated": ("oidc", self._oidc_of),
            "AWS": ("roles", self._roles_of),
        }
        kind = next(
            (k for k in kinds if principal and principal.peek(k, to_plain) is not None), None
        )
        if principal is None or kind is None:
            self._odd(fields, "Principal", ", ".join(kinds), to_plain(fields.take("Principal")))
        else:
            word, read = kinds[kind]
            read(_many(principal.take(kind, word)), fields)
            principal.finish()
        fields.finish()

    def _services_of(self, services: tuple[Any, ...], statement: Fields) -> None:
        if services == (_PODS,):
            self._pods_of(statement)
            return
        self._services += services
        statement.expect("Action", "sts:AssumeRole", "service")
        for service in services:
            expected = self._conditions(str(service))
            found = statement.peek("Condition", lambda value: value)
            if not (matches(found, expected) if found else expected is None):
                self._odd(statement, "service", shown(expected), to_plain(found))
        statement.skip("Condition")

    def _conditions(self, service: str) -> dict[str, Any] | None:
        """Returns the conditions that belong to a service; None for none."""
        match = _SERVICE.fullmatch(service)
        same_account = {"StringEquals": {"aws:SourceAccount": self._account}}
        arn = f"arn:{self._partition}"
        match match and match[1]:
            case "codebuild":
                return same_account
            case "ecs-tasks":
                source = f"{arn}:ecs:*:{self._account}:*"
            case "states":
                source = f"{arn}:states:*:{self._account}:stateMachine:*"
            case _:
                return None
        return {"ArnLike": {"aws:SourceArn": source}, **same_account}

    def _pods_of(self, statement: Fields) -> None:
        statement.expect("Action", ["sts:AssumeRole", "sts:TagSession"], "pod_identity")
        condition = statement.object("Condition")
        equal = condition.object("StringEquals") if condition else None
        found: dict[str, Any] = {}
        if equal:
            equal.expect("aws:SourceAccount", self._account, "pod_identity")
            for tag, field in _TAGS.items():
                found[field] = equal.get(tag, text, "pod_identity", field)
        else:
            self._odd(statement, "pod_identity", "StringEquals", None)
        _finish(equal, condition)
        self._add("pod_identity", PodIdentity(**found), statement)

    def _oidc_of(self, arns: tuple[Any, ...], statement: Fields) -> None:
        statement.expect("Action", "sts:AssumeRoleWithWebIdentity", "oidc")
        match = _PROVIDER.fullmatch(str(arns[0])) if len(arns) == 1 else None
        if match is None or match.groups()[:2] != (self._partition, self._account):
            self._odd(statement, "oidc.provider", "a provider of the account", list(arns))
            return
        provider = match[3]
        condition = statement.object("Condition")
        equal = condition.object("StringEquals") if condition else None
        like = condition.object("StringLike") if condition else None
        audience = equal.get(f"{provider}:aud", text, "oidc", "audience") if equal else None
        sub = next((f.take(f"{provider}:sub") for f in (like, equal) if f), None)
        subjects = _many(sub)
        has_wildcard = any(set(str(subject)) & set("*?") for subject in subjects)
        if not subjects or has_wildcard != (like is not None):
            self._odd(statement, "oidc.subject", "StringLike" if has_wildcard else "StringEquals")
        _finish(like, equal, condition)
        oidc = Oidc(provider, tuple(sorted(subjects, key=str)), audience or DEFAULT_AUDIENCE)
        if audience is None:
            self._odd(statement, "oidc.audience", DEFAULT_AUDIENCE)
        self._add("oidc", oidc, statement)

    def _roles_of(self, arns: tuple[Any, ...], statement: Fields) -> None:
        statement.expect("Action", "sts:AssumeRole", "roles")
        self._add("roles", tuple(sorted(arns, key=str)), statement)
        condition = statement.object("Condition")
        equal = condition.object("StringEquals") if condition else None
        if equal:
            self._parts["external_id"] = equal.get("sts:ExternalId", text, "external_id")
        elif condition:
            self._odd(statement, "external_id", "StringEquals")
        _finish(equal, condition)

    def _add(self, kind: str, value: Any, statement: Fields) -> None:
        if kind in self._parts:
            self._odd(statement, kind, "one statement", "another one")
        self._parts[kind] = value

    def _odd(self, statement: Fields, what: str, expected: Any, found: Any = None) -> None:
        self._notes.odd((*self.path, *what.split(".")), expected, found, statement.span)


def _finish(*fields: Fields | None) -> None:
    for each in fields:
        if each:
            each.finish()


def _many(value: Value | None) -> tuple[Any, ...]:
    """Returns the texts of a list, or a single one."""
    if isinstance(value, ListValue):
        found = texts(value)
        return found if isinstance(found, tuple) else (found,)
    return () if value is None or isinstance(value, ObjectValue) else (text(value),)
