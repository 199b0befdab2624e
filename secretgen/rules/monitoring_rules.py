"""Rules about alarms."""

from __future__ import annotations

from secretgen.model.changes import Kind, Subject
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, WARNING, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.schema import MonitoringSpec

_MONITORING = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring.html"


def _known(context: Context) -> MonitoringSpec | None:
    """Returns the settings, unless something is wrong with them."""
    return context.spec.monitoring if context.knows("monitoring") else None


_ALARMS = (
    "rotation_failures",
    "rotation_successes",
    "unauthorized_access",
    "reads",
    "writes",
    "kms_anomalies",
)


def _has_alarm(monitoring: MonitoringSpec) -> bool:
    return any(getattr(monitoring, alarm) for alarm in _ALARMS)


@rule(
    "SG440",
    WARNING,
    "Alarms without recipients",
    why="Nobody is notified when an alarm is triggered. Add a recipient.",
    source=_MONITORING,
    example="""
        -monitoring: { writes: true }
        +monitoring: { notify: { email: [security@example.com] }, writes: true }
    """,
)
def _no_recipient(context: Context) -> Findings:
    monitoring = _known(context)
    if not monitoring or not _has_alarm(monitoring):
        return
    if not monitoring.notify.email and not monitoring.notify.sns_topic_arn:
        yield Finding(
            ("monitoring",),
            "alarms have no recipient",
            "Add 'notify' with 'email' or 'sns_topic_arn'.",
            at_key=True,
        )


@rule(
    "SG441",
    ERROR,
    "Denied reads without an alarm",
    why="""
        EventBridge does not deliver read events by default, so alarms on denied reads search a
        CloudTrail log: either an existing log group, or one that this environment creates.
    """,
    source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
    example="""
        -monitoring: { notify: { email: [security@example.com] }, unauthorized_access: true }
        +monitoring:
        +  notify: { email: [security@example.com] }
        +  unauthorized_access: true
        +  cloudtrail_log_group: org-trail
    """,
)
def _no_log_group(context: Context) -> Findings:
    monitoring = _known(context)
    if not monitoring or not monitoring.unauthorized_access:
        return
    if not monitoring.cloudtrail_log_group and not monitoring.cloudtrail:
        yield Finding(
            ("monitoring", "unauthorized_access"),
            "the alarm on denied reads has no log group",
            "Name the log group of your trail in 'cloudtrail_log_group', or write "
            "'cloudtrail: true'.",
        )


@rule(
    "SG443",
    WARNING,
    "Monitoring without alarms",
    why="Every alarm is off, so nobody is ever notified.",
    source=_MONITORING,
    example="""
        -monitoring: { notify: { email: [security@example.com] } }
        +monitoring: { notify: { email: [security@example.com] }, writes: true }
    """,
)
def _nothing(context: Context) -> Findings:
    monitoring = _known(context)
    if monitoring and not _has_alarm(monitoring) and not monitoring.cloudtrail:
        yield Finding(
            ("monitoring",),
            "every alarm is off",
            f"Switch one on ({', '.join(_ALARMS)}), or delete 'monitoring'.",
            at_key=True,
        )


@rule(
    "SG444",
    WARNING,
    "Alarms without a CloudTrail trail",
    why="""
        EventBridge receives API calls and failed rotations only if a CloudTrail trail logs the
        management events of the account. Without one these alarms are never triggered, and AWS
        reports no error. Name the log group of the trail, or let this environment create a trail.
    """,
    source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
    example="""
        -monitoring: { notify: { email: [security@example.com] }, kms_anomalies: true }
        +monitoring:
        +  notify: { email: [security@example.com] }
        +  kms_anomalies: true
        +  cloudtrail_log_group: org-trail
    """,
    of=(Kind.ENVIRONMENT,),
)
def _no_trail(context: Context) -> Findings:
    spec, monitoring = _known(context), context.environment.monitoring
    # Denied calls need a log group even more: SG441 is about them.
    if not spec or not monitoring or spec.unauthorized_access:
        return
    if monitoring.needs_trail and not spec.cloudtrail and not spec.cloudtrail_log_group:
        yield Finding(
            ("monitoring",),
            "no CloudTrail trail for these alarms",
            "Name the log group of your trail in 'cloudtrail_log_group', or write 'cloudtrail: "
            "true'. If a trail without a log group covers this account, add an `ignore` entry to "
            "the environment.",
            at_key=True,
            of=Subject(Kind.ENVIRONMENT),
        )
