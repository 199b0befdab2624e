"""Secrets move between keys and Regions, and no key goes before what it encrypts has left it."""

import re
import shlex
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.harness.aws import REGION, LocalAws
from tests.harness.calls import Call
from tests.harness.cycle import Cycle, begin, prepare
from tests.harness.terraform import Run
from tests.harness.workspace import TREE_FOLDERS
from tests.rendered import render

pytestmark = [pytest.mark.terraform, pytest.mark.slow(seconds=35)]

WEST, EUROPE = "us-west-2", "eu-west-1"
HEAD = """
version: 1
environment: test
aws: { account_id: "123456789012", region: us-east-1 }
backend: { bucket: test-terraform-state, locking: s3 }
keys: { team: {} }
defaults: { deletion_protection: false, value: { from: variable }, replicas: [us-west-2] }
secrets:
"""
SPEC = (
    HEAD
    + """
  own-to-shared: { kms_key: dedicated, replicas: [us-west-2, eu-west-1] }
  shared-to-own: { kms_key: team }
  own-to-aws: { kms_key: dedicated }
  aws-to-own: { kms_key: aws-managed }
  stays: { kms_key: team, replicas: [us-west-2, eu-west-1] }
"""
)
MOVES = {
    "own-to-shared: { kms_key: dedicated": "own-to-shared: { kms_key: team",
    "shared-to-own: { kms_key: team": "shared-to-own: { kms_key: dedicated",
    "own-to-aws: { kms_key: dedicated": "own-to-aws: { kms_key: aws-managed",
    "aws-to-own: { kms_key: aws-managed": "aws-to-own: { kms_key: dedicated",
}
REPLICATED = (
    HEAD
    + """
  failed: { kms_key: dedicated, replicas: [us-west-2, eu-west-1] }
  leaves: { kms_key: dedicated }
  stays: { kms_key: team }
"""
)
NAMES = ("own-to-shared", "shared-to-own", "own-to-aws", "aws-to-own", "stays")
LEAVE_REGION = "RemoveRegionsFromReplication"
LEAVES = {"UpdateSecret", LEAVE_REGION}
COMMAND = re.compile(r"^\W+(aws secretsmanager .+)$", re.MULTILINE)


class Project:
    """A spec, and the copy of its tree in which Terraform works."""

    def __init__(self, tmp_path: Path, text: str = SPEC) -> None:
        """Render the spec."""
        self._root, self._tree = tmp_path / "project", tmp_path / "tree"
        self._root.mkdir()
        self._text = text
        self.change({})

    @property
    def folder(self) -> Path:
        """The root module of the environment."""
        return self._tree / "environments" / "test"

    def change(self, texts: dict[str, str]) -> None:
        """Replace texts of the spec, and render it again."""
        for old, new in texts.items():
            assert old in self._text
            self._text = self._text.replace(old, new)
        render(self._root, self._text)
        for name in TREE_FOLDERS:
            shutil.copytree(self._root / name, self._tree / name, dirs_exist_ok=True)


