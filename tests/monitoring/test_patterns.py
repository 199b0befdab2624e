"""Which events and log records ring an alarm, by documents made after AWS's documentation."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from secretgen.model.environment import Aws, Partition
from secretgen.policy.events import (
    MAX_EVENT_PATTERN,
    MAX_FILTER_PATTERN,
    coverings,
    decryptions,
    denied_calls,
    key_changes,
    new_values,
    rotation_failures,
    secret_changes,
    secret_reads,
    tag_changes,
)
from tests.monitoring.matching import matches_event, matches_log

EVENTS = {
    path.stem: json.loads(path.read_text())
    for path in sorted((Path(__file__).parent / "events").glob("*.json"))
}
AWS = Aws("123456789012", "us-east-1")
SECRETS = ["prod/database/master-password", "prod/app/oauth-client-secret"]
KEY = "arn:aws:kms:{}:123456789012:key/mrk-1a2b3c4d5e6f4a7b8c9d0e1f2a3b4c5d"
MANY = [f"prod/team-{n // 50}/service-{n}/token" for n in range(1000)]


def matched(pattern: dict[str, Any]) -> set[str]:
    return {name for name, event in EVENTS.items() if matches_event(pattern, event)}


def logged(pattern: str) -> set[str]:
    return {name for name, event in EVENTS.items() if matches_log(pattern, event["detail"])}


@pytest.mark.parametrize(
    ("pattern", "rings"),
    [
        pytest.param(
            rotation_failures(AWS, SECRETS),
            {"rotation-failed", "rotation-abandoned", "rotation-test-failed"},
            id="rotation-failures",
        ),
        pytest.param(
            secret_changes(AWS, "us-east-1", SECRETS),
            {
                "secret-deleted",
                "secret-deleted-with-old-spelling",
                "secret-policy-changed",
                "secret-policy-deleted",
                "secret-rotation-cancelled",
                "secret-copied-to-account",
                "secret-copied-to-region",
                "secret-key-changed",
                "secret-function-changed",
                "replicas-removed",
            },
            id="secret-changes",
        ),
        pytest.param(
            secret_changes(AWS, "us-west-2", SECRETS), {"replica-promoted"}, id="replica-changes"
        ),
        pytest.param(tag_changes(AWS, SECRETS), {"secret-tagged", "secret-untagged"}, id="tags"),
        pytest.param(new_values(SECRETS[:1]), {"value-updated"}, id="rotated"),
        pytest.param(new_values(SECRETS[1:]), {"value-updated-of-static-secret"}, id="written"),
        pytest.param(
            secret_reads(AWS, "us-east-1", SECRETS),
            {"secret-read", "secret-read-by-name", "secret-read-by-other-account"},
            id="reads",
        ),
        pytest.param(secret_reads(AWS, "us-west-2", SECRETS), {"secret-read-by-name"}, id="Region"),
        pytest.param(
            key_changes(AWS, "us-east-1", [KEY.format("us-east-1")]),
            {
                "key-disabled",
                "key-deletion-scheduled",
                # Whoever tries is worth a message, also where AWS refused.
                "key-deletion-denied",
                "key-policy-changed",
                "key-granted",
                "key-copied-to-region",
                "key-rotation-disabled",
                "key-primary-region-changed",
                "key-material-deleted",
            },
            id="key-changes",
        ),
        pytest.param(
            key_changes(AWS, "us-west-2", [KEY.format("us-west-2")]),
            {"replica-key-disabled"},
            id="replica-key-changes",
        ),
    ],
)
def test_matching_events_trigger_alarms_and_others_do_not(
    pattern: dict[str, Any], rings: set[str]
) -> None:
    assert matched(pattern) == rings


def test_each_event_has_a_source() -> None:
    sources = yaml.safe_load((Path(__file__).parent / "sources.yaml").read_text())
    assert [name for name in EVENTS if not name.startswith(tuple(sources))] == []
    assert [prefix for prefix in sources if not any(n.startswith(prefix) for n in EVENTS)] == []


@pytest.mark.parametrize("secrets", [SECRETS, MANY])
def test_moto_matches_the_same_patterns(secrets: list[str]) -> None:
    from moto.events.models import EventPattern  # noqa: PLC0415 -- slow to import, only used here

    for pattern in (
        rotation_failures(AWS, secrets),
        secret_changes(AWS, "us-east-1", secrets),
        tag_changes(AWS, secrets),
        new_values(secrets),
        secret_reads(AWS, "us-east-1", secrets),
    ):
        by_moto = EventPattern(json.dumps(pattern), pattern)
        assert matched(pattern) == {n for n, e in EVENTS.items() if by_moto.matches_event(e)}


def test_denied_calls_of_every_caller() -> None:
    assert logged(denied_calls(AWS, SECRETS)) == {
        "read-denied-to-other-account",
        "read-denied-by-name",
        "read-denied-by-kms",
        "secret-copy-to-account-denied",
        "secret-untag-denied",
    }


def test_denied_calls_to_any_secret_of_an_account_without_folders() -> None:
    flat = [f"a-rather-long-name-of-a-secret-{n}" for n in range(30)]
    assert logged(denied_calls(AWS, flat)) >= {"read-denied-elsewhere", "read-denied-by-name"}


def test_each_value_that_is_read_counts_once() -> None:
    assert logged(decryptions(AWS, SECRETS)) == {"secret-decrypted"}


def test_secret_with_the_same_prefix_is_another_secret() -> None:
    shorter = ["prod/database/master"]
    assert matched(rotation_failures(AWS, shorter)) == {
        "rotation-failed",
        "rotation-abandoned",
        "rotation-test-failed",
    }, "AWS's own suffix begins with a hyphen too"
    assert matched(rotation_failures(AWS, ["prod/database/mas"])) == set()


def test_other_partitions_and_regions() -> None:
    china = Aws("123456789012", "cn-north-1", Partition.CHINA)
    event = json.loads(
        json.dumps(EVENTS["rotation-failed"])
        .replace("arn:aws:", "arn:aws-cn:")
        .replace("us-east-1", "cn-north-1")
    )
    assert matches_event(rotation_failures(china, SECRETS), event)
    assert not matches_event(rotation_failures(AWS, SECRETS), event)
    assert matched(rotation_failures(replace(AWS, region="us-west-2"), SECRETS)) == set()


NAMES = st.lists(
    st.text("ab/-_.@", min_size=1, max_size=40).map(lambda n: n.strip("/") or "a"),
    min_size=1,
    max_size=60,
    unique=True,
)


@given(NAMES)
def test_patterns_fit_and_cover_every_secret(names: list[str]) -> None:
    rotation, changes = rotation_failures(AWS, names), secret_changes(AWS, "us-east-1", names)
    denied, decrypted = denied_calls(AWS, names), decryptions(AWS, names)
    reads = secret_reads(AWS, "us-east-1", names)
    tags, values = tag_changes(AWS, names), new_values(names)
    for pattern in (rotation, changes, reads, tags, values):
        assert len(json.dumps(pattern, separators=(",", ":"))) <= MAX_EVENT_PATTERN
    for filter_pattern in (denied, decrypted):
        assert len(filter_pattern) <= MAX_FILTER_PATTERN
    for name in names:
        about = {event: _about(name, event) for event in ("rotation-failed", "secret-deleted")}
        assert matches_event(rotation, about["rotation-failed"])
        assert matches_event(changes, about["secret-deleted"])
        assert matches_event(changes, _about(name, "secret-key-changed"))
        assert matches_event(tags, _about(name, "secret-tagged"))
        assert matches_event(tags, _about(name, "secret-untagged"))
        assert matches_event(values, _about(name, "value-updated"))
        assert matches_event(reads, _about(name, "secret-read"))
        assert matches_event(reads, _about(name, "secret-read-by-name"))
        assert matches_log(denied, _about(name, "read-denied-by-name")["detail"])
        assert matches_log(denied, _about(name, "read-denied-to-other-account")["detail"])
        assert matches_log(decrypted, _about(name, "secret-decrypted")["detail"])


def _about(name: str, event: str) -> Any:
    return json.loads(json.dumps(EVENTS[event]).replace("prod/database/master-password", name))


def test_patterns_go_from_names_over_folders_to_everything() -> None:
    assert list(coverings(["a/b/c", "a/b/d", "a/e", "f"])) == [
        ("a/b/c", "a/b/d", "a/e", "f"),
        ("a/b/", "a/e", "f"),
        ("a/", "f"),
        ("",),
    ]


def test_a_thousand_secrets_are_named_by_their_folders() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/"
    once = rotation_failures(AWS, MANY)["detail"]["additionalEventData"]["SecretId"]
    assert once == [{"prefix": prefix} for prefix in sorted(f"{arn}team-{n}/" for n in range(20))]
    twice = secret_changes(AWS, "us-east-1", MANY)["detail"]["responseElements"]["$or"]
    assert twice == [{"arn": [{"prefix": arn}]}, {"aRN": [{"prefix": arn}]}]
    names = new_values(MANY)["detail"]["name"]
    assert names == [{"prefix": prefix} for prefix in sorted(f"prod/team-{n}/" for n in range(20))]


def test_more_keys_than_a_pattern_holds_means_every_key() -> None:
    few = key_changes(AWS, "us-east-1", [KEY.format("us-east-1")] * 20)
    many = key_changes(AWS, "us-east-1", [KEY.format("us-east-1")] * 30)
    assert "key-disabled-elsewhere" not in matched(few)
    assert "key-disabled-elsewhere" in matched(many)
    assert len(json.dumps(few, separators=(",", ":"))) <= MAX_EVENT_PATTERN
