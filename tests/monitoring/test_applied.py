"""The alarms of an environment with everything, as they are in AWS after an apply."""

import json
from pathlib import Path
from typing import Any

import pytest

from secretgen.plan.planned_access import Plan
from secretgen.spec.load import load_spec
from tests.harness.aws import ACCOUNT, LocalAws
from tests.harness.calls import Call
from tests.harness.cycle import begin, prepare
from tests.harness.workspace import copy_tree
from tests.insight.plans import planned_policies
from tests.monitoring.matching import matches_event, matches_log
from tests.monitoring.test_patterns import EVENTS
from tests.policy.called import check_called
from tests.policy.calls import actions_of, refused, tags_now
from tests.rendered import SPECS, render

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=70)]

OPS = "arn:aws:sns:us-east-1:999999999999:ops"
OPS_ROLE = f"arn:aws:iam::{ACCOUNT}:role/watched-secrets-topic"


def test_alarms_and_trail(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    project = tmp_path / "project"
    project.mkdir()
    text = (SPECS / "watched.yaml").read_text("utf-8").replace("777777777777", ACCOUNT)
    folder = render(project, text)
    work = copy_tree(project, tmp_path / "tree") / "environments" / folder.name
    prepare(aws, work)
    aws.record()
    cycle = begin(aws, work, scratch, replans=False)
    applied = aws.recorded()
    topic = _topic(aws)
    _check_rules(aws, topic)
    _check_log_filters(aws)
    _check_alarms(aws, topic)
    _check_policies(aws, topic)
    _check_trail(aws)
    aws.record()
    cycle.assert_clean()
    planned = aws.recorded()
    _check_allowed(text, aws, "plan", planned)
    _check_allowed(text, aws, "apply", [*applied, *planned])
    _check_plan(text, cycle.terraform.show_json())
    _empty(aws, f"watched-secrets-trail-{ACCOUNT}")
    aws.record()
    cycle.end()
    ended = aws.recorded()
    _check_allowed(text, aws, "apply", ended)
    check_called("watched", actions_of([*applied, *planned, *ended]))


def _check_allowed(text: str, aws: LocalAws, role: str, calls: list[Call]) -> None:
    """The policies in `iam/` allow what Terraform called."""
    environment = load_spec(text.encode(), "spec").environment
    assert environment
    tags = tags_now(aws, [environment.aws.region, *environment.replica_regions])
    assert not refused(environment, role, calls, tags)


def _check_plan(text: str, plan: Any) -> None:
    """Nothing of the alarms opens a secret or a key, whatever keys the topic's role may use."""
    environment = load_spec(text.encode(), "spec").environment
    assert environment
    assert planned_policies(environment, [Plan("plan.json", json.dumps(plan))]).findings == ()


def _topic(aws: LocalAws) -> str:
    topics = [t["TopicArn"] for t in aws.client("sns").list_topics()["Topics"]]
    (topic,) = [arn for arn in topics if arn.endswith(":watched-secrets-alarms")]
    return str(topic)


def _rules(aws: LocalAws, region: str, bus: str = "default") -> dict[str, tuple[Any, Any]]:
    events = aws.client("events", region)
    return {
        rule["Name"]: (
            json.loads(rule["EventPattern"]),
            events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"],
        )
        for rule in events.list_rules(EventBusName=bus)["Rules"]
    }


def _check_rules(aws: LocalAws, topic: str) -> None:
    expected = {
        "watched-secrets-rotation-failed": "rotation-failed",
        "watched-secrets-secret-rotated": "value-updated",
        "watched-secrets-secret-written": "value-updated-of-static-secret",
        "watched-secrets-secret-tagged": "secret-untagged",
        "watched-secrets-secret-changed": "secret-policy-changed",
        "watched-secrets-secret-read": "secret-read",
        "watched-secrets-key-changed": "key-disabled",
    }
    primary = _rules(aws, "us-east-1")
    assert primary.keys() == expected.keys()
    for name, (pattern, targets) in primary.items():
        assert matches_event(pattern, _with_real_key(aws, EVENTS[expected[name]]))
        assert {t["Arn"] for t in targets} == {topic, OPS}
        (people,) = [t for t in targets if t["Arn"] == topic]
        assert people["InputTransformer"]["InputTemplate"].startswith('"')
        (ops,) = [t for t in targets if t["Arn"] == OPS]
        assert "InputTransformer" not in ops
        # The topic of another account is reached through a role, the environment's own never.
        assert (people.get("RoleArn"), ops["RoleArn"]) == (None, OPS_ROLE)

    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/watched-secrets-replicas"
    replica = _rules(aws, "us-west-2")
    assert replica.keys() == {
        "watched-secrets-secret-changed",
        "watched-secrets-secret-read",
        "watched-secrets-key-changed",
    }
    assert matches_event(replica["watched-secrets-secret-changed"][0], EVENTS["replica-promoted"])
    assert matches_event(replica["watched-secrets-secret-read"][0], EVENTS["secret-read-by-name"])
    for _, targets in replica.values():
        (target,) = targets
        assert (target["Arn"], target["RoleArn"]) == (
            bus,
            f"arn:aws:iam::{ACCOUNT}:role/watched-secrets-replicas",
        )
    ((pattern, targets),) = _rules(aws, "us-east-1", "watched-secrets-replicas").values()
    assert matches_event(pattern, EVENTS["replica-promoted"])
    assert {t["Arn"] for t in targets} == {topic, OPS}


def _with_real_key(aws: LocalAws, event: Any) -> Any:
    keys = aws.client("kms").list_aliases()["Aliases"]
    (key,) = [a["TargetKeyId"] for a in keys if a["AliasName"] == "alias/watched-secrets/database"]
    return json.loads(json.dumps(event).replace("mrk-1a2b3c4d5e6f4a7b8c9d0e1f2a3b4c5d", key))


def _check_log_filters(aws: LocalAws) -> None:
    filters = aws.client("logs").describe_metric_filters(logGroupName="watched-secrets-trail")
    patterns = {
        f["metricTransformations"][0]["metricName"]: f["filterPattern"]
        for f in filters["metricFilters"]
    }
    assert matches_log(patterns.pop("AccessDenied"), EVENTS["read-denied-by-name"]["detail"])
    assert matches_log(patterns.pop("Decrypted"), EVENTS["secret-decrypted"]["detail"])
    assert not patterns


def _check_alarms(aws: LocalAws, topic: str) -> None:
    alarms = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {a["AlarmName"] for a in alarms} == {
        "watched-secrets-access-denied",
        "watched-secrets-unusual-decryption",
    }
    for alarm in alarms:
        assert set(alarm["AlarmActions"]) == {topic, OPS}
        assert alarm["TreatMissingData"] == "notBreaching"


def _check_policies(aws: LocalAws, topic: str) -> None:
    """CloudWatch is held to the account; EventBridge can not be, or its events would be lost."""
    attributes = aws.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    key = attributes["KmsMasterKeyId"]
    of_key = aws.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    for policy in (json.loads(attributes["Policy"]), json.loads(of_key)):
        conditions = {
            statement["Principal"]["Service"]: statement.get("Condition")
            for statement in policy["Statement"]
            if "Service" in statement["Principal"]
        }
        assert conditions == {
            "cloudwatch.amazonaws.com": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            "events.amazonaws.com": None,
        }


def _check_trail(aws: LocalAws) -> None:
    trail = aws.client("cloudtrail").get_trail(Name="watched-secrets-trail")["Trail"]
    assert trail["IsMultiRegionTrail"]
    assert trail["LogFileValidationEnabled"]
    assert trail["S3BucketName"] == f"watched-secrets-trail-{ACCOUNT}"
    assert trail["CloudWatchLogsLogGroupArn"] == (
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:watched-secrets-trail:*"
    )
    assert trail["KmsKeyId"].startswith("arn:aws:kms:")


def _empty(aws: LocalAws, bucket: str) -> None:
    s3 = aws.client("s3")
    listed = s3.list_object_versions(Bucket=bucket)
    for item in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
