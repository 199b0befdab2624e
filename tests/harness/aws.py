"""An AWS on this machine: moto in a process of its own, and what tests do to it from outside."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from tests.harness.calls import Call, read_call
from tests.harness.cloud import REGION, Aws

ACCOUNT = "123456789012"
REPOSITORY = Path(__file__).resolve().parents[2]

MOTO_ID_TAG = "_custom_id_"
"""A tag from which moto takes the random characters of an ARN."""


class LocalAws(Aws):
    """One local AWS with many accounts and Regions, seen from one of the accounts."""

    endpoint: str
    has_services = True
    shares_providers = True
    # To make one takes longer than to call with it, and a reset of the server does not concern it.
    _clients: ClassVar[dict[tuple[str, str, str, str], Any]] = {}

    def __init__(self, endpoint: str, account: str = ACCOUNT, *, prefix: str = "") -> None:
        """Talk to the server at `endpoint`, a URL without a path, as a caller in `account`."""
        self.endpoint = endpoint
        self.account = account
        self.prefix = prefix
        self.tags = {}

    def in_account(self, account: str) -> "LocalAws":
        """The same AWS, seen from another account."""
        other = LocalAws(self.endpoint, account, prefix=self.prefix)
        other.tags, other.enforces_policies = self.tags, self.enforces_policies
        return other

    def reset(self) -> None:
        """Forget every resource in every account and Region."""
        self._control("reset")

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
        key = (self.endpoint, self.account, service, region)
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
        """AWS_* environment variables of a caller in this account (`moto_gaps.callers`)."""
        key = f"TESTKEY0{self.account}"
        return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "testing"}

    def close(self) -> None:
        """Close the connections of every client of this server."""
        for key in [key for key in self._clients if key[0] == self.endpoint]:
            self._clients.pop(key).close()

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
