"""What has to be known of an environment before its first spec can be written."""

from __future__ import annotations

from msgspec import Struct

from secretgen.diagnostics import Path

EXAMPLE_ACCOUNT = "123456789012"
_BUCKET = "terraform-state-"


class Answers(Struct, frozen=True):
    """The answers, by default values that stand in for them.

    Args:
        environment: name of the environment.
        account_id: the AWS account that the secrets are in.
        region: the Region that they are in.
        bucket: the S3 bucket of Terraform's state; empty for one named after the account.
    """

    environment: str = "production"
    account_id: str = EXAMPLE_ACCOUNT
    region: str = "us-east-1"
    bucket: str = ""

    @property
    def state_bucket(self) -> str:
        """The bucket. Names of buckets are global; one with an account's id is hardly taken."""
        return self.bucket or f"{_BUCKET}{self.account_id}"


class Question(Struct, frozen=True):
    """What is asked for one answer.

    Args:
        name: the answer.
        text: the question.
        path: where the answer stands in the spec.
    """

    name: str
    text: str
    path: Path

    @property
    def option(self) -> str:
        """The option that gives the answer."""
        return f"--{self.name.replace('_', '-')}"


QUESTIONS = (
    Question("environment", "Name of the environment", ("environment",)),
    Question("account_id", "AWS account of the secrets", ("aws", "account_id")),
    Question("region", "AWS Region of the secrets", ("aws", "region")),
    Question("bucket", "S3 bucket for Terraform's state", ("backend", "bucket")),
)
