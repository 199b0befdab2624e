"""Rules about what is too large to be written into a case."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from secretgen.policy.documents import key_policy, secret_policy
from secretgen.policy.role_policies import policy_size
from secretgen.policy.trust_policies import trust_policy
from secretgen.rules.catalogue import all_rules
from secretgen.spec.load import load_spec
from tests.rules.support import complete, findings_in

ACCOUNTS = "accounts: { app: { id: '111111111111' } }\n"


def ids(excerpt: str) -> list[str]:
    return [d.rule for d in findings_in(complete(excerpt))]


@pytest.mark.parametrize(
    ("excerpt", "longest"),
    [("secrets: {{ a/b: {{ description: {0} }} }}\n", 2048),
     ("keys: {{ app: {{ description: {0} }} }}\nsecrets: {{ a/b: {{ kms_key: app }} }}\n", 8192)],
)  # fmt: skip
def test_description(excerpt: str, longest: int) -> None:
    assert ids(excerpt.format("é" * longest)) == []
    assert ids(excerpt.format("é" * (longest + 1))) == ["SG203"]


def test_tags_of_a_secret_and_the_environment_count_together() -> None:
    def tags(first: int, count: int) -> str:
        return ", ".join(f"t{i}: x" for i in range(first, first + count))

    def spec(own: int) -> str:
        return f"tags: {{ {tags(0, 30)} }}\nsecrets: {{ a/b: {{ tags: {{ {tags(28, own)} }} }} }}\n"

    assert ids(spec(21)) == []
    assert ids(spec(22)) == ["SG212"]
    assert ids(f"tags: {{ {tags(0, 49)} }}\n") == []
    assert ids(f"tags: {{ {tags(0, 50)} }}\n") == ["SG212"]


def test_literals_of_a_value() -> None:
    def spec(length: int) -> str:
        return (
            "secrets: { a/b: { value: { from: json, fields: { host: { literal: "
            + "x" * length
            + " } } } } }\n"
        )

    assert ids(spec(65_532)) == []
    assert ids(spec(65_533)) == ["SG238"]


def readers(count: int) -> str:
    roles = ", ".join(f"{{ account: app, role: reader-{i:057} }}" for i in range(count))
    return (
        f"{ACCOUNTS}secrets: {{ a/b: {{ readers: [{roles}], "
        "rotation: { every_days: 30, "
        "lambda_arn: 'arn:aws:lambda:us-east-1:123456789012:function:f' } } }\n"
    )


def first_count_with(rule: str, below: int) -> int:
    """Finds by halving how many readers it takes to break a rule."""
    low, high = 0, below
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if rule in ids(readers(middle)) else (middle, high)
    return high


def test_policies_are_measured_as_aws_does() -> None:
    """The limits are reached exactly where the documents have so many characters."""
    too_many = first_count_with("SG232", 400)
    for count, fits in ((too_many - 1, True), (too_many, False)):
        loaded = load_spec(complete(readers(count)).encode(), "spec.yaml")
        assert loaded.environment is not None
        (secret,) = loaded.environment.secrets
        assert (policy_size(secret_policy(loaded.environment, secret)) <= 20_480) is fits


def test_warnings_come_before_errors() -> None:
    assert ids(readers(20)) == []
    # The policy of a secret fills up before that of its key, whose limit is higher.
    found = [set(ids(readers(count))) for count in range(20, 420, 20)]
    for warning, error in (("SG235", "SG234"), ("SG233", "SG232")):
        first_warning = next(i for i, rules in enumerate(found) if warning in rules)
        first_error = next(i for i, rules in enumerate(found) if error in rules)
        assert first_warning < first_error
        assert not any({warning, error} <= rules for rules in found)


def test_a_secret_has_room_for_250_accounts_and_a_key_for_375_roles() -> None:
    accounts = "".join(f"  a{i}: {{ id: '{i:012}' }}\n" for i in range(1, 251))
    shared = ", ".join(f"a{i}" for i in range(1, 251))
    secrets = f"secrets: {{ a/b: {{ readers: [{shared}] }} }}\n"
    assert not {"SG232", "SG234", "SG235"} & set(ids(f"accounts:\n{accounts}{secrets}"))
    roles = ", ".join(f"{{ account: app, role: reader-{i:07} }}" for i in range(375))
    names = "".join(
        f"  app/secret-{i:02}: {{ kms_key: app, readers: *roles }}\n" for i in range(20)
    )
    first = f"  a/first: {{ kms_key: app, readers: &roles [{roles}] }}\n"
    found = ids(f"{ACCOUNTS}keys: {{ app: {{}} }}\nsecrets:\n{first}{names}")
    assert "SG234" not in found


def test_replica_keys_are_measured_too() -> None:
    loaded = load_spec(complete(readers(3)).encode(), "spec.yaml")
    assert loaded.environment is not None
    (key,) = loaded.environment.keys
    aws, primary = loaded.environment.aws, key.regions[0]
    there = replace(primary, region="ap-southeast-1")
    assert policy_size(key_policy(aws, there)) > policy_size(key_policy(aws, primary))


def test_writers_are_counted() -> None:
    """As many writers as the readers that fill a policy fill one as well."""
    for rule in ("SG232", "SG234"):
        count = first_count_with(rule, 400)
        assert rule in ids(readers(count).replace("readers:", "writers:"))


@pytest.mark.parametrize(
    ("size", "expected"), [(2048, []), (2049, ["SG241"]), (4096, ["SG241"]), (4097, ["SG240"])]
)
def test_trust_policy_is_measured_as_iam_does(size: int, expected: list[str]) -> None:
    def spec(length: int, ignore: str = "") -> str:
        lengths = [*[110] * ((size - 300) // 121), length]
        subjects = [f"repo/{i:02}/{'x' * n}" for i, n in enumerate(lengths)]
        oidc = {"provider": "gitlab.example.com", "subject": subjects}
        roles = json.dumps({"ci": {"trust": {"oidc": oidc}}})
        account = f"accounts:\n  app:\n    id: '111111111111'\n    roles: {roles}\n"
        secret = f"secrets: {{ a/b: {{ readers: ['app:ci'], ignore: {IGNORED} }} }}\n"
        return complete(ignore + account + secret)

    loaded = load_spec(spec(1).encode(), "spec.yaml").environment
    assert loaded is not None
    (account,) = loaded.accounts
    shortest = policy_size(trust_policy("aws", account, account.roles[0]))
    last = 1 + size - shortest
    found = findings_in(spec(last))
    assert [d.rule for d in found] == expected
    for diagnostic in found:
        assert diagnostic.path == ("accounts", "app", "roles", "ci", "trust")
        assert f"{size:,} of at most 4,096" in diagnostic.summary
    allowed = "ignore: [{ rule: SG241, of: accounts.app, reason: Our quota is 4096 }]\n"
    if expected == ["SG241"]:
        (diagnostic,) = findings_in(spec(last, allowed))
        assert diagnostic.allowed


def secrets(count: int, **fields: str) -> str:
    given = ", ".join(f"{name}: {value}" for name, value in fields.items())
    return "secrets:\n" + "".join(f"  app/secret-{i:04}: {{ {given} }}\n" for i in range(count))


def test_many_dedicated_keys_and_what_shared_ones_cost() -> None:
    assert ids(secrets(20)) == []
    assert ids("keys: { app: {} }\n" + secrets(40, kms_key="app")) == []
    (found,) = findings_in(complete(secrets(21, replicas="[us-west-2]")))
    assert found.rule == "SG455"
    assert "42 keys cost USD 42.00 a month" in found.summary
    assert "USD 2.00" in found.detail


def test_a_role_that_reads_more_than_its_policies_can_name() -> None:
    shared = {"kms_key": "aws-managed", "readers": "[app]", "ignore": IGNORED}
    assert "SG456" not in ids(ACCOUNTS + secrets(300, **shared))
    assert "SG456" in ids(ACCOUNTS + secrets(1500, **shared))


IGNORED = "[{ rule: SG305, reason: tested elsewhere }]"


def test_every_rule_without_a_case_is_tested_here_or_by_its_reader() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    here = {rule for rule in all_rules() if f'"{rule}"' in text}
    assert here == {
        *("SG203", "SG212", "SG232", "SG233", "SG234", "SG235", "SG238", "SG240", "SG241", "SG249"),
        *("SG455", "SG456"),
        "SG305",  # of the secrets above
    }


def rotated(names: list[str]) -> str:
    function = "arn:aws:lambda:us-east-1:123456789012:function:rotate"
    rotation = f"{{ lambda_arn: '{function}', every_days: 30 }}"
    body = f"{{ kms_key: shared, rotation: {rotation} }}"
    return "keys: { shared: {} }\nsecrets:\n" + "".join(f"  {name}: {body}\n" for name in names)


def test_the_policy_of_a_function_holds_a_statement_for_each_prefix() -> None:
    assert ids(rotated([f"app/token-{n}" for n in range(150)])) == []
    assert ids(rotated([f"app-{n}" for n in range(150)])) == []
    assert ids(rotated([f"team{n:02}/token" for n in range(40)])) == []
    assert ids(rotated([f"team{n:02}/token" for n in range(60)])) == ["SG249"]
