"""Rules name exactly the secrets that an account reads, within EventBridge's limits."""

import json
from collections import Counter

from secretgen.model.notifications import environment_notifications
from secretgen.policy.events import MAX_EVENT_PATTERN
from secretgen.policy.notification_policies import exact_patterns
from secretgen.spec.load import load_spec
from tests.rules.support import complete, findings_in

NAMES = [f"prod/application-{n:04}/database-password" for n in range(1000)]


def test_a_thousand_secrets_are_named_exactly() -> None:
    patterns = exact_patterns(NAMES)
    found = Counter(name for p in patterns.values() for name in p["detail"]["name"])
    assert found == Counter(NAMES)
    for pattern in patterns.values():
        assert len(json.dumps(pattern, separators=(",", ":"))) <= MAX_EVENT_PATTERN
        assert pattern["detail"]["labelUpdated"] == ["AWSCURRENT"]
    assert len(patterns) <= 64


def test_a_new_secret_changes_one_pattern() -> None:
    before, after = exact_patterns(NAMES[1:]), exact_patterns(NAMES)
    assert before.keys() == after.keys()
    assert sum(before[mark] != after[mark] for mark in before) == 1


def test_each_reader_account_is_notified_in_each_region() -> None:
    spec = complete("""
accounts:
  app: { id: "111111111111" }
  here: { id: "123456789012" }
  other: { id: "222222222222" }
secrets:
  a: { readers: [app, here], notify_readers: true, replicas: [us-west-2] }
  b: { readers: [app, other], notify_readers: true }
  c: { readers: [other] }
  d: { writers: [other], notify_readers: true }
""")
    environment = load_spec(spec.encode(), "spec.yaml").environment
    assert environment
    told = {(n.account, n.region): n.secrets for n in environment_notifications(environment)}
    assert told == {
        ("app", "us-east-1"): ("a", "b"),
        ("app", "us-west-2"): ("a",),
        ("other", "us-east-1"): ("b",),
    }


def test_a_bus_holds_three_hundred_rules() -> None:
    accounts = "".join(f"  a{n:02}: {{ id: '{n:012}' }}\n" for n in range(20))
    readers = ", ".join(f"a{n:02}" for n in range(20))
    defaults = f"defaults: {{ readers: [{readers}], kms_key: k, notify_readers: true }}\n"
    secrets = "".join(f"  {name}:\n" for name in NAMES[:600])
    spec = complete(f"accounts:\n{accounts}keys: {{ k: {{}} }}\n{defaults}secrets:\n{secrets}")
    assert "SG457" in {d.rule for d in findings_in(spec)}
