"""An AWS on this machine: moto in a process of its own, and what tests do to it from outside."""

import io
import json
import subprocess
import sys
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from tests.harness.calls import Call, read_call

ACCOUNT = "123456789012"
REGION = "us-east-1"
REPOSITORY = Path(__file__).resolve().parents[2]


MOTO_ID_TAG = "_custom_id_"
"""A tag from which moto takes the random characters of an ARN."""


class LocalAws:
    """One local AWS with many accounts and Regions, seen from one of the accounts.

    Attributes:
        endpoint: the URL of every service.
        account: the account of the caller.
    """

    def __init__(self, endpoint: str, account: str = ACCOUNT) -> None:
        """Talk to the server at `endpoint`, a URL without a path, as a caller in `account`."""
        self.endpoint = endpoint
        self.account = account
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._issued: dict[str, dict[str, str]] = {}

    def in_account(self, account: str) -> "LocalAws":
        """The same AWS, seen from another account; `close` on either closes both."""
        other = LocalAws(self.endpoint, account)
        other._clients = self._clients
        other._issued = self._issued
        return other

    def reset(self) -> None:
        """Forget every resource in every account and Region."""
        self._control("reset")
        self._issued.clear()
        self.close()

    def record(self) -> None:
        """Record the calls from here on; `recorded` returns them."""
        self._control("recorder/reset-recording")
        self._control("recorder/start-recording")

    def recorded(self) -> list[Call]:
        """The calls that Terraform and secretgen made since `record`, in their order."""
        self._control("recorder/stop-recording")
        lines = self._control("recorder/download-recording", method="GET").splitlines()
        return [call for call in map(read_call, lines) if call]

    def _control(self, path: str, method: str = "POST") -> str:
        request = urllib.request.Request(f"{self.endpoint}/moto-api/{path}", method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.read().decode())

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of this account."""
        key = (service, region, self.account)
        if key not in self._clients:
            credentials = {name.lower(): value for name, value in self.credentials().items()}
            self._clients[key] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                config=Config(retries={"max_attempts": 1}, connect_timeout=10, read_timeout=60),
                **credentials,
            )
        return self._clients[key]

    def credentials(self) -> dict[str, str]:
        """AWS_* environment variables of a caller in this account.

        moto knows a caller's account by the role that was assumed; any other caller belongs to
        the default account.
        """
        if self.account == ACCOUNT:
            return {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        if self.account not in self._issued:
            role = f"arn:aws:iam::{self.account}:role/terraform"
            sts = self.in_account(ACCOUNT).client("sts")
            issued = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
            self._issued[self.account] = {
                "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
                "AWS_SESSION_TOKEN": issued["SessionToken"],
            }
        return self._issued[self.account]

    def environment(self) -> dict[str, str]:
        """The environment variables that lead Terraform, its provider and its backend here."""
        return {"AWS_ENDPOINT_URL": self.endpoint, **self.credentials()}

    def close(self) -> None:
        """Close the connections of every client."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    # --- what must exist before an environment is applied -----------------------------------------

    def create_state_backend(
        self, bucket: str, table: str | None = None, region: str = REGION
    ) -> None:
        """The state bucket and, if named, the lock table, as a bootstrap would leave them."""
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.client("s3", region).create_bucket(
            Bucket=bucket, **(where if region != REGION else {})
        )
        self.client("s3", region).put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        if table:
            self.client("dynamodb", region).create_table(
                TableName=table,
                AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )

    def create_function(self, arn: str) -> None:
        """A Lambda function of that ARN, unless it exists; its code is never run."""
        _, _, _, region, account, _, name = arn.split(":")
        owner = self.in_account(account)
        existing = owner.client("lambda", region).list_functions()["Functions"]
        if any(function["FunctionArn"] == arn for function in existing):
            return
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as code:
            code.writestr("index.py", "def handler(event, context): pass\n")
        owner.client("lambda", region).create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=owner._ensure_role("rotation"),
            Handler="index.handler",
            Code={"ZipFile": archive.getvalue()},
        )

    def create_service_secret(self, arn: str) -> None:
        """A secret of that ARN, as an AWS service creates it, unless it exists."""
        region, account, name = arn.split(":")[3], arn.split(":")[4], arn.split(":", 6)[6]
        secrets = self.in_account(account).client("secretsmanager", region)
        if any(secret["ARN"] == arn for secret in secrets.list_secrets()["SecretList"]):
            return
        name, _, suffix = name.rpartition("-")
        secrets.create_secret(
            Name=name,
            SecretString=f"value of {name}",
            Tags=[{"Key": MOTO_ID_TAG, "Value": suffix}],
        )

    def _ensure_role(self, name: str) -> str:
        iam = self.client("iam")
        if any(role["RoleName"] == name for role in iam.list_roles()["Roles"]):
            return str(iam.get_role(RoleName=name)["Role"]["Arn"])
        created = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
        return str(created["Role"]["Arn"])

    # --- secrets from outside of Terraform --------------------------------------------------------

    def secret_value(self, name: str, region: str = REGION) -> str:
        """The current value of a secret, as an application reads it."""
        answer = self.client("secretsmanager", region).get_secret_value(SecretId=name)
        return str(answer["SecretString"])

    def secret_values(self, *regions: str) -> Iterator[str]:
        """Every value that any version of any secret holds in these Regions."""
        for region in regions or (REGION,):
            client = self.client("secretsmanager", region)
            for secret in client.list_secrets()["SecretList"]:
                for version in secret.get("SecretVersionsToStages", {}):
                    yield client.get_secret_value(SecretId=secret["ARN"], VersionId=version)[
                        "SecretString"
                    ]

    def labels(self, name: str, region: str = REGION) -> dict[str, list[str]]:
        """The staging labels of each version of a secret, by version id."""
        described = self.client("secretsmanager", region).describe_secret(SecretId=name)
        return {i: sorted(s) for i, s in described.get("VersionIdsToStages", {}).items()}

    def rotate(self, name: str, times: int = 1, region: str = REGION) -> str:
        """Rotate as AWS's rotation functions do, `times` times over; returns the last value.

        A pending version is written, then AWSCURRENT moves to it (createSecret, finishSecret).
        """
        client = self.client("secretsmanager", region)
        value = ""
        for _ in range(times):
            stages = client.describe_secret(SecretId=name).get("VersionIdsToStages", {})
            current = next((i for i, labels in stages.items() if "AWSCURRENT" in labels), None)
            value, version = f"rotated-{uuid.uuid4()}", str(uuid.uuid4())
            client.put_secret_value(
                SecretId=name,
                SecretString=value,
                ClientRequestToken=version,
                VersionStages=["AWSPENDING"],
            )
            if current:
                client.update_secret_version_stage(
                    SecretId=name,
                    VersionStage="AWSCURRENT",
                    MoveToVersionId=version,
                    RemoveFromVersionId=current,
                )
        return value

    def json_policy(self, name: str, region: str = REGION) -> Any:
        """The resource policy of a secret, decoded."""
        answer = self.client("secretsmanager", region).get_resource_policy(SecretId=name)
        return json.loads(answer["ResourcePolicy"])


@contextmanager
def local_aws() -> Iterator[LocalAws]:
    """Start a local AWS of one's own and stop it at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.harness.moto_server"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PYTHONWARNINGS": "ignore"},
    ) as server:
        port = server.stdout.readline().strip() if server.stdout else ""
        if not port:
            raise RuntimeError(
                "the local AWS did not start: run python -m tests.harness.moto_server"
            )
        aws = LocalAws(f"http://127.0.0.1:{port}")
        try:
            yield aws
        finally:
            aws.close()
            if server.stdin:
                server.stdin.close()
            server.wait(timeout=30)
