"""What findings say: what is wrong with this very value, and what to write instead."""

import pytest

from secretgen.report import as_text
from tests.rules.support import FILE, complete, findings_in


def advice(excerpt: str) -> list[str]:
    """Returns summary and detail of each finding."""
    return [f"{d.summary}: {d.detail}" for d in findings_in(complete(excerpt))]


DATABASE = """
secrets:
  app/db:
    value:
      from: json
      fields:
        engine: { literal: mysql }
        host: { literal: db.example.com }
        user: { literal: app }
        password: { from: variable }
    rotation:
      application: mysql-single-user
      every_days: 30
      vpc: { subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d] }
"""
ROTATION = (
    "secrets: {{ app/key: {{ rotation: {{ schedule: '{}', lambda_arn: "
    "'arn:aws:lambda:us-east-1:123456789012:function:f' }} }} }}"
)


@pytest.mark.parametrize(
    ("excerpt", "words"),
    [
        ("environment: Production", "an environment name: 'P' is not allowed. Use 2 to 32 "),
        ("required_tags: ['#']", "must be a tag key: Use 1 to 128 characters, not # or % alone,"),
        (f"environment: {'a' * 33}", "It has 33 characters."),
        ("environment: a", "It has 1 character."),
        ("environment: ''", "It is empty."),
        ('secrets: { app/key: { group: "a\\nb" } }', "It holds a line break."),
        ('aws: { account_id: "12345678901", region: us-east-1 }', "It has 11 characters."),
        ('accounts: { app: { id: "111111111111", role: /team/reader } }', "no slash first"),
        ("secrets: { app key: {} }", "' ' is not allowed. Rename it."),
        (f"secrets: {{ {'a' * 513}: {{}} }}", "It has 513 characters. Rename it."),
        ("secrets: { app/key: { recovery_window_days: } }", "has no value: "),
        ("secrets: { app/key: { recovery_window_days: ~ } }", "Write one, or delete the key."),
        ("secrets: { app/key: { deletion_protection: null } }", "Write one, or delete the key."),
        ("environment:", "has no value: Name of the environment, and of its folder. Write one."),
        ("secrets: { app/key: { value: external } }", "Write `value: { from: external }`."),
        ("secrets: { app/key: { rotation: managed } }", "Known keys: lambda_arn, application,"),
        ("secrets: { app/key: { replicas: us-west-2 } }", "`replicas: [a, b]`"),
        ("secrets: { app/key: { ignore: SG305 } }", "`ignore: [{ rule: …, reason: … }]`"),
        (
            "accounts: { app: { id: '111111111111', trusted_service: EC2.amazonaws.com } }",
            "'E' is not allowed.",
        ),
        (
            "accounts: { a: { id: '111111111111', roles: { a: { trust: { service: '*' } } } } }",
            "Name one service;",
        ),
        ("backend: { bucket: abc, locking: s3, region: mars }", "For example: us-east-1"),
        ("defaults: { readers: [~] }", "Write one, or delete the item."),
        ("secrets: { app/key: { kms_key: shared } }", "no KMS key 'shared' in 'keys': Define it"),
        (DATABASE, "needs 'username': Rename 'user', or add it to the fields of the value."),
        ("tags: [Owner]", "Write each under a name of its own: `name: value`."),
        ('accounts: { app: "111111111111" }', "roles, in_organization; it needs 'id'."),
        ('accounts: { app: { id: "111111111111", trusted_service: "*" } }', "Name one service;"),
        ("tags: { Token: hunter2 }", "rename the tag, for example to 'token-docs'"),
        ("secrets: { app/password: hunter2 }", "write `value: {from: external}`"),
        (
            "secrets: { app/key: { ignore: [{ rule: SG305, reason: x, until: 2030-02-30 }] } }",
            "This day does not exist.",
        ),
        (ROTATION.format("cron(0 3 ? * SUN)"), "Did you mean 'cron(0 3 ? * SUN *)'?"),
        (ROTATION.format("cron(0 3 * * * *)"), "Did you mean 'cron(0 3 * * ? *)'?"),
        (ROTATION.format("cron(0 3 * * SUN *)"), "Did you mean 'cron(0 3 ? * SUN *)'?"),
        (ROTATION.format("cron(0 3 1 * SUN *)"), "Exactly one of day-of-month and day-of-week"),
        (ROTATION.format("cron(0 24 * * ? *)"), "hours takes numbers from 0 to 23, not '24'."),
        (ROTATION.format("cron(0 3 1W * ? *)"), "not support `W`"),
        (ROTATION.format("rate(1 hour)"), "rotation only 1 hour after the previous one"),
    ],
)
def test_advice(excerpt: str, words: str) -> None:
    (found,) = advice(excerpt)
    assert words in found


@pytest.mark.parametrize(
    "excerpt",
    [
        "monitoring: {}",
        "secrets: { app/key: { rotation: {} } }",
        ROTATION.format("rate(1000 days)"),
        (
            "secrets: { app/key: { kms_key: "
            "'arn:aws-cn:kms:cn-north-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d' } }"
        ),
    ],
)
def test_one_mistake_is_reported_once(excerpt: str) -> None:
    assert len(advice(excerpt)) == 1


@pytest.mark.parametrize("value", ["external", "generated"])
def test_source_keyword_is_not_a_secret(value: str) -> None:
    text = complete(f"secrets: {{ app/key: {{ value: {value} }} }}")
    report = as_text(findings_in(text), {FILE: text}, width=100, color=False)
    assert f"value: {value} }}" in report
    assert "***" not in report
