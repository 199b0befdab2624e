"""Which alarms are rendered for what a spec asks."""

import json
import re
from typing import Any

import pytest

from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.policy.events import MAX_FILTER_PATTERN
from secretgen.render.files import render_environment
from secretgen.render.templates import environment
from secretgen.render.views.monitoring_view import monitoring_view
from secretgen.spec.load import load_spec

BASE = """
version: 1
environment: test
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: test-terraform-state, locking: s3 }
secrets:
  db/app:
    replicas: [us-west-2]
    rotation: { lambda_arn: "arn:aws:lambda:us-east-1:123456789012:function:f", every_days: 30 }
  api:
    kms_key: aws-managed
"""
EMAIL = "notify: { email: [a@example.com] }"
EXISTING = 'notify: { sns_topic_arn: "arn:aws:sns:us-east-1:123456789012:ops" }'
MESSAGES = "reads: true, writes: true, rotation_successes: true"
ALL = f"{EMAIL}, rotation_failures: true, unauthorized_access: true, kms_anomalies: true"


def files(monitoring: str, base: str = BASE) -> dict[str, str]:
    spec = base + (f"monitoring: {{ {monitoring} }}\n" if monitoring else "")
    loaded = load_spec(spec.encode(), "specs/test.yaml").environment
    assert loaded
    rendered = render_environment(loaded, environment())
    return {path.removeprefix("environments/test/"): body for path, body in rendered.items()}


def blocks(monitoring: str, base: str = BASE) -> set[str]:
    found = re.findall(
        r'^resource "aws_(\w+)" "(\w+)"', files(monitoring, base)["monitoring.tf"], re.MULTILINE
    )
    return {f"{kind}.{label}" for kind, label in found}


TOPIC = {
    "sns_topic.alarms",
    "sns_topic_subscription.alarms",
    "sns_topic_policy.alarms",
    "kms_key.alarms",
    "kms_alias.alarms",
}
REPLICAS = {
    "cloudwatch_event_bus.replicas",
    "iam_role.replica_events",
    "iam_role_policy.replica_events",
}


def rules(*labels: str) -> set[str]:
    return {f"cloudwatch_event_{kind}.{label}" for kind in ("rule", "target") for label in labels}


@pytest.mark.parametrize(
    ("monitoring", "expected"),
    [
        (f"{EMAIL}, rotation_failures: true", TOPIC | rules("rotation_failed")),
        (
            f"{EMAIL}, unauthorized_access: true, cloudtrail_log_group: trail",
            TOPIC
            | REPLICAS
            | rules("secret_changed", "secret_changed_us_west_2", "replica_changed")
            | rules("secret_tagged")
            | {
                "cloudwatch_log_metric_filter.access_denied",
                "cloudwatch_metric_alarm.access_denied",
            },
        ),
        (
            f"{EMAIL}, kms_anomalies: true",
            TOPIC
            | REPLICAS
            | rules("key_changed", "key_changed_us_west_2", "replica_changed")
            | {"cloudwatch_metric_alarm.unusual_decryption"},
        ),
        (
            f"{EMAIL}, kms_anomalies: true, cloudtrail_log_group: trail",
            TOPIC
            | REPLICAS
            | rules("key_changed", "key_changed_us_west_2", "replica_changed")
            | {
                "cloudwatch_log_metric_filter.decrypted",
                "cloudwatch_metric_alarm.unusual_decryption",
            },
        ),
        (
            f"{EMAIL}, reads: true",
            TOPIC | REPLICAS | rules("secret_read", "secret_read_us_west_2", "replica_changed"),
        ),
        (f"{EMAIL}, rotation_successes: true", TOPIC | rules("secret_rotated")),
        (f"{EMAIL}, writes: true", TOPIC | rules("secret_written")),
        (
            f"{EXISTING}, rotation_failures: true",
            {
                "cloudwatch_event_rule.rotation_failed",
                "cloudwatch_event_target.rotation_failed_existing_topic",
            },
        ),
    ],
)
def test_exactly_the_requested_files(monitoring: str, expected: set[str]) -> None:
    assert blocks(monitoring) == expected


@pytest.mark.parametrize("notify", [EMAIL, EXISTING])
def test_the_runbook_has_an_answer_to_every_alarm(notify: str) -> None:
    every = f"{ALL.replace(EMAIL, notify)}, {MESSAGES}, cloudtrail_log_group: trail"
    made = files(every)
    kinds = r'^resource "aws_cloudwatch_(?:event_rule|metric_alarm)"(?:.*\n)+?\}'
    called = {
        name
        for block in re.findall(kinds, made["monitoring.tf"], re.MULTILINE)
        for name in re.findall(r'^  (?:alarm_)?name += "(.+)"', block, re.MULTILINE)
    }
    assert len(called) == 10
    section = made["README.md"].split("### An alarm was triggered\n")[1].split("\n### ")[0]
    assert set(re.findall(r"^\| `(.+?)` \|", section, re.MULTILINE)) == called
    for title in re.findall("“(.+?)”", section):
        assert f"### {title}\n" in made["README.md"]


TRAIL = "- A CloudTrail trail that logs the management events of every Region here"


@pytest.mark.parametrize(
    ("monitoring", "needed"),
    [
        ("rotation_failures: true", True),
        ("reads: true", True),
        ("kms_anomalies: true, cloudtrail_log_group: trail", True),
        ("kms_anomalies: true, cloudtrail: true", False),
        ("writes: true, rotation_successes: true", False),
    ],
)
def test_the_readme_says_which_alarms_need_a_trail(monitoring: str, needed: bool) -> None:
    assert (TRAIL in files(f"{EMAIL}, {monitoring}")["README.md"]) == needed


