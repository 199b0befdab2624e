"""Views of the tables of secrets in the README of an environment."""

from __future__ import annotations

from msgspec import Struct

from secretgen.model.environment import Environment
from secretgen.model.secret import Rotation, RotationSchedule, Secret, Source


class SecretRow(Struct, frozen=True):
    """One line of the table of secrets."""

    name: str
    description: str
    value: str
    rotation: str
    replicas: tuple[str, ...]
    readers: tuple[str, ...]
    writers: tuple[str, ...]


class ServiceSecretRow(Struct, frozen=True):
    """One line of the table of secrets that AWS services own."""

    name: str
    arn: str
    rotation: str

    @property
    def forget(self) -> str:
        """What to write into a spec so that Terraform forgets it."""
        return f"changes: [{{ forget: service_secrets.{self.name} }}]"


class GroupView(Struct, frozen=True):
    """The secrets under one heading.

    Args:
        title: the heading; empty for none.
        secrets: the secrets.
        has_writers: whether any of them has a writer.
    """

    title: str
    secrets: tuple[SecretRow, ...]
    has_writers: bool


def group_views(environment: Environment) -> tuple[GroupView, ...]:
    """Groups secrets by heading; those without one come last."""
    groups: dict[str, list[SecretRow]] = {}
    for secret in environment.secrets:
        groups.setdefault(secret.group, []).append(_row(secret))
    return tuple(
        GroupView(title, tuple(rows), any(row.writers for row in rows))
        for title, rows in sorted(groups.items(), key=lambda group: (not group[0], group[0]))
    )


def _row(secret: Secret) -> SecretRow:
    return SecretRow(
        name=secret.name,
        description=secret.description,
        value=_VALUES[secret.value.source],
        rotation=_rotation(secret.rotation) if secret.rotation else "no",
        replicas=tuple(r.region for r in secret.replicas),
        readers=tuple(f"{r.account}:{r.role}" for r in secret.readers),
        writers=tuple(f"{r.account}:{r.role}" for r in secret.writers),
    )


_VALUES = {
    Source.EXTERNAL: "outside of Terraform",
    Source.VARIABLE: "an input variable",
    Source.GENERATED: "a random password",
    Source.JSON: "several fields",
}


def _rotation(rotation: Rotation) -> str:
    often, by = _often(rotation), rotation.application
    return f"{often}, by {by}" if by else often


def _often(rotation: RotationSchedule) -> str:
    days = "day" if rotation.every_days == 1 else f"{rotation.every_days} days"
    return rotation.schedule or f"every {days}"


def service_secret_rows(environment: Environment) -> tuple[ServiceSecretRow, ...]:
    """Lists the secrets that AWS services own."""
    return tuple(
        ServiceSecretRow(s.name, s.arn, _often(s.rotation)) for s in environment.service_secrets
    )
