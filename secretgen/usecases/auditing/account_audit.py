"""The use case that audits live accounts. It returns values and prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from secretgen.diagnostics import fails
from secretgen.live.account import LiveAccount
from secretgen.live.aws import read_account
from secretgen.live.dump import read_dump
from secretgen.model.environment import Environment
from secretgen.progress import Observer, no_progress
from secretgen.project.config import Config
from secretgen.spec.load import LoadedSpec
from secretgen.usecases.auditing.environment_audit import LiveFinding, audit_environment
from secretgen.usecases.auditing.observed import Observed
from secretgen.usecases.validation import Validation, other_specs, validate

Reader = Callable[[Environment], LiveAccount]
"""Reads the account of an environment."""


class Audit(Struct, frozen=True):
    """The audit of one environment.

    Args:
        spec: its spec.
        observed: the environment next to its account.
        findings: what was found.
        today: the date at which it was judged, as `2027-03-01`.
    """

    spec: LoadedSpec
    observed: Observed
    findings: tuple[LiveFinding, ...]
    today: str


class Auditing(Struct, frozen=True):
    """What the audit of some environments came to.

    Args:
        validation: the specs and the findings about them; with errors, nothing was audited.
        audits: the audits.
    """

    validation: Validation
    audits: tuple[Audit, ...] = ()

    @property
    def findings(self) -> tuple[LiveFinding, ...]:
        """All findings about accounts."""
        return tuple(finding for audit in self.audits for finding in audit.findings)

    @property
    def differs(self) -> bool:
        """Whether AWS differs from a spec in what nothing allows."""
        return any(found.is_difference for found in self.findings)

    def is_broken(self, *, strict: bool) -> bool:
        """Returns whether something is broken; if strict, whether anything but drift was found."""
        others = [f.finding for f in self.findings if not f.is_difference]
        return fails(others, strict=strict)

    @property
    def sources(self) -> Mapping[str, str]:
        """Text of each spec and part, by file."""
        return self.validation.sources


def audit(
    config: Config,
    named: Sequence[Path] | None,
    read: Reader,
    *,
    today: str,
    observer: Observer = no_progress,
) -> Auditing:
    """Audits the accounts of specs.

    Args:
        config: settings of the project.
        named: specs that the user named; None for all of the project.
        read: reads the account of an environment.
        today: the date at which dates are judged.
        observer: called with each step that begins.

    Raises:
        SecretgenError: a file or an account cannot be read.
    """
    validation = validate(config, named, today=today, observer=observer)
    if validation.fails(strict=False):
        return Auditing(validation)
    others = other_specs(config, [spec.file for spec in validation.specs])
    every = [spec.environment for spec in (*validation.specs, *others) if spec.environment]
    audits = []
    for spec in validation.specs:
        _, environment = spec.parts
        observed = Observed(environment, read(environment))
        known = {
            secret.name
            for other in every
            if other is not environment and _place(other) == _place(environment)
            for secret in other.secrets
        }
        observer(f"Comparing {environment.name}")
        findings = audit_environment(spec, observed, today=today, known=known)
        audits.append(Audit(spec, observed, findings, today))
    return Auditing(validation, tuple(audits))


def _place(environment: Environment) -> tuple[str, str]:
    return environment.aws.account_id, environment.aws.region


def from_aws(profile: str, observer: Observer) -> Reader:
    """Makes a reader that asks AWS.

    Args:
        profile: profile of the AWS configuration; empty for the default one.
        observer: called with the progress.
    """

    def read(environment: Environment) -> LiveAccount:
        names = {secret.name for secret in environment.secrets}
        names |= {service.secret_name for service in environment.service_secrets}
        aliases = [(r.region, key.alias) for key in environment.keys for r in key.regions]
        return read_account(
            region=environment.aws.region,
            profile=profile,
            account_id=environment.aws.account_id,
            wanted=lambda name, _: name in names,
            others=True,
            aliases=aliases,
            observer=observer,
        )

    return read


def from_dump(file: Path) -> Reader:
    """Makes a reader of a dump."""
    return lambda environment: read_dump(
        file, account_id=environment.aws.account_id, region=environment.aws.region
    )
