"""How an environment meets the checks that auditors ask for, and where it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.model.secret import AWS_MANAGED

_MAX_DAYS = 90  # Security Hub, SecretsManager.4


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check of a standard, and the answer to it."""

    name: str
    answer: str


def check_views(environment: Environment, layout: Layout) -> tuple[CheckView, ...]:
    """Answers the checks of AWS Security Hub and of the CIS AWS Foundations Benchmark.

    Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html
    and https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html.
    """
    secrets, monitoring = environment.secrets, environment.monitoring
    unrotated = [s.name for s in secrets if s.rotation is None]
    seldom = [s.name for s in secrets if s.rotation and (s.rotation.every_days or 0) > _MAX_DAYS]
    scheduled = [s.name for s in secrets if s.rotation and s.rotation.schedule]
    aws_managed = [s.name for s in secrets if s.kms_key == AWS_MANAGED]
    return (
        CheckView(
            "Security Hub SecretsManager.1: rotation is on",
            _met(f"aws_secretsmanager_secret_rotation in {layout.module}/main.tf", unrotated),
        ),
        CheckView(
            "Security Hub SecretsManager.2: rotations succeed",
            _watched("rotation_failed", on=bool(monitoring and monitoring.rotation_failures)),
        ),
        CheckView(
            "Security Hub SecretsManager.3: no unused secrets",
            "not visible in code; see LastAccessedDate of describe-secret",
        ),
        CheckView(
            "Security Hub SecretsManager.4: rotated within 90 days",
            _met(
                "automatically_after_days in secrets.tf"
                + (f"; by schedule: {', '.join(scheduled)}" if scheduled else ""),
                [*unrotated, *seldom],
            ),
        ),
        CheckView(
            "Security Hub SecretsManager.5: tagged",
            "met: default_tags in providers.tf"
            if environment.tags
            else _met("tags in secrets.tf", [s.name for s in secrets if not s.tags]),
        ),
        CheckView(
            "Security Hub KMS.4, CIS: keys rotate",
            _met(f"enable_key_rotation in {layout.module}/kms-key/main.tf", aws_managed),
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


def _met(where: str, exceptions: Iterable[str]) -> str:
    but = ", ".join(exceptions)
    return f"met: {where}" + (f"; not met by {but}" if but else "")


def _watched(name: str, *, on: bool) -> str:
    return f"watched: {name} in monitoring.tf" if on else "not watched: the spec has no such alarm"
