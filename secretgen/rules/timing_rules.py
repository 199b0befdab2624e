"""Rules about when a secret rotates."""

from __future__ import annotations

from collections.abc import Iterator

from secretgen.model.schedule import (
    MAX_RATE_DAYS,
    MIN_HOURS_BETWEEN,
    Schedule,
    ScheduleError,
    parse,
)
from secretgen.model.words import counted
from secretgen.rules.finding import Findings
from secretgen.rules.rotation_rules import methods, rotations
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context, SecretContext, ServiceSecretContext
from secretgen.spec.secret_schema import RotationSpec, ScheduleSpec

_SCHEDULES = (
    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html"
)
_MAX_DAYS = 90
_HOURS_A_DAY = 24


_Rotating = SecretContext | ServiceSecretContext


def _rotating(context: Context) -> Iterator[tuple[_Rotating, ScheduleSpec]]:
    """Yields all that rotates, as far as the spec has when."""
    every: list[_Rotating] = [*context.secrets, *context.service_secrets]
    for secret in every:
        if secret.spec.rotation:
            yield secret, secret.spec.rotation


def _schedules(context: Context) -> Iterator[tuple[_Rotating, ScheduleSpec, Schedule]]:
    """Yields the rotations that have a schedule that can be parsed."""
    for secret, rotation in _rotating(context):
        if rotation.schedule:
            try:
                yield secret, rotation, parse(rotation.schedule)
            except ScheduleError:
                continue


@rule(
    "SG206",
    ERROR,
    "Schedule that AWS refuses",
    why="""
        A schedule is `rate(10 days)`, `rate(12 hours)` or `cron(minutes hours day-of-month month
        day-of-week year)` in UTC. In a cron expression the minutes are 0, because windows open on
        the hour; the year is `*`; and exactly one of the two day fields is `?`. Terraform checks
        none of this.
    """,
    source=_SCHEDULES,
    example="""
         secrets:
           app/key:
             rotation:
               lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
        -      schedule: "cron(30 3 ? * SUN *)"
        +      schedule: "cron(0 3 ? * SUN *)"
    """,
)
def _schedule_syntax(context: Context) -> Findings:
    for secret, rotation in _rotating(context):
        if rotation.schedule:
            try:
                parse(rotation.schedule)
            except ScheduleError as error:
                hint = f" Did you mean {error.suggestion!r}?" if error.suggestion else ""
                yield secret.finding(
                    ("rotation", "schedule"),
                    "'schedule' is not an expression that Secrets Manager accepts",
                    f"{error}{hint}",
                    suggestion=error.suggestion,
                )


@rule(
    "SG207",
    ERROR,
    "Rotation too frequent or too rare",
    why="""
        AWS rotates a secret every four hours at most, and refuses a rate of more than 999 days.
    """,
    source=_SCHEDULES,
    example="""
         secrets:
           app/key:
             rotation:
               lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
        -      schedule: "cron(0 /2 * * ? *)"
        +      schedule: "cron(0 /4 * * ? *)"
    """,
)
def _too_often(context: Context) -> Findings:
    for secret, rotation, schedule in _schedules(context):
        if schedule.least_hours < MIN_HOURS_BETWEEN:
            yield secret.finding(
                ("rotation", "schedule"),
                f"rotation only {counted(schedule.least_hours, 'hour')} after the previous one",
                f"Leave at least {MIN_HOURS_BETWEEN} hours between two rotations.",
            )
        elif _is_too_seldom(rotation, schedule):
            yield secret.finding(
                ("rotation", "schedule"),
                f"rate of more than {MAX_RATE_DAYS} days",
                f"Write a rate of at most {MAX_RATE_DAYS} days.",
            )


def _is_too_seldom(rotation: ScheduleSpec, schedule: Schedule) -> bool:
    return str(rotation.schedule).startswith("rate") and schedule.most_days > MAX_RATE_DAYS


@rule(
    "SG209",
    ERROR,
    "Rotation window that does not fit",
    why="""
        A rotation window must end on the UTC day on which it opens, and before the next one opens.
        Terraform does not check this.
    """,
    source=_SCHEDULES,
    example="""
         secrets:
           app/key:
             rotation:
               lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
        -      schedule: "cron(0 22 * * ? *)"
        +      schedule: "cron(0 21 * * ? *)"
               duration: 3h
    """,
)
def _window(context: Context) -> Findings:
    for secret, rotation, schedule in _schedules(context):
        hours = int((rotation.duration or "1h").removesuffix("h"))
        if hours > schedule.least_hours:
            yield secret.finding(
                ("rotation", "duration"),
                f"the rotation window of {counted(hours, 'hour')} reaches into the next one",
                f"Windows open {schedule.least_hours} hours apart: shorten the duration.",
            )
        elif schedule.start_hours and schedule.start_hours[-1] + hours > _HOURS_A_DAY:
            start = schedule.start_hours[-1]
            yield secret.finding(
                ("rotation", "duration"),
                f"the rotation window from {start}:00 UTC reaches into the next day",
                f"Write at most {_HOURS_A_DAY - start}h, or let the window open earlier.",
            )


@rule(
    "SG411",
    ERROR,
    "Exactly one of every_days and schedule required",
    why="AWS accepts either a number of days or a schedule, and requires one of them.",
    source="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html",
    example="""
         secrets:
           app/key:
             rotation:
               lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
               every_days: 30
        -      schedule: rate(30 days)
    """,
)
def _time(context: Context) -> Findings:
    every: list[tuple[_Rotating, ScheduleSpec]] = [*rotations(context), *_of_services(context)]
    for secret, rotation in every:
        if rotation.every_days and rotation.schedule:
            yield secret.finding(
                ("rotation", "schedule"),
                "'schedule' and 'every_days' cannot be combined",
                "Keep one of them.",
                at_key=True,
            )
        elif _is_complete(rotation) and not rotation.every_days and not rotation.schedule:
            yield secret.finding(
                ("rotation",),
                "no 'every_days' or 'schedule' for this rotation",
                "Add one of them.",
                at_key=True,
            )


def _of_services(context: Context) -> Iterator[tuple[ServiceSecretContext, ScheduleSpec]]:
    for secret in context.service_secrets:
        if secret.rotation:
            yield secret, secret.rotation


def _is_complete(rotation: ScheduleSpec) -> bool:
    """Returns whether nothing but the time is missing."""
    return not isinstance(rotation, RotationSpec) or bool(methods(rotation))


@rule(
    "SG312",
    WARNING,
    "More than 90 days between rotations",
    why="""
        Security Hub and PCI DSS expect a rotation within 90 days, and checkov reports CKV_AWS_304
        for longer intervals.
    """,
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html#secretsmanager-4",
    example="""
         secrets:
           app/key:
             rotation:
               lambda_arn: arn:aws:lambda:us-east-1:123456789012:function:rotate-app
        -      every_days: 180
        +      every_days: 90
    """,
    ignorable=True,
)
def _seldom(context: Context) -> Findings:
    found: list[tuple[SecretContext, str, int]]
    found = [(s, "every_days", r.every_days) for s, r in rotations(context) if r.every_days]
    found += [
        (secret, "schedule", schedule.most_days)
        for secret, rotation, schedule in _schedules(context)
        if isinstance(secret, SecretContext) and not _is_too_seldom(rotation, schedule)
    ]
    for secret, field, days in found:
        if days > _MAX_DAYS:
            yield secret.finding(
                ("rotation", field),
                f"up to {days:,} days from one rotation to the next",
                f"Rotate at least every {_MAX_DAYS} days.",
            )
