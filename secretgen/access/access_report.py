"""The whole answer: who can read and write what, and how that differs from the spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from secretgen.access.access_findings import Finding, Kind
from secretgen.access.audit import audit
from secretgen.access.callers import Callers, Principal
from secretgen.access.policies import Policies, regions_of, rendered_policies
from secretgen.access.policy_verdicts import Access, Answer, Verdict, access_of
from secretgen.access.probes import outsiders, probe
from secretgen.errors import UsageError
from secretgen.model.environment import Environment
from secretgen.model.secret import Secret
from secretgen.spec.suggest import find_secret, shown


class AccessReport(Struct, frozen=True):
    """Who can read and write the secrets of an environment.

    Args:
        environment: its name.
        rows: one for each principal that can read or write a secret in a Region, or should; by
            secret and Region, the primary one first.
        findings: what policies grant beyond the spec, and which readers and writers they refuse.
        notes: which policies were not those of a plan, and the like.
    """

    environment: str
    rows: tuple[Access, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True when every reader and writer gets in and nothing is granted beyond the spec."""
        return not self.findings


def access_report(
    environment: Environment,
    policies: Policies | None = None,
    *,
    findings: Iterable[Finding] = (),
    notes: Iterable[str] = (),
) -> AccessReport:
    """Works out who can read and write what.

    Args:
        environment: the environment that the spec describes.
        policies: the policies to evaluate; those that the environment renders by default.
        findings: what was found while the policies were collected.
        notes: to be passed on.

    Raises:
        UnsupportedPolicyError: a policy cannot be evaluated.
    """
    policies = policies or rendered_policies(environment)
    callers = Callers(environment)
    rows = tuple(_rows(environment, policies, callers))
    return AccessReport(
        environment=environment.name,
        rows=rows,
        findings=tuple(
            sorted({
                *findings,
                *_differences(rows, environment, callers),
                *audit(environment, policies),
                *probe(environment, policies, callers),
            })
        ),
        notes=(*notes, *_notes(environment)),
    )  # fmt: skip


def _notes(environment: Environment) -> Iterator[str]:
    """Returns what policies that are not created here leave open."""
    unmanaged = [secret.name for secret in environment.secrets if not secret.manages_policy]
    if unmanaged:
        yield (
            "The resource policy is not managed, so that others may have access as well:"
            f" {', '.join(unmanaged)}."
        )
    named = [(f"{a.name}:{role.name}", role) for a in environment.accounts for role in a.roles]
    existing = [name for name, role in named if role.existing]
    sets = [name for name, role in named if role.permission_set]
    if existing:
        yield (
            "Only the policies attached here are evaluated, no others and no permissions boundary,"
            f" of the existing roles {', '.join(existing)}."
        )
    if sets:
        yield (
            "An administrator of IAM Identity Center adds the policies in the consumer folders to"
            f" the permission sets {', '.join(sets)}."
        )


def _rows(environment: Environment, policies: Policies, callers: Callers) -> Iterator[Access]:
    for secret in environment.secrets:
        for region in regions_of(environment, secret):
            for principal in everyone(policies, callers, secret, region):
                row = access_of(environment, policies, principal, secret, region)
                if _is_shown(row, callers.own):
                    yield row


def everyone(
    policies: Policies, callers: Callers, secret: Secret, region: str
) -> tuple[Principal, ...]:
    """Lists all whom a report looks at: those outside, then those of the account itself.

    Args:
        policies: the policies that decide.
        callers: makes principals.
        secret: the secret.
        region: the Region.
    """
    own = {*callers.own_named_by(secret), *callers.exempt_from(secret)} - {callers.own}
    return (*outsiders(policies, callers, secret, region), *sorted(own), callers.own)


def _has_access(row: Access) -> bool:
    return any(verdict.answer is not Answer.NO for verdict in row.verdicts)


def _is_shown(row: Access, own: Principal) -> bool:
    """Returns whether a row says something: who is declared, who gets in, who may get in here."""
    said = any(verdict.declared or verdict.open_to for verdict in row.verdicts)
    return said or (row.principal.caller.account == own.caller.account and _has_access(row))


def _differences(
    rows: Iterable[Access], environment: Environment, callers: Callers
) -> Iterator[Finding]:
    own = callers.own
    expected = {s.name: {own, *callers.exempt_from(s)} for s in environment.secrets}
    for row in rows:
        for what, verdict in (("read", row.read), ("write", row.write)):
            if verdict.declared and verdict.answer is Answer.NO:
                yield from _refusals(row, what, verdict)
            is_expected = verdict.declared or row.principal in expected[row.secret]
            if not is_expected and _is_granted_beyond_spec(row, verdict, own):
                yield Finding(
                    Kind.BEYOND,
                    f"policies of {row.secret}",
                    verdict.resource.reason,
                    f"allow {row.principal.text} to {what} it",
                    row.secret,
                    row.region,
                )


def _is_granted_beyond_spec(row: Access, verdict: Verdict, own: Principal) -> bool:
    """Returns whether the policies let in a principal whom the spec does not name.

    From another account that takes an identity policy as well, which that account decides over;
    within the account of the secret, the identity policy alone decides.
    """
    if row.principal.caller.account == own.caller.account:
        return verdict.answer is not Answer.NO
    return verdict.open_to


def _refusals(row: Access, what: str, verdict: Verdict) -> Iterator[Finding]:
    for name, by_policy in verdict.by_policy.items():
        if by_policy.answer is Answer.NO:
            yield Finding(
                Kind.BROKEN,
                f"{name.replace('_', ' ')} for {row.principal.text}",
                "",
                f"refuses the {what}: {by_policy.reason}",
                row.secret,
                row.region,
            )


def rows_for(
    environment: Environment, policies: Policies | None = None, *, who: str = "", secret: str = ""
) -> tuple[Access, ...]:
    """Answers one question: what can this principal read or write, who can this secret, or both.

    Args:
        environment: the environment that the spec describes.
        policies: the policies to evaluate; those that the environment renders by default.
        who: `ACCOUNT` or `ACCOUNT:ROLE`, the account by id or by the spec's name; empty for
            everyone.
        secret: name of a secret; empty for every secret.

    Returns:
        What is not refused. For an account without a role: those of its roles
        that the spec names, and of any other. No row means no.

    Raises:
        UsageError: there is no such account or secret.
    """
    policies = policies or rendered_policies(environment)
    secrets = (find_secret(environment, secret),) if secret else environment.secrets
    callers = Callers(environment)
    asked = _asked(environment, callers, who) if who else None
    return tuple(
        row
        for s in secrets
        for region in regions_of(environment, s)
        for principal in asked or everyone(policies, callers, s, region)
        for row in [access_of(environment, policies, principal, s, region)]
        if _has_access(row) and (asked or _is_shown(row, callers.own))
    )


def _asked(environment: Environment, callers: Callers, who: str) -> list[Principal]:
    account, _, role = who.partition(":")
    found = callers.find(account, role)
    if found is None:
        raise UsageError(
            f"{shown(account)} is not an account of {environment.name}",
            "Give a name under `accounts` or an account id of 12 digits.",
        )
    if role:
        return [found]
    declared = [p for p in callers.declared if p.caller.account == found.caller.account]
    return [*declared, found]
