"""Who looks at an environment, and what they look at."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tests.acceptance.year import Place
from tests.harness.cloud import Aws

DENIED = "AccessDenied"
ANY_SECRET = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["secretsmanager:*", "kms:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
    ],
}


@dataclass(frozen=True)
class Caller:
    """Somebody who calls AWS with the credentials of a role.

    Attributes:
        aws: where.
        session: the credentials.
    """

    aws: Aws
    session: boto3.Session

    def client(self, service: str, region: str) -> Any:
        """A client with these credentials."""
        return self.session.client(service, region_name=region, endpoint_url=self.aws.endpoint)

    def assume(self, arn: str) -> "Caller":
        """The caller as another role; one that was just created is waited for."""
        sts = self.client("sts", "us-east-1")
        issued = self.aws.eventually(
            lambda: sts.assume_role(RoleArn=arn, RoleSessionName="acceptance")
        )["Credentials"]
        session = boto3.Session(
            aws_access_key_id=issued["AccessKeyId"],
            aws_secret_access_key=issued["SecretAccessKey"],
            aws_session_token=issued["SessionToken"],
        )
        return Caller(self.aws, session)

    def read(self, arn: str) -> str:
        """Reads a secret by its ARN, in the Region of the ARN."""
        client = self.client("secretsmanager", arn.split(":")[3])
        return str(client.get_secret_value(SecretId=arn)["SecretString"])

    def assert_denied(self, call: Callable[[], object]) -> None:
        """AWS must refuse the call because of a policy.

        Raises:
            AssertionError: the call was let through.
        """
        try:
            call()
        except ClientError as error:
            if DENIED not in str(error):
                raise
        else:
            raise AssertionError("AWS let the call through")


@dataclass
class Subject:
    """What the checks look at: the environment as the first spec has it.

    Attributes:
        place: where it lives.
        aws: the AWS, seen from its account.
        folder: its root module.
        scratch: a folder outside of the project.
    """

    place: Place
    aws: Aws
    folder: Path
    scratch: Path

    def arn(self, name: str, region: str = "") -> str:
        """The ARN of a secret, or that of its replica in another Region."""
        client = self.aws.client("secretsmanager", self.place.home)
        found = client.describe_secret(SecretId=f"{self.place.prefix}/{name}")["ARN"]
        return str(found).replace(f":{self.place.home}:", f":{region or self.place.home}:")

    def role(self, name: str) -> str:
        """The ARN of a role that reads."""
        owner = self.place.reader if name == "app" and self.place.reader else self.place.account
        return f"arn:aws:iam::{owner}:role/{self.place.prefix}-{name}"

    @cached_property
    def probe(self) -> Caller:
        """The role that assumes those of readers; an identity policy lets it read everything."""
        return Caller(self.aws, self.aws.session()).assume(self.place.probe)

    def reader(self, name: str) -> Caller:
        """A role that reads."""
        return self.probe.assume(self.role(name))


def create_probe(aws: Aws, place: Place) -> None:
    """Create the role that assumes those of readers: their trust names it, so it is there first."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{place.account}:root"},
        "Action": "sts:AssumeRole",
    }
    iam = aws.client("iam")
    iam.create_role(
        RoleName=place.probe_name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Tags=aws.tag_list(),
    )
    iam.put_role_policy(
        RoleName=place.probe_name, PolicyName="any", PolicyDocument=json.dumps(ANY_SECRET)
    )
