"""An AWS as tests use it, whichever it is: the local one, or an account."""

import io
import json
import time
import uuid
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import boto3  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

REGION = "us-east-1"
PAUSE_SECONDS = 3
TRUST_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }],
}  # fmt: skip
Found = TypeVar("Found")


class Aws(ABC):
    """An AWS, seen from one of its accounts.

    Attributes:
        account: the account of the caller.
        endpoint: the URL of every service; None for AWS's own.
        prefix: names that begin with it belong to the tests; empty where every name does.
        tags: what is created beside Terraform carries them.
        patience: seconds that a change may take to arrive everywhere.
        enforces_policies: whether a caller may do only what policies allow.
        has_services: whether a secret that an AWS service owns can be had.
        shares_providers: whether calls of Terraform use a provider that runs already.
    """

    account: str
    endpoint: str | None = None
    prefix: str = ""
    tags: dict[str, str]
    patience: float = 0
    enforces_policies: bool = False
    has_services: bool = False
    shares_providers: bool = False

    @abstractmethod
    def in_account(self, account: str) -> "Aws":
        """The same AWS, seen from another account."""

    @abstractmethod
    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of this account."""

    @abstractmethod
    def credentials(self) -> dict[str, str]:
        """AWS_* environment variables of a caller in this account."""

    def environment(self) -> dict[str, str]:
        """The environment variables that lead Terraform, its provider and its backend here."""
        leads = {"AWS_ENDPOINT_URL": self.endpoint} if self.endpoint else {}
        return leads | self.credentials()

    def session(self) -> boto3.Session:
        """A session with the credentials of the caller."""
        given = {name.lower(): value for name, value in self.credentials().items()}
        return boto3.Session(**given)

    def eventually(self, look: Callable[[], Found]) -> Found:
        """What `look` returns once it no longer fails, at the latest when the patience is over."""
        end = time.monotonic() + self.patience
        while True:
            try:
                return look()
            except (AssertionError, ClientError):
                if time.monotonic() >= end:
                    raise
                time.sleep(PAUSE_SECONDS)

    def named(self, name: str) -> str:
        """A name that belongs to the tests."""
        return f"{self.prefix}-{name}" if self.prefix else name

    def tag_list(self, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
        """The tags, in the spelling of most services; KMS has another one."""
        return [{key: name, value: text} for name, text in self.tags.items()]

    # --- what must exist before an environment is applied -----------------------------------------

    def create_state_backend(
        self, bucket: str, table: str | None = None, region: str = REGION
    ) -> None:
        """The state bucket and, if named, the lock table, as a bootstrap would leave them."""
        s3 = self.client("s3", region)
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **(where if region != REGION else {}))
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        if self.tags:
            s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": self.tag_list()})
        if table:
            dynamodb = self.client("dynamodb", region)
            dynamodb.create_table(
                TableName=table,
                AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
                Tags=self.tag_list(),
            )
            if self.patience:
                dynamodb.get_waiter("table_exists").wait(TableName=table)

    def create_function(self, arn: str) -> None:
        """A Lambda function of that ARN, unless it exists; its code does nothing."""
        _, _, _, region, account, _, name = arn.split(":")
        owner = self.in_account(account)
        client = owner.client("lambda", region)
        if any(f["FunctionArn"] == arn for f in client.list_functions()["Functions"]):
            return
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as code:
            code.writestr("index.py", "def handler(event, context): pass\n")
        role = owner._ensure_role(owner.named("rotation"))
        # A role can be assumed some seconds after it was created.
        owner.eventually(
            lambda: client.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Role=role,
                Handler="index.handler",
                Code={"ZipFile": archive.getvalue()},
                Tags=self.tags,
            )
        )
        if owner.patience:
            client.get_waiter("function_active_v2").wait(FunctionName=name)

    def _ensure_role(self, name: str) -> str:
        iam = self.client("iam")
        if any(role["RoleName"] == name for role in iam.list_roles()["Roles"]):
            return str(iam.get_role(RoleName=name)["Role"]["Arn"])
        created = iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(TRUST_LAMBDA),
            Tags=self.tag_list(),
        )
        return str(created["Role"]["Arn"])

    # --- secrets and buckets that belong to the tests ---------------------------------------------

    def buckets(self) -> list[str]:
        """The names of the buckets."""
        found = self.client("s3").list_buckets()["Buckets"]
        return [bucket["Name"] for bucket in found if bucket["Name"].startswith(self.prefix)]

    def secrets(self, region: str = REGION, **options: Any) -> Iterator[dict[str, Any]]:
        """The secrets of a Region, as `ListSecrets` describes them."""
        if self.prefix:
            options["Filters"] = [{"Key": "name", "Values": [f"{self.prefix}/"]}]
        paginator = self.client("secretsmanager", region).get_paginator("list_secrets")
        for page in paginator.paginate(**options):
            yield from page["SecretList"]

    def secret_value(self, name: str, region: str = REGION) -> str:
        """The current value of a secret, as an application reads it."""
        answer = self.client("secretsmanager", region).get_secret_value(SecretId=name)
        return str(answer["SecretString"])

    def secret_values(self, *regions: str) -> Iterator[str]:
        """Every value that any version of any secret holds in these Regions.

        What is exclusive to others cannot be read.
        """
        for region in regions or (REGION,):
            client = self.client("secretsmanager", region)
            for secret in self.secrets(region):
                for version in secret.get("SecretVersionsToStages", {}):
                    try:
                        answer = client.get_secret_value(SecretId=secret["ARN"], VersionId=version)
                    except ClientError as error:
                        if "AccessDenied" not in str(error):
                            raise
                    else:
                        yield answer["SecretString"]

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
