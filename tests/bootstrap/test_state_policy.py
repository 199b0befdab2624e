"""Whoever runs Terraform may use the state of one environment, with its key and its lock."""

from typing import Any

import pytest
from msgspec.structs import replace

from secretgen.model.environment import Aws, Backend, Environment, Locking, Partition
from secretgen.policy.state_policies import bucket_policy, state_policy

ENVIRONMENT = Environment(
    name="test",
    aws=Aws("123456789012", "us-east-1", Partition.AWS),
    backend=Backend(
        "states",
        "prod/state",
        "eu-west-1",
        Locking.DYNAMODB,
        "locks",
        "arn:aws:kms:eu-west-1:123456789012:alias/test-terraform-state",
    ),
    accounts=(),
    keys=(),
    secrets=(),
    monitoring=None,
    tags={},
)
IN_S3 = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
IN_DYNAMODB = {"StringEquals": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}}


def statements(**backend: Any) -> dict[str, Any]:
    changed = replace(ENVIRONMENT, backend=replace(ENVIRONMENT.backend, **backend))
    found = state_policy(changed)["Statement"]
    assert all(s["Effect"] == "Allow" for s in found)
    return {s["Sid"]: s for s in found}


def test_the_state_is_read_and_written_and_never_deleted() -> None:
    for locking in Locking:
        found = statements(locking=locking)
        assert found["ReadAndWriteState"]["Resource"] == "arn:aws:s3:::states/prod/state"
        assert found["ReadAndWriteState"]["Action"] == ["s3:GetObject", "s3:PutObject"]
        deleting = [s for s in found.values() if "s3:DeleteObject" in s["Action"]]
        assert all(s["Resource"] == "arn:aws:s3:::states/prod/state.tflock" for s in deleting)
        assert bool(deleting) == (locking is not Locking.DYNAMODB)


def test_only_the_state_and_its_lock_are_found() -> None:
    prefixes = {"env:/", "prod/state", "prod/state.tflock"}  # Terraform looks for workspaces
    found = statements(locking=Locking.BOTH)["FindState"]
    assert found["Resource"] == "arn:aws:s3:::states"
    assert set(found["Condition"]["StringEquals"]["s3:prefix"]) == prefixes


def test_only_this_lock_is_taken_in_the_table() -> None:
    lock = statements()["LockStateInTable"]
    assert lock["Resource"] == "arn:aws:dynamodb:eu-west-1:123456789012:table/locks"
    assert lock["Condition"] == {
        "ForAllValues:StringEquals": {
            "dynamodb:LeadingKeys": ["states/prod/state", "states/prod/state-md5"]
        }
    }
    assert "LockStateInTable" not in statements(locking=Locking.S3, dynamodb_table=None)


ID = "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
HERE = "arn:aws:kms:eu-west-1:123456789012"
OWN_ALIAS = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/test-terraform-state"}}
BY_ALIAS = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/a:b"}}


def test_own_key_encrypts_state_and_table() -> None:
    found = statements()
    assert found["UseKeyOfState"]["Resource"] == f"{HERE}:key/*"
    assert found["UseKeyOfState"]["Condition"] == IN_S3 | OWN_ALIAS
    assert found["UseKeyOfTable"]["Resource"] == f"{HERE}:key/*"
    assert found["UseKeyOfTable"]["Condition"] == IN_DYNAMODB | OWN_ALIAS
    assert "UseKeyOfTable" not in statements(locking=Locking.S3, dynamodb_table=None)


def test_without_a_bootstrap_the_named_key_serves_both_or_none_is_known() -> None:
    found = statements(bootstrap=False, kms_key_id=ID)
    assert found["UseKeyOfState"]["Resource"] == f"{HERE}:key/{ID}"
    assert found["UseKeyOfTable"]["Resource"] == f"{HERE}:key/{ID}"
    unnamed = statements(bootstrap=False, kms_key_id=None)
    assert not [sid for sid in unnamed if sid.startswith("UseKey")]


@pytest.mark.parametrize(
    ("key", "resource", "condition"),
    [
        (ID, f"{HERE}:key/{ID}", {}),
        (f"{HERE}:key/{ID}", f"{HERE}:key/{ID}", {}),
        ("alias/a:b", f"{HERE}:key/*", BY_ALIAS),
        (
            "arn:aws:kms:us-west-2:999999999999:alias/a:b",
            "arn:aws:kms:us-west-2:999999999999:key/*",
            BY_ALIAS,
        ),
    ],
)
def test_named_key_encrypts_only_the_state(
    key: str, resource: str, condition: dict[str, Any]
) -> None:
    found = statements(kms_key_id=key)
    assert found["UseKeyOfState"]["Resource"] == resource
    assert found["UseKeyOfState"]["Condition"] == IN_S3 | condition
    assert found["UseKeyOfTable"]["Condition"] == IN_DYNAMODB | OWN_ALIAS


def test_characters_of_a_key_are_no_wildcards() -> None:
    found = statements(key="a*b?c${d}", locking=Locking.S3)
    escaped = "a${*}b${?}c${$}{d}"
    assert found["ReadAndWriteState"]["Resource"] == f"arn:aws:s3:::states/{escaped}"
    assert found["FindState"]["Condition"]["StringEquals"]["s3:prefix"][0] == escaped


def test_china_has_its_own_names() -> None:
    aws = Aws("123456789012", "cn-north-1", Partition.CHINA)
    backend = replace(ENVIRONMENT.backend, region="cn-north-1")
    found = state_policy(replace(ENVIRONMENT, aws=aws, backend=backend))["Statement"]
    via = [s["Condition"]["StringEquals"] for s in found if s["Sid"].startswith("UseKey")]
    assert [c["kms:ViaService"] for c in via] == [
        "s3.cn-north-1.amazonaws.com.cn",
        "dynamodb.cn-north-1.amazonaws.com.cn",
    ]
    assert found[0]["Resource"] == "arn:aws-cn:s3:::states"


def test_no_bucket_takes_requests_without_tls() -> None:
    for policy in (
        bucket_policy(ENVIRONMENT.aws, "b"),
        bucket_policy(ENVIRONMENT.aws, "b", logs_of="a"),
    ):
        deny = policy["Statement"][-1]
        assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "s3:*")
        assert deny["Resource"] == ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_logs_of_the_state_bucket_are_delivered() -> None:
    (allow, _) = bucket_policy(ENVIRONMENT.aws, "b", logs_of="a")["Statement"]
    assert allow["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allow["Condition"] == {
        "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::a"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
