"""A session with AWS: its clients, and its errors in our words. The only module with boto3."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from secretgen.errors import SecretgenError
from secretgen.live.pace import IN_FLIGHT

_ATTEMPTS = 10
"""Attempts of a call that AWS throttles: about a minute. boto3 itself gives up sooner, when many
calls at once are throttled."""
_ATTEMPTS_AFTER_ERRORS = 3
"""Attempts of a call that does not reach AWS, or that AWS fails to answer."""
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 20.0
"""Seconds before the second attempt, and at most before any."""
_SERVER_ERROR = 500
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_GONE = frozenset({"NotFoundException", "ResourceNotFoundException"})
_NO_ANSWER = frozenset({
    "InvalidArnException", "KMSInvalidStateException", "UnsupportedOperationException",
})  # fmt: skip
"""What KMS answers about keys that have no such setting, or not now."""
_THROTTLED = frozenset({
    "LimitExceededException", "RequestLimitExceeded", "Throttling", "ThrottlingException",
    "TooManyRequestsException",
})  # fmt: skip
_LATER = "AWS throttles the calls of this account. Run the command again later."
PERMISSIONS = "`secretgen audit --print-policy` prints the IAM policy that is required."
_INSTALL = "Install secretgen[aws], or create a dump and pass it with --from-dump."


class AwsError(SecretgenError):
    """AWS cannot be asked, or refuses a call without which nothing is known."""


class Session:
    """A session of boto3.

    Args:
        profile: profile of the AWS configuration; empty for the default one.
        region: the Region; empty for the one that the AWS configuration names.

    Raises:
        AwsError: boto3 is not installed, or the configuration is invalid.
    """

    def __init__(self, profile: str, region: str) -> None:
        try:
            import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 -- an extra, and slow
            from botocore import config, exceptions  # type: ignore[import-untyped]  # noqa: PLC0415
        except ImportError:
            raise AwsError("boto3, which calls AWS, is not installed", _INSTALL) from None
        self._errors = exceptions
        self._config = config.Config(
            retries={"mode": "standard", "total_max_attempts": 1},  # see `_wait`
            max_pool_connections=IN_FLIGHT,
            user_agent_extra="secretgen",
        )
        try:
            self._session = boto3.Session(profile_name=profile or None, region_name=region or None)
        except exceptions.BotoCoreError as error:
            raise AwsError(f"the AWS configuration is invalid: {error}") from None
        self.region: str = self._session.region_name or ""
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str) -> Any:
        """Returns the client of a service. Clients may be shared by threads, sessions may not."""
        key = service, region
        if key not in self._clients:
            client = self._session.client(service, region_name=region, config=self._config)
            client.meta.events.register("needs-retry", self._wait)
            self._clients[key] = client
        return self._clients[key]

    def _wait(self, attempts: int, response: Any, **_: Any) -> float | None:
        """Returns how long to wait before a call is made again; None not to make it again.

        Args:
            attempts: how often it was made.
            response: the HTTP response and the parsed one; None if the call did not get any.
        """
        answer = response[1] if response else {}
        is_throttled = answer.get("Error", {}).get("Code") in _THROTTLED
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)
        if attempts >= (_ATTEMPTS if is_throttled else _ATTEMPTS_AFTER_ERRORS):
            return None
        if not is_throttled and status < _SERVER_ERROR:
            return None
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempts - 1))
        return random.uniform(longest / 2, longest)  # noqa: S311 -- so that callers do not meet again

    def identity(self) -> tuple[str, str]:
        """Returns account and partition of the caller."""
        answer = self.call(self.client("sts", self.region).get_caller_identity)
        return answer["Account"], answer["Arn"].split(":")[1]

    def call(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Makes a call.

        Raises:
            RefusedError: AWS denies it.
            GoneError: what it is about does not exist.
            AwsError: anything else is wrong.
        """
        try:
            return operation(**parameters)
        except self._errors.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _DENIED:
                raise RefusedError(error.operation_name) from None
            if code in _GONE | _NO_ANSWER:
                raise GoneError(error.operation_name) from None
            hint = _LATER if code in _THROTTLED else PERMISSIONS
            raise AwsError(f"AWS refused {error.operation_name}: {code}", hint) from None
        except self._errors.BotoCoreError as error:
            raise AwsError(
                f"AWS cannot be called: {error}", "Check credentials, Region and network."
            ) from None

    def paged(self, client: Any, operation: str, field: str, **parameters: Any) -> list[Any]:
        """Makes calls until the last page, and returns the entries of all of them."""
        pages = client.get_paginator(operation).paginate(**parameters)
        entries: list[Any] = self.call(lambda: [e for page in pages for e in page.get(field, ())])
        return entries


class RefusedError(AwsError):
    """The caller may not make a call."""


class GoneError(AwsError):
    """What a call is about does not exist."""