def test_keys_are_deleted_last(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    project = Project(tmp_path)
    prepare(aws, project.folder)
    values = {name.replace("-", "_"): f"value-of-{name}" for name in NAMES}
    cycle = begin(aws, project.folder, scratch, variables=values)
    old = {name: keys_of(aws, name) for name in NAMES}

    project.change(MOVES)
    calls = applied(cycle, aws)
    assert_keys_go_last(calls, old)
    moved = {name: keys_of(aws, name) for name in NAMES}
    assert moved["own-to-shared"] == moved["stays"] == old["stays"]
    assert set(moved["own-to-aws"].values()) == {"alias/aws/secretsmanager"}
    for name in ("shared-to-own", "aws-to-own"):
        assert not set(moved[name].values()) & {*old[name].values(), *moved["stays"].values()}
    for name in NAMES:
        assert aws.secret_value(name) == aws.secret_value(name, WEST) == f"value-of-{name}"
    assert_keys_are_alive(aws, moved.values())


def test_replicas_fail_leave_and_return(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    project = Project(tmp_path, REPLICATED)
    prepare(aws, project.folder)
    elsewhere = aws.client("secretsmanager", EUROPE)
    elsewhere.create_secret(Name="failed", SecretString="in the way")
    values = {name: f"value-of-{name}" for name in ("failed", "leaves", "stays")}
    cycle = begin(aws, project.folder, scratch, variables=values)
    old = keys_of(aws, "leaves")

    # The replica that failed is no change, but a warning.
    warned = cycle.terraform.runs[-1]
    assert "failed: a replica failed (eu-west-1: Replication failed" in unwrapped(warned)
    assert warned.text.count("Warning: ") == 1
    (check,) = (c for c in cycle.terraform.show_json()["checks"] if c["status"] == "fail")
    assert check["address"]["module"] == "module.secret__failed"
    described = aws.client("secretsmanager").describe_secret
    assert run_commands(warned, aws) == [(described(SecretId="failed")["ARN"], [EUROPE], REGION)]

    # The last replica of another leaves; Terraform refuses to go on until it has left by hand.
    last = {"leaves: { kms_key: dedicated": "leaves: { replicas: []"}
    project.change(last | {"failed: {": "failed: { force_overwrite_replica: true,"})
    assert LEAVE_REGION not in {call.operation for call in refused(cycle, aws)}
    leaves = described(SecretId="leaves")["ARN"]
    assert run_commands(cycle.terraform.runs[-1], aws) == [(leaves, [WEST], REGION)]
    calls = applied(cycle, aws)
    assert [c.region for c in calls if c.operation == "ScheduleKeyDeletion"] == [WEST]
    assert "Warning: " not in cycle.terraform.runs[-1].text
    assert aws.secret_value("failed", EUROPE) == "value-of-failed"

    # The Region is entered again at once, while its old key waits for its deletion.
    project.change({after: before for before, after in last.items()})
    calls = applied(cycle, aws)
    assert "ScheduleKeyDeletion" not in {call.operation for call in calls}
    entered = keys_of(aws, "leaves")
    assert entered[WEST] != old[WEST]
    assert_keys_are_alive(aws, [entered])


def applied(cycle: Cycle, aws: LocalAws) -> list[Call]:
    """Plan, apply, and plan again to no changes; returns the calls of the apply."""
    cycle.terraform.init()
    cycle.terraform.plan()
    aws.record()
    cycle.terraform.apply(str(cycle.terraform.plan_file))
    calls = aws.recorded()
    cycle.terraform.assert_no_changes()
    return calls


def refused(cycle: Cycle, aws: LocalAws) -> list[Call]:
    """Plan what Terraform refuses; returns the calls that it made."""
    cycle.terraform.init()
    aws.record()
    cycle.terraform.plan(expect=(1,))
    return aws.recorded()


def assert_keys_go_last(calls: list[Call], old: dict[str, dict[str, str]]) -> None:
    """Every key is scheduled for deletion after each secret and replica has left it."""
    left: dict[tuple[str, str], int] = {}
    for index, call in enumerate(calls):
        if call.operation in LEAVES:
            left[secret_name(call.parameters["SecretId"]), call.operation] = index
    gone = set()
    for index, call in enumerate(calls):
        if call.operation == "ScheduleKeyDeletion":
            for name, keys in old.items():
                if keys.get(call.region, "").endswith(call.parameters["KeyId"]):
                    gone.add((name, call.region))
                    leave = "UpdateSecret" if call.region == REGION else LEAVE_REGION
                    assert left[name, leave] < index, (name, call.region)
    assert gone == {
        *(("own-to-shared", region) for region in (REGION, WEST, EUROPE)),
        *(("own-to-aws", region) for region in (REGION, WEST)),
    }


def secret_name(arn: str) -> str:
    """The name of a secret, which its ARN holds before six random characters."""
    return arn.rsplit(":", maxsplit=1)[-1].rpartition("-")[0]


def keys_of(aws: LocalAws, name: str) -> dict[str, str]:
    """The key of a secret in each of its Regions."""
    described = aws.client("secretsmanager").describe_secret(SecretId=name)
    replicas = {r["Region"]: r["KmsKeyId"] for r in described.get("ReplicationStatus", [])}
    return {REGION: described["KmsKeyId"], **replicas}


def assert_keys_are_alive(aws: LocalAws, keys: Iterable[dict[str, str]]) -> None:
    """No key that encrypts something waits for its deletion, and none is a multi-Region key."""
    for region, key in {pair for of_secret in keys for pair in of_secret.items()}:
        if key.startswith("arn:"):
            described = aws.client("kms", region).describe_key(KeyId=key)["KeyMetadata"]
            assert (described["KeyState"], described.get("MultiRegion", False)) == (
                "Enabled",
                False,
            )


def run_commands(run: Run, aws: LocalAws) -> list[tuple[str, list[str], str]]:
    """Do what the commands that Terraform's messages give do; returns secret, Regions, Region."""
    done = []
    for command in COMMAND.findall(run.text):
        words = shlex.split(command)
        assert words[:3] == ["aws", "secretsmanager", "remove-regions-from-replication"]
        after = {word: index + 1 for index, word in enumerate(words)}
        secret, region = words[after["--secret-id"]], words[after["--region"]]
        regions = words[after["--remove-replica-regions"] : words.index("--region")]
        aws.client("secretsmanager", region).remove_regions_from_replication(
            SecretId=secret, RemoveReplicaRegions=regions
        )
        done.append((secret, regions, region))
    return done


def unwrapped(run: Run) -> str:
    """The output without Terraform's frames and line breaks."""
    return re.sub(r"[\s│╷╵]+", " ", run.text)
