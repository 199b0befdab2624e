"""An account of the real AWS, as tests use it."""

import os
from collections.abc import Mapping
from typing import Any

import boto3  # type: ignore[import-untyped]

from tests.harness.cloud import REGION, Aws

PATIENCE_SECONDS = 180
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy")


class AwsAccount(Aws):
    """The real AWS, seen from one account of which a session is known."""

    patience = PATIENCE_SECONDS
    enforces_policies = True

    def __init__(
        self,
        account: str,
        sessions: Mapping[str, boto3.Session],
        *,
        prefix: str,
        tags: dict[str, str],
    ) -> None:
        """Talk to AWS with the session of `account`, one of `sessions` by account id."""
        self.account = account
        self.prefix = prefix
        self.tags = tags
        self._sessions = sessions
        self._clients: dict[tuple[str, str], Any] = {}

    def in_account(self, account: str) -> "AwsAccount":
        """The same AWS, seen from another account of which a session is known."""
        if account == self.account:
            return self
        return AwsAccount(account, self._sessions, prefix=self.prefix, tags=self.tags)

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of this account."""
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self.session().client(service, region_name=region)
        return self._clients[key]

    def session(self) -> boto3.Session:
        """The session of this account; it renews its own credentials."""
        return self._sessions[self.account]

    def credentials(self) -> dict[str, str]:
        """AWS_* environment variables with the credentials that the session has now."""
        found = self.session().get_credentials().get_frozen_credentials()
        token = {"AWS_SESSION_TOKEN": found.token} if found.token else {}
        return {
            "AWS_ACCESS_KEY_ID": found.access_key,
            "AWS_SECRET_ACCESS_KEY": found.secret_key,
            **token,
        }

    def environment(self) -> dict[str, str]:
        """The credentials, and the proxy of this machine."""
        proxies = {name: os.environ[name] for name in PROXIES if name in os.environ}
        return proxies | super().environment()
