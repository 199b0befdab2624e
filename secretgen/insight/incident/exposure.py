"""What a principal can read and write, and how each of these secrets gets another value."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from secretgen.access.access_report import rows_for
from secretgen.access.callers import Callers
from secretgen.access.policies import Policies
from secretgen.access.policy_verdicts import Access, Answer
from secretgen.model.applications import SUPERUSER_FIELD
from secretgen.model.environment import Environment
from secretgen.model.secret import Secret, Source


class Incident(StrEnum):
    """What happened."""

    LEAVER = "leaver"
    """A person who could assume the role or permission set leaves."""
    ROLE = "role"
    """Credentials of the role leaked."""
    KEY = "key"
    """An access key leaked that could assume the role."""
    ACCOUNT = "account"
    """Somebody else controls the account."""


class Method(StrEnum):
    """How a secret gets another value: in the order in which it is done."""

    ROTATION = "rotation"
    """AWS rotates it: a command, at once."""
    TERRAFORM = "terraform"
    """Terraform writes it: a change of the spec, and an apply."""
    HAND = "hand"
    """A person or an application writes it."""


class Exposed(Struct, frozen=True):
    """A secret that the principal can read or write.

    Args:
        secret: the secret.
        reads_in: Regions in which it can be read.
        writes: True when it can be written.
        depends: True when a policy that this environment does not manage decides.
        others: who else can read it, as the spec names them.
        place: file and line of the spec that decide about its value.
    """

    secret: Secret
    reads_in: tuple[str, ...]
    writes: bool
    depends: bool
    others: tuple[str, ...]
    place: str

    @property
    def method(self) -> Method:
        """How it gets another value."""
        if self.secret.rotation:
            return Method.ROTATION
        return Method.HAND if self.secret.value.source is Source.EXTERNAL else Method.TERRAFORM

    @property
    def alternates(self) -> bool:
        """True when its rotation changes another user than the one in the present value."""
        rotation = self.secret.rotation
        return bool(rotation and rotation.application and "multi-user" in rotation.application)


class Exposure(Struct, frozen=True):
    """All that a principal can read or write, in the order in which it gets other values.

    Args:
        environment: the environment.
        who: the principal, as the user named it.
        incident: what happened.
        account_id: id of its account.
        roles: the role that was asked about, or those of the account that the spec names.
        permission_sets: those of them that are permission sets.
        exposed: the secrets.
    """

    environment: Environment
    who: str
    incident: Incident
    account_id: str
    roles: tuple[str, ...]
    permission_sets: tuple[str, ...]
    exposed: tuple[Exposed, ...]

    @property
    def is_whole_own_account(self) -> bool:
        """True for the account that holds the secrets as a whole, not one of its roles."""
        return self.account_id == self.environment.aws.account_id and ":" not in self.who

    def by(self, method: Method) -> tuple[Exposed, ...]:
        """The secrets that get another value in one way."""
        return tuple(e for e in self.exposed if e.method is method)


def exposure(
    environment: Environment,
    policies: Policies | None,
    who: str,
    incident: Incident | None,
    places: Mapping[str, str],
) -> Exposure:
    """Works out what a principal can read and write.

    Args:
        environment: the environment that the spec describes.
        policies: the policies to evaluate; those that the environment renders by default.
        who: `ACCOUNT` or `ACCOUNT:ROLE`, the account by id or by the spec's name.
        incident: what happened; None for what the principal suggests.
        places: file and line of the spec that decide about the value of each secret.

    Raises:
        UsageError: there is no such account.
    """
    rows: dict[str, list[Access]] = defaultdict(list)
    for row in rows_for(environment, policies, who=who):
        rows[row.secret].append(row)
    name, _, role = who.partition(":")
    account = next((a for a in environment.accounts if name in (a.name, a.id)), None)
    declared = tuple(r.name for r in account.roles) if account else ()
    sets = tuple(r.name for r in account.roles if r.permission_set) if account else ()
    usual = Incident.LEAVER if role in sets else Incident.ROLE if role else Incident.ACCOUNT
    asked = Callers(environment).find(name)
    own = {row.principal.caller.arn for of_secret in rows.values() for row in of_secret}
    exposed = (
        _exposed(secret, rows[secret.name], _others(environment, secret, own), places)
        for secret in environment.secrets
        if secret.name in rows
    )
    first = _superusers(environment)
    methods = list(Method)
    return Exposure(
        environment=environment,
        who=who,
        incident=incident or usual,
        account_id=asked.caller.account if asked else name,
        roles=(role,) if role else declared,
        permission_sets=tuple(name for name in sets if role in ("", name)),
        exposed=tuple(
            sorted(exposed, key=lambda e: (methods.index(e.method), e.secret.name not in first))
        ),
    )


def _exposed(
    secret: Secret, rows: Iterable[Access], others: tuple[str, ...], places: Mapping[str, str]
) -> Exposed:
    reads = [row for row in rows if row.read.answer is not Answer.NO]
    writes = [row for row in rows if row.write.answer is not Answer.NO]
    answers = {*(r.read.answer for r in reads), *(r.write.answer for r in writes)}
    return Exposed(
        secret=secret,
        reads_in=tuple(dict.fromkeys(row.region for row in reads)),
        writes=bool(writes),
        depends=Answer.YES not in answers,
        others=others,
        place=places.get(secret.name, ""),
    )


def _others(environment: Environment, secret: Secret, own: set[str]) -> tuple[str, ...]:
    """Names the declared readers of a secret that are not the principal itself."""
    callers = Callers(environment)
    readers = (callers.find(r.account_id, r.role) for r in secret.readers)
    return tuple(p.text for p in readers if p and p.caller.arn not in own)


def _superusers(environment: Environment) -> set[str]:
    """Names the secrets with which the rotation of another one logs in."""
    arns = {
        str(field.literal)
        for secret in environment.secrets
        for field in secret.value.fields
        if field.name == SUPERUSER_FIELD and isinstance(field.literal, str)
    }
    return {
        secret.name
        for secret in environment.secrets
        for arn in arns
        if re.fullmatch(rf".*:secret:{re.escape(secret.name)}(-[A-Za-z0-9]{{6}})?", arn)
    }
