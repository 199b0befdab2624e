"""A dump is understood however the answers in it were put together, and never holds a value."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from secretgen.errors import SecretgenError
from secretgen.live.dump import parse_dump
from secretgen.live.records import date_of
from tests.live.samples import (
    API_EXAMPLES,
    CLI_DESCRIBED,
    CLI_LISTED,
    METADATA,
    POLICY,
    READ_CALLS,
    documented_answer,
)

ARN = "arn:aws:secretsmanager:us-west-2:123456789012:secret:prod/db-a1b2c3"
DESCRIBED = {
    "ARN": ARN,
    "Name": "prod/db",
    "KmsKeyId": "alias/db",
    "ReplicationStatus": [{"Region": "us-east-1", "Status": "InSync"}],
    "VersionIdsToStages": {"v1": ["AWSCURRENT"]},
}
ASKED = {"ARN": ARN, "Name": "prod/db", "ResourcePolicy": json.dumps(POLICY)}
LISTED = {"ARN": ARN, "Name": "prod/db", "SecretVersionsToStages": {"v1": ["AWSCURRENT"]}}
KEY = {
    "KeyMetadata": {"Arn": "arn:aws:kms:us-west-2:123456789012:key/1a2b", "KeyManager": "CUSTOMER"},
    "KeyRotationEnabled": True,
}
ALIASES = {"Aliases": [{"AliasName": "alias/db", "TargetKeyId": "1a2b"}]}


def _stream(*documents: Any) -> bytes:
    return "\n".join(json.dumps(document, indent=2) for document in documents).encode()


@pytest.mark.parametrize(
    "data",
    [
        _stream(DESCRIBED, ASKED, KEY, ALIASES),
        _stream({"SecretList": [LISTED]}, DESCRIBED, ASKED, KEY, ALIASES),
        _stream([{**DESCRIBED, "ResourcePolicy": POLICY}, KEY, ALIASES]),
        _stream({"SecretList": [DESCRIBED], "Policies": {"prod/db": POLICY}}, KEY, ALIASES),
        _stream({"SecretList": [DESCRIBED], "ResourcePolicies": {ARN: json.dumps(POLICY)}},
                KEY, ALIASES),
        _stream({"secrets": {"prod/db": DESCRIBED}, "policies": [ASKED], "keys": [KEY, ALIASES]}),
        _stream([{"Secret": DESCRIBED, "ResourcePolicy": POLICY}], {"Keys": [KEY], **ALIASES}),
        _stream([{"describe": DESCRIBED, "policy": ASKED}], KEY, ALIASES),
        ("\ufeff" + _stream(DESCRIBED, ASKED, KEY, ALIASES).decode()).encode("utf-16-le"),
    ],
)  # fmt: skip
def test_every_form_says_the_same(data: bytes) -> None:
    account = parse_dump(data, "dump.json")
    (secret,) = account.secrets
    assert (account.account_id, account.region) == ("123456789012", "us-west-2")
    assert (secret.policy, secret.policy_known) == (POLICY, True)
    assert [r.region for r in secret.replicas] == ["us-east-1"]
    assert secret.versions == {"v1": ("AWSCURRENT",)}
    key = account.key(secret.kms_key)
    assert key
    assert key.rotation_enabled
    assert key.aliases == ("alias/db",)


def test_parts_of_a_multi_region_key_are_keys() -> None:
    def part(region: str, state: str) -> list[dict[str, Any]]:
        arn = f"arn:aws:kms:{region}:123456789012:key/mrk-1a2b"
        alias = {"AliasArn": f"arn:aws:kms:{region}:123456789012:alias/{region}"}
        return [
            {"KeyMetadata": {"Arn": arn, "KeyState": state}},
            {"KeyId": arn, "KeyRotationEnabled": state == "Enabled"},
            {"AliasName": f"alias/{region}", "TargetKeyId": "mrk-1a2b", **alias},
        ]

    answers = [DESCRIBED, *part("us-west-2", "Enabled"), *part("us-east-1", "Disabled")]
    for given in (answers, answers[::-1]):
        keys = parse_dump(_stream(*given), "dump.json").keys
        assert [(k.region, k.state, k.rotation_enabled, k.aliases) for k in keys] == [
            ("us-east-1", "Disabled", False, ("alias/us-east-1",)),
            ("us-west-2", "Enabled", True, ("alias/us-west-2",)),
        ]


def test_null_is_not_an_answer() -> None:
    secret = {**DESCRIBED, "VersionIdsToStages": {"v1": None}}
    key = {**KEY, "Tags": None, "Grants": None}
    account = parse_dump(_stream(secret, key), "dump.json")
    assert account.secrets[0].versions == {"v1": ()}
    assert (account.keys[0].tags_known, account.keys[0].grants) == (False, None)


def test_unrequested_fields_are_unknown() -> None:
    (secret,) = parse_dump(_stream({"SecretList": [LISTED]}), "dump.json").secrets
    assert (secret.policy_known, secret.replicas_known) == (False, False)
    bare = {"ARN": ARN, "Name": "prod/db"}
    (secret,) = parse_dump(_stream(bare), "dump.json").secrets
    assert not secret.is_described
    # What get-resource-policy answers for a secret without a policy.
    (secret,) = parse_dump(_stream(DESCRIBED, bare), "dump.json").secrets
    assert (secret.policy, secret.policy_known, secret.is_described) == (None, True, True)
    other = {**DESCRIBED, "ARN": ARN.replace("db", "x"), "Name": "prod/x"}
    found = parse_dump(_stream([{**DESCRIBED, **ASKED}, other]), "dump.json").secrets
    assert [(s.name, s.policy is None, s.policy_known) for s in found] == [
        ("prod/db", False, True), ("prod/x", True, False),
    ]  # fmt: skip


@pytest.mark.parametrize("example", [*API_EXAMPLES, CLI_DESCRIBED, CLI_LISTED])
def test_published_answers_parse(example: Any) -> None:
    account = parse_dump(_stream(example), "dump.json")
    assert account.secrets
    assert all(s.last_changed for s in account.secrets)


def test_fields_of_a_published_answer() -> None:
    (secret,) = parse_dump(_stream(API_EXAMPLES[0]), "dump.json").secrets
    assert secret.rotation
    assert secret.rotation.schedule == "cron(0 16 1,15 * ? *)"
    assert secret.rotates
    assert secret.has_value
    assert secret.last_accessed == datetime(2018, 4, 17, tzinfo=UTC)
    assert list(secret.tags) == ["FirstTag", "SecondTag"]


@pytest.mark.parametrize(
    "value", [1523923200, 1523923200.0, "1523923200", "2018-04-17T00:00:00Z",
              "2018-04-17T02:00:00.000000+02:00", "2018-04-17"],
)  # fmt: skip
def test_dates(value: Any) -> None:
    assert date_of(value, "LastAccessedDate") == datetime(2018, 4, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "holder",
    [
        {"SecretString": "hunter2-canary"},
        {"SecretBinary": "hunter2-canary"},
        {"secret_string": "hunter2-canary"},
        {"SecretValues": [{"ARN": ARN, "SecretString": "hunter2-canary"}]},
        {"Secret String": "hunter2-canary" * 4681},
        {"stdout": json.dumps({"log": json.dumps({"SecretString": "hunter2-canary"})})},
        {"lines": ["first", json.dumps({"ARN": ARN, "secret_binary": "hunter2-canary"})]},
    ],
)
def test_a_value_is_refused_and_never_shown(holder: Any) -> None:
    text = json.dumps({**DESCRIBED, "Extra": holder})
    # A later member of the same name does not hide it.
    for data in (text, f"[{json.dumps(DESCRIBED)}, {text}]", ('{"SecretString": "hunter2-canary", '
                 '"SecretString": null}')):  # fmt: skip
        with pytest.raises(SecretgenError) as error:
            parse_dump(data.encode(), "dump.json")
        assert "values of secrets" in error.value.summary
        assert "canary" not in f"{error.value.summary}{error.value.hint}{error.value.__context__}"


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe\x00\xd8", b"[]", b'{"ARN": 1}', b"[" * 100_000,
     _stream({**DESCRIBED, "ResourcePolicy": "no JSON"}), _stream({**DESCRIBED, "Tags": "x"}),
     _stream({**DESCRIBED, "CreatedDate": "yesterday"}), _stream({**DESCRIBED, "Name": 5}),
     _stream({"ARN": "arn:aws:secretsmanager:"}), b'{"Number": %s}' % (b"9" * 4400),
     _stream({**DESCRIBED, "RotationEnabled": "true"}),
     _stream({**DESCRIBED, "Tags": [{"Value": "without a key"}]}),
     _stream({**DESCRIBED, "ResourcePolicy": '{"Statement": [], "Statement": [5]}'}),
     _stream({"Other": {"ARN": []}, "KeyMetadata": {"Arn": None}, "Aliases": [5]}),
     _stream(DESCRIBED, {**DESCRIBED, "ARN": f"{ARN[:-6]}d4e5f6"})],
)  # fmt: skip
def test_other_text_is_an_error_with_a_message(data: bytes) -> None:
    with pytest.raises(SecretgenError) as error:
        parse_dump(data, "dump.json")
    assert "dump.json" in error.value.summary


def test_several_places_need_a_choice() -> None:
    other = {**DESCRIBED, "ARN": ARN.replace("us-west-2", "eu-west-1")}
    data = _stream(DESCRIBED, other)
    with pytest.raises(SecretgenError, match="several accounts or Regions"):
        parse_dump(data, "dump.json")
    assert parse_dump(data, "dump.json", region="eu-west-1").region == "eu-west-1"
    with pytest.raises(SecretgenError, match="holds no secret of 111122223333"):
        parse_dump(data, "dump.json", account_id="111122223333")


@pytest.mark.parametrize(
    ("holder", "place"),
    [
        ({"RandomPassword": "hunter2-canary"}, "RandomPassword in document 2"),
        ({"KeyId": "k", "Plaintext": "hunter2-canary"}, "Plaintext in document 2"),
        ({**DESCRIBED, "Value": "hunter2-canary"}, "Value in document 2"),
        ({**DESCRIBED, "Value": 815}, "Value in document 2"),
        ({"a": [{"b": {"Parameter": {"Name": "x", "Value": "hunter2-canary"}}}]},
         "a[0].b.Parameter.Value in"),
        ({"Tags": [{"Key": "a", "Value": {"Password": "hunter2-canary"}}]}, "Value.Password in"),
        ({"Passwords": ["hunter2-canary"]}, "Passwords[0] in"),
        ({"Policy": "hunter2-canary"}, "Policy in"),
        ({"Policies": {"prod/db": {**POLICY, "Plaintext": "hunter2-canary"}}},
         "Policies.prod/db.Plaintext in"),
        ({"ResourcePolicy": json.dumps({"Statement": {"Password": "hunter2-canary"}})},
         "ResourcePolicy in"),
        ({"VersionIdsToStages": {"v1": "hunter2-canary"}}, "VersionIdsToStages.v1 in"),
        ("hunter2-canary", "text in document 2"),
    ],
)  # fmt: skip
def test_unknown_field_is_refused_and_its_value_never_shown(holder: Any, place: str) -> None:
    with pytest.raises(SecretgenError) as error:
        parse_dump(_stream(DESCRIBED, holder), "dump.json")
    assert place in error.value.summary
    assert "canary" not in f"{error.value.summary}{error.value.hint}{error.value.__context__}"
    assert "815" not in f"{error.value.summary}{error.value.hint}"


@pytest.mark.parametrize(("service", "operation"), READ_CALLS)
def test_every_field_that_aws_documents_is_accepted(service: str, operation: str) -> None:
    answer = documented_answer(service, operation)
    assert parse_dump(_stream(DESCRIBED, {"ResponseMetadata": METADATA, **answer}), "dump.json")
