"""How an environment meets the checks that auditors ask for, and where it does not."""

from __future__ import annotations

from collections.abc import Iterable

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
from secretgen.model.layout import Layout
from secretgen.model.secret import AWS_MANAGED


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
            _met(f"aws_secretsmanager_secret_rotation in {layout.module}/main.tf", unrotated),
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
                [*unrotated, *seldom],
            ),
        ),
        CheckView(
            TAGGED.name,
            "met: default_tags in providers.tf"
            if environment.tags
            else _met("tags in secrets.tf", [s.name for s in secrets if not s.tags]),
        ),
        CheckView(
            KEYS_ROTATE.name,
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
