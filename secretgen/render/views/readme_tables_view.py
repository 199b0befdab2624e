"""Views of the tables in the README of an environment.

They list its secrets, who applies which root module, what to do about each alarm, and how it
meets the checks that auditors ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from secretgen.model.controls import (
    KEYS_ROTATE,
    MAX_DAYS,
    NO_UNUSED_SECRETS,
    ROTATED_IN_TIME,
    ROTATION_ON,
    ROTATIONS_SUCCEED,
    TAGGED,
)
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout, RootKind
from secretgen.model.names import permission_set_file
from secretgen.model.roots import ORDER, roots_of
from secretgen.model.secret import AWS_MANAGED, Rotation, RotationSchedule, Secret, Source
from secretgen.render.views.monitoring_view import monitoring_view


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


_ROLES = {
    RootKind.BOOTSTRAP: "an administrator, once",
    RootKind.ENVIRONMENT: "the role that applies, see below",
    RootKind.CONSUMER: "a role there that manages IAM roles",
}


class ApplyView(Struct, frozen=True):
    """One line of the table of root modules.

    Args:
        folder: relative to that of the environment; empty for the environment itself.
        account: name of the reader's account; empty for the account of the environment.
        file: what is attached in IAM Identity Center; None where Terraform is run.
        state: where the state is; empty where there is none.
    """

    order: str
    folder: str
    account: str
    account_id: str
    role: str
    file: str | None
    state: str


def apply_views(environment: Environment) -> tuple[ApplyView, ...]:
    """Makes the lines, in the order of the applies."""
    names = {f"consumers/{account.name}": account.name for account in environment.accounts}
    lines = [
        ApplyView(
            order=str(root.order),
            folder="" if root.kind is RootKind.ENVIRONMENT else root.name,
            account=names.get(root.name, ""),
            account_id=root.account_id,
            role=_ROLES[root.kind],
            file=None,
            state=f"{root.state_bucket or 'your bucket'}/{root.state_key}",
        )
        for root in roots_of(environment)
    ]
    lines += [
        ApplyView(
            order=str(ORDER[RootKind.CONSUMER]),
            folder=f"consumers/{account.name}",
            account=account.name,
            account_id=account.id,
            role="an administrator of IAM Identity Center",
            file=permission_set_file(role.name),
            state="",
        )
        for account in environment.accounts
        for role in account.roles
        if role.permission_set
    ]
    return tuple(lines)


_RESPONSES = {
    "rotation_failed": "see “A rotation failed”; readers are not affected",
    "secret_rotated": (
        "nothing: the rotation works. If no such message comes for longer than the schedule allows,"
        " see “A rotation failed”"
    ),
    "secret_written": (
        "was it written by a person, or by an apply with a raised `version`? CloudTrail shows "
        "who called PutSecretValue or UpdateSecretVersionStage; if the call was not intended, "
        "see “Rotate now”"
    ),
    "secret_tagged": (
        "ask the caller in the message; terraform plan shows what changed, terraform apply "
        "undoes it"
    ),
    "secret_changed": (
        "ask the caller in the message. A deleted secret: see “Restore a deleted secret”. An "
        "unwanted copy: see “A secret was copied”. Any other change: terraform plan shows it, "
        "terraform apply undoes it"
    ),
    "secret_read": "no reader that you expected? See “Rotate now”, or write a new value",
    "key_changed": "see “A key was disabled, scheduled for deletion or opened”",
    "replica_changed": "see the same event above: this one happened in a replica Region",
    "access_denied": "see “Access denied”; the log shows who called",
    "unusual_decryption": "see the log: are the readers the usual ones, and why so often?",
}


class ResponseView(Struct, frozen=True):
    """An alarm, what it means and what to do about it."""

    name: str
    meaning: str
    response: str


def response_views(environment: Environment, layout: Layout) -> tuple[ResponseView, ...]:
    """Lists the alarms of an environment by the names under which they call."""
    return tuple(dict.fromkeys(_responses(environment, layout)))


def _responses(environment: Environment, layout: Layout) -> Iterator[ResponseView]:
    monitoring = monitoring_view(environment, layout)
    if monitoring is None:
        return
    # A rule of a replica Region has the name of the primary Region's.
    for called in (*monitoring.rules, monitoring.denied, monitoring.usage):
        if called:
            kind = called.name.removeprefix(f"{monitoring.prefix}-").replace("-", "_")
            yield ResponseView(called.name, called.description, _RESPONSES[kind])


class CheckView(Struct, frozen=True):
    """A check of a standard, and the answer to it."""

    name: str
    answer: str


def check_views(environment: Environment, layout: Layout) -> tuple[CheckView, ...]:
    """Answers the checks of AWS Security Hub and of the CIS AWS Foundations Benchmark.

    Where the standards define them: `secretgen.model.controls`.
    """
    secrets, monitoring = environment.secrets, environment.monitoring
    unrotated = [s.name for s in secrets if s.rotation is None]
    seldom = [s.name for s in secrets if s.rotation and (s.rotation.every_days or 0) > MAX_DAYS]
    scheduled = [s.name for s in secrets if s.rotation and s.rotation.schedule]
    aws_managed = [s.name for s in secrets if s.kms_key == AWS_MANAGED]
    return (
        CheckView(
            ROTATION_ON.name,
            _met(
                f"aws_secretsmanager_secret_rotation in {layout.module}/main.tf", secrets, unrotated
            ),
        ),
        CheckView(
            ROTATIONS_SUCCEED.name,
            _watched("rotation_failed", on=bool(monitoring and monitoring.rotation_failures)),
        ),
        CheckView(
            NO_UNUSED_SECRETS.name,
            "not visible in code; see LastAccessedDate of describe-secret",
        ),
        CheckView(
            ROTATED_IN_TIME.name,
            _met(
                "automatically_after_days in secrets.tf"
                + (f"; by schedule: {', '.join(scheduled)}" if scheduled else ""),
                secrets,
                [*unrotated, *seldom],
            ),
        ),
        CheckView(
            TAGGED.name,
            "met: default_tags in providers.tf"
            if environment.tags
            else _met("tags in secrets.tf", secrets, [s.name for s in secrets if not s.tags]),
        ),
        CheckView(
            KEYS_ROTATE.name,
            _met(f"enable_key_rotation in {layout.module}/kms-key/main.tf", secrets, aws_managed),
        ),
        CheckView(
            "CIS: alarm when a key is disabled or scheduled for deletion",
            _watched("key_changed", on=bool(monitoring and monitoring.kms_anomalies)),
        ),
        CheckView(
            "CIS: alarm on denied calls",
            _watched("access_denied", on=bool(monitoring and monitoring.unauthorized_access)),
        ),
    )


def _met(where: str, secrets: Sequence[Secret], exceptions: Sequence[str]) -> str:
    if not exceptions:
        return f"met: {where}"
    but = f"not met by {', '.join(exceptions)}"
    return f"met: {where}; {but}" if len(exceptions) < len(secrets) else but


def _watched(name: str, *, on: bool) -> str:
    return f"watched: {name} in monitoring.tf" if on else "not watched: the spec has no such alarm"