def existing_topic(account_id: str) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
    """The topic of an account, and the statements for it and its key, as the README has them."""
    arn = f"arn:aws:sns:us-east-1:{account_id}:ops"
    readme = files(f"notify: {{ sns_topic_arn: '{arn}' }}, {MESSAGES}")["README.md"]
    section = readme.split("## Existing topic\n")[1].split("\n## ")[0]
    shown = re.findall(r"^```json\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    topic, key = map(json.loads, shown)
    return arn, topic, key


CLOUDWATCH = {
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
}
EVENTS = {"Principal": {"Service": "events.amazonaws.com"}}
ROLE_OF_EVENTS = {
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Condition": {
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/test-secrets-topic"}
    },
}


@pytest.mark.parametrize(
    ("account_id", "events"), [("123456789012", EVENTS), ("999999999999", ROLE_OF_EVENTS)]
)
def test_readme_lists_permissions_of_an_existing_topic(
    account_id: str, events: dict[str, Any]
) -> None:
    arn, topic, key = existing_topic(account_id)
    actions = ["kms:Decrypt", "kms:GenerateDataKey*"]
    for statements, action, resource in ((topic, "sns:Publish", arn), (key, actions, "*")):
        allow = {"Effect": "Allow", "Action": action, "Resource": resource}
        assert statements == [
            {"Sid": "AllowAlarms", **allow, **CLOUDWATCH},
            {"Sid": "AllowEvents", **allow, **events},
        ]


def test_only_the_topic_of_another_account_needs_a_role() -> None:
    role = {"iam_role.topic_events", "iam_role_policy.topic_events"}
    assert not role & blocks(f"{EXISTING}, {MESSAGES}")
    assert role < blocks(f"{EXISTING.replace('123456789012', '999999999999')}, {MESSAGES}")


def test_a_thousand_secrets_stay_within_the_limits_of_eventbridge() -> None:
    """At most 5 targets a rule and 300 rules a bus; test_patterns.py has the length of patterns."""
    many = BASE + "".join(f"  prod/team-{n // 50}/service-{n}/token:\n" for n in range(1000))
    loaded = load_spec(
        f"{many}monitoring: {{ {ALL}, {MESSAGES}, cloudtrail: true }}\n".encode(), "spec"
    ).environment
    assert loaded
    view = monitoring_view(loaded, DEFAULT_LAYOUT)
    assert view
    assert 0 < len(view.rules) < 300
    assert max(len(rule.targets) for rule in view.rules) <= 5
    assert all(len(filter_.pattern) <= MAX_FILTER_PATTERN for filter_ in view.filters)


def test_no_monitoring_is_said_in_one_line() -> None:
    assert files("")["monitoring.tf"] == (
        "# This environment has no alarms: its spec has no monitoring.\n"
    )


def test_nothing_rotates_or_has_a_replica() -> None:
    base = re.sub(r"    r.*\n", "", BASE)
    assert not any("rotation" in block or "replica" in block for block in blocks(ALL, base))


def test_without_a_log_the_use_of_all_keys_of_the_account_is_watched() -> None:
    text = files(f"{EMAIL}, kms_anomalies: true")["monitoring.tf"]
    assert 'Resource = "CryptographicOperationsSymmetric"' in text
    assert "AWS/Usage" not in files(f"{ALL}, cloudtrail_log_group: trail")["monitoring.tf"]


def test_rules_on_reads_get_what_eventbridge_otherwise_drops() -> None:
    text = files(f"{ALL}, reads: true, cloudtrail_log_group: trail")["monitoring.tf"]
    wide = re.findall(
        r'^resource "aws_cloudwatch_event_rule" "(\w+)" \{\n(?:(?!^\}).*\n)*?'
        r' +state +=  ?"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"',
        text,
        re.MULTILINE,
    )
    assert wide == ["secret_read", "secret_read_us_west_2", "replica_changed"]
    assert "ENABLED_WITH" not in files(f"{ALL}, cloudtrail_log_group: trail")["monitoring.tf"]


def test_every_alarm_metric_is_published() -> None:
    text = files(f"{ALL}, cloudtrail_log_group: trail")["monitoring.tf"]
    published = set(re.findall(r"metric_transformation \{\n.*\n +name += (.+)\n", text))
    watched = set(re.findall(r"metric_name += (.+)\n", text))
    assert published == watched == {'"AccessDenied"', '"Decrypted"'}


def test_own_trail_has_its_own_file() -> None:
    assert "cloudtrail.tf" not in files(ALL)
    made = files(f"{ALL}, cloudtrail: true")
    assert "aws_cloudwatch_log_group.trail.name" in made["monitoring.tf"]
    assert made["cloudtrail.tf"].count('resource "aws_cloudtrail"') == 1


def test_service_rotations_trigger_alarms() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-6d0a3f1e-AbCdEf"
    owned = f'service_secrets: {{ orders: {{ arn: "{arn}", rotation: {{ every_days: 30 }} }} }}\n'
    alone = BASE[: BASE.index("secrets:")] + "secrets: { api: { kms_key: aws-managed } }\n" + owned
    for base in (BASE + owned, alone):
        text = files(f"{EMAIL}, rotation_failures: true", base)["monitoring.tf"]
        assert "secret:rds!cluster-6d0a3f1e-" in text
