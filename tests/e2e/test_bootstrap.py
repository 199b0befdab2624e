"""The state bucket and lock table, made by the three commands that their README documents."""

import json
import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from secretgen.policy.state_policies import state_policy
from secretgen.spec.load import load_spec
from tests.commands import blocks
from tests.harness.aws import LocalAws
from tests.harness.terraform import Terraform
from tests.rendered import PRODUCTION, render

pytestmark = pytest.mark.terraform

BUCKET, LOGS, TABLE = (
    "my-company-terraform-state",
    "my-company-terraform-state-access-logs",
    "terraform-state-lock",
)
STATE = "production/secrets/terraform.tfstate"
OWN_STATE = "production/secrets/bootstrap/terraform.tfstate"


def rendered(text: str, tmp_path: Path) -> Path:
    """The folder of the environment of a spec, in a project of its own: the gate reads the spec."""
    return render(tmp_path / "project", text)


@pytest.mark.slow(seconds=65)
def test_three_steps(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    root = rendered(PRODUCTION.read_text("utf-8"), tmp_path) / "bootstrap"
    plan, apply, move, initialise = blocks((root / "README.md").read_text(), "Three steps")
    terraform = Terraform(root, scratch, environment=aws.environment())

    terraform.shell(plan)
    terraform.shell(apply, limit=400)
    made = terraform.outputs()
    _assert_private_and_kept(aws, made["kms_key_arn"])
    _assert_lock_table(aws, made["kms_key_arn"])
    attached = aws.client("iam").get_policy(PolicyArn=made["state_policy_arn"])
    assert attached["Policy"]["PolicyName"] == "production-terraform-state"

    terraform.shell(move)
    terraform.assert_no_changes()
    (stored,) = aws.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert stored["Key"] == OWN_STATE
    head = aws.client("s3").head_object(Bucket=BUCKET, Key=OWN_STATE)
    assert head["ServerSideEncryption"] == "aws:kms"
    assert not json.loads((root / "terraform.tfstate").read_text() or "{}").get("resources")

    terraform.shell(initialise)
    assert (root.parent / ".terraform/terraform.tfstate").exists()
    environments = backend_of(root.parent / "backend.tf")["kms_key_id"]
    assert environments == head["SSEKMSKeyId"]
    aliases = aws.client("kms").list_aliases(KeyId=made["kms_key_arn"])["Aliases"]
    assert environments in {alias["AliasArn"] for alias in aliases}

    refused = terraform.destroy(expect=(1,))
    assert refused.text.count("prevent_destroy") >= 4
    assert {b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]} == {BUCKET, LOGS}


def backend_of(file: Path) -> dict[str, str]:
    return dict(re.findall(r'^    (\w+) += "(.+)"$', file.read_text("utf-8"), re.MULTILINE))


def _assert_private_and_kept(aws: LocalAws, key: str) -> None:
    s3 = aws.client("s3")
    for bucket in (BUCKET, LOGS):
        named: dict[str, Any] = {"Bucket": bucket}
        assert s3.get_bucket_versioning(**named)["Status"] == "Enabled"
        blocked = s3.get_public_access_block(**named)["PublicAccessBlockConfiguration"]
        assert len(blocked) == 4
        assert all(blocked.values())
        (owner,) = s3.get_bucket_ownership_controls(**named)["OwnershipControls"]["Rules"]
        assert owner["ObjectOwnership"] == "BucketOwnerEnforced"
        encryption = s3.get_bucket_encryption(**named)["ServerSideEncryptionConfiguration"]
        default = encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]
        by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        assert default == (by_key if bucket == BUCKET else {"SSEAlgorithm": "AES256"})
        policy = json.loads(s3.get_bucket_policy(**named)["Policy"])
        denied = [s["Condition"] for s in policy["Statement"] if s["Effect"] == "Deny"]
        assert denied == [{"Bool": {"aws:SecureTransport": "false"}}]
        rules = s3.get_bucket_lifecycle_configuration(**named)["Rules"]
        assert any("NoncurrentVersionExpiration" in rule for rule in rules)
        assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    assert s3.get_bucket_logging(Bucket=BUCKET)["LoggingEnabled"]["TargetBucket"] == LOGS


def _assert_lock_table(aws: LocalAws, key: str) -> None:
    dynamodb = aws.client("dynamodb")
    table = dynamodb.describe_table(TableName=TABLE)["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["KeySchema"] == [{"AttributeName": "LockID", "KeyType": "HASH"}]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == key
    assert table["DeletionProtectionEnabled"]
    backups = dynamodb.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    assert recovery == "ENABLED"


# --- what the backend asks for, against what the policy allows ------------------------------------

MESSAGE = re.compile(r"^\d{4}-\d\d-\d\dT", re.MULTILINE)
SENT = "backend-s3: HTTP Request Sent: "
FIELD = re.compile(r'\s([\w.]+)=("(?:[^"\\]|\\.)*"|\S+)')
LOCK_ID = re.compile(r'"LockID":\{"S":"([^"]+)"\}')
PERMISSIONS = {"ListObjectsV2": "s3:ListBucket", "HeadObject": "s3:GetObject"}


@pytest.mark.parametrize("locking", ["dynamodb", "s3", "both"])
def test_the_policy_allows_what_terraform_does_and_no_more(
    locking: str, tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    text = PRODUCTION.read_text("utf-8").replace("locking: dynamodb", f"locking: {locking}")
    environment = load_spec(text.encode(), "spec").environment
    assert environment
    folder = rendered(text, tmp_path)
    aws.create_state_backend(BUCKET, TABLE)
    root = tmp_path / "root"
    root.mkdir()
    shutil.copy(folder / "backend.tf", root)
    (root / "main.tf").write_text('resource "terraform_data" "a" {}\n')
    log = {"TF_LOG_CORE": "DEBUG"}
    terraform = Terraform(root, scratch, environment=aws.environment() | log)
    terraform.init()
    terraform.apply()
    terraform.destroy()

    asked = {call for run in terraform.runs for call in _calls(run.text)}
    statements = state_policy(environment)["Statement"]
    granted = [s for s in statements if not s["Sid"].startswith("UseKey")]
    # Workspaces are looked for at every start; Terraform takes a refusal for "there are none".
    asked.remove(("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", "env:/"))
    for call in asked:
        assert any(_allows(s, *call) for s in granted), call
    for statement in granted:
        for action in _listed(statement["Action"]):
            used = any(_allows(statement | {"Action": action}, *call) for call in asked)
            assert used or action == "s3:ListBucket", f"nobody needs {action}"


def _calls(text: str) -> Iterator[tuple[str, str, str]]:
    """Permission, ARN and condition value of each request that the backend sent."""
    for message in MESSAGE.split(text):
        if SENT not in message:
            continue
        fields = dict(FIELD.findall(message))
        method, service = fields["rpc.method"], fields["rpc.service"]
        if service == "S3":
            action = PERMISSIONS.get(method, f"s3:{method}")
            url = urlsplit(fields["http.url"].strip('"'))
            prefix = parse_qs(url.query).get("prefix", [""])[0]
            yield action, f"arn:aws:s3:::{url.path[1:]}", prefix
        elif service == "DynamoDB":
            arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}"
            (lock,) = LOCK_ID.findall(message)
            yield f"dynamodb:{method}", arn, lock


def _allows(statement: dict[str, Any], action: str, arn: str, value: str) -> bool:
    (conditions,) = statement.get("Condition", {"": {"": [value]}}).values()
    (values,) = conditions.values()
    return (
        action in _listed(statement["Action"])
        and fnmatchcase(arn, statement["Resource"])
        and value in values
    )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
