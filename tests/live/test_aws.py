"""The picture from AWS says the same as one from a dump, and asks for nothing else."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from secretgen.live.account import LiveAccount
from secretgen.live.aws import read_account
from secretgen.live.dump import parse_dump
from secretgen.live.permissions import VALUES, read_policy
from secretgen.live.session import AwsError
from tests.harness.aws import REGION, LocalAws
from tests.live.samples import POLICY

SECRETS = 25


@pytest.fixture
def account(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """An account with secrets on more than one page, keys and a replica."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    secrets, kms = aws.client("secretsmanager"), aws.client("kms")
    key = kms.create_key(Description="Shared")["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/db", TargetKeyId=key)
    other = aws.client("kms", "us-west-2").create_key()["KeyMetadata"]["Arn"]
    for number in range(SECRETS):
        secrets.create_secret(Name=f"prod/{number:02}", SecretString="canary-3f9c")
    secrets.create_secret(
        Name="prod/keyed",
        Description="With all",
        SecretBinary=b"canary-3f9c",
        KmsKeyId="alias/db",
        Tags=[{"Key": "team", "Value": "db"}],
        AddReplicaRegions=[{"Region": "us-west-2", "KmsKeyId": other}],
    )
    secrets.put_resource_policy(SecretId="prod/keyed", ResourcePolicy=json.dumps(POLICY))
    secrets.create_secret(Name="prod/gone", SecretString="canary-3f9c")
    secrets.delete_secret(SecretId="prod/gone", RecoveryWindowInDays=30)
    return aws


def _dumped(aws: LocalAws) -> LiveAccount:
    """The same by the calls of the shell loop in the documentation."""
    client = aws.client("secretsmanager")
    found: list[Any] = []
    for page in client.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True):
        for entry in page["SecretList"]:
            found.append(client.describe_secret(SecretId=entry["ARN"]))
            if "DeletedDate" not in entry:
                found.append(client.get_resource_policy(SecretId=entry["ARN"]))
    for answer in found:
        del answer["ResponseMetadata"]
    return parse_dump(json.dumps(found, default=str).encode(), "dump.json")


def test_the_whole_account_and_nothing_else(account: LocalAws) -> None:
    account.record()
    steps: list[str] = []
    live = read_account(region=REGION, observer=steps.append)
    calls = {str(call) for call in account.recorded()}

    allowed = {a for s in read_policy()["Statement"] if s["Effect"] == "Allow" for a in s["Action"]}
    assert calls <= allowed | {"sts:GetCallerIdentity"}  # needs no permission
    assert not [c for c in calls if any(fnmatchcase(c, denied) for denied in VALUES)]
    assert {a for a in allowed if not a.startswith("kms:")} <= calls

    dumped = _dumped(account)
    by_name = {s.name: s for s in dumped.secrets}
    assert len(live.secrets) == SECRETS + 2
    for secret in live.secrets:
        twin = by_name[secret.name]
        assert (secret.policy, secret.versions, secret.replicas, secret.kms_key, secret.tags) == (
            twin.policy, twin.versions, twin.replicas, twin.kms_key, twin.tags,
        )  # fmt: skip
        assert bool(secret.deleted) is (secret.name == "prod/gone")
    keyed = next(s for s in live.secrets if s.name == "prod/keyed")
    key, other = live.key(keyed.kms_key), live.key(keyed.replicas[0].kms_key, "us-west-2")
    assert key
    assert (key.aliases, key.description) == (("alias/db",), "Shared")
    assert key.rotation_enabled is False
    assert key.grants == ()
    assert key.policy
    assert other
    assert other.region == "us-west-2"
    assert "canary" not in repr(live)
    assert f"Reading secrets {SECRETS + 2} of {SECRETS + 2}" in steps


def test_only_selected_secrets_are_described(account: LocalAws) -> None:
    account.record()
    live = read_account(region=REGION, wanted=lambda _, tags: tags.get("team") == "db")
    assert [s.name for s in live.secrets] == ["prod/keyed"]
    assert [str(c) for c in account.recorded()].count("secretsmanager:DescribeSecret") == 1


def test_another_account_and_missing_credentials(
    account: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AwsError, match="credentials are of the account 123456789012"):
        read_account(region=REGION, account_id="111122223333")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(AwsError, match="credentials"):
        read_account(region=REGION)
