"""The picture from AWS itself. The only module that imports boto3.

It calls `sts:GetCallerIdentity` and what `secretgen.live.permissions` lists, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from secretgen.errors import SecretgenError, UsageError
from secretgen.live.account import LiveAccount, LiveKey, LiveSecret, Refusal
from secretgen.live.pace import IN_FLIGHT, Pace, each
from secretgen.live.records import POLICY, key_of, secret_of, tags_of
from secretgen.progress import Observer, unobserved

Wanted = Callable[[str, Mapping[str, str]], bool]
"""Tells by name and tags whether a secret is looked at more closely."""

_ATTEMPTS = 10
"""Tries of a call. boto3 waits longer each time, up to 20 seconds, when AWS throttles."""
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_GONE = frozenset({"NotFoundException", "ResourceNotFoundException"})
_NO_ANSWER = frozenset({
    "InvalidArnException", "KMSInvalidStateException", "UnsupportedOperationException",
})  # fmt: skip
"""What KMS answers about keys that have no such setting, or not now."""
_PERMISSIONS = "`secretgen import --print-policy` prints the IAM policy that is required."
_INSTALL = "Install secretgen[aws], or write a dump and name it with --from-dump."


class AwsError(SecretgenError):
    """AWS cannot be asked, or refuses a call without which nothing is known."""


def read_account(
    *,
    region: str = "",
    profile: str = "",
    account_id: str = "",
    wanted: Wanted | None = None,
    observer: Observer = unobserved,
) -> LiveAccount:
    """Reads the secrets of the caller's account in one Region, and their keys.

    Args:
        region: the Region; empty for the one that the AWS configuration names.
        profile: profile of the AWS configuration; empty for the default one.
        account_id: the account that is meant; empty for whichever the caller is in.
        wanted: which secrets are described; the others are left out. None for all.
        observer: is told how far it is.

    Raises:
        AwsError: boto3 is not installed, there are no credentials, the caller is in another
            account, or may not list secrets.
        UsageError: neither `region` nor the AWS configuration names a Region.
    """
    observer("Asking AWS who is calling")
    session = _Session(profile, region)
    if not session.region:
        raise UsageError("no AWS Region is configured", "Name it with --region.")
    account, partition = session.identity()
    if account_id and account != account_id:
        raise AwsError(
            f"the AWS credentials are of the account {account}, not {account_id}",
            "Use a --profile of that account, or check 'aws.account_id' of the spec.",
        )
    return _Reader(session, account, partition, observer).read(wanted)


class _Session:
    """A session of boto3: its clients, and its errors in our words."""

    def __init__(self, profile: str, region: str) -> None:
        try:
            import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 -- an extra, and slow
            from botocore import config, exceptions  # type: ignore[import-untyped]  # noqa: PLC0415
        except ImportError:
            raise AwsError("boto3 is not installed, which asks AWS", _INSTALL) from None
        self._errors = exceptions
        self._config = config.Config(
            retries={"mode": "standard", "max_attempts": _ATTEMPTS},
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
            self._clients[key] = self._session.client(
                service, region_name=region, config=self._config
            )
        return self._clients[key]

    def identity(self) -> tuple[str, str]:
        """Returns account and partition of the caller."""
        answer = self.call(self.client("sts", self.region).get_caller_identity)
        return answer["Account"], answer["Arn"].split(":")[1]

    def call(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        """Makes a call.

        Raises:
            _RefusedError: AWS denies it.
            _GoneError: what it is about does not exist.
            AwsError: anything else is wrong.
        """
        try:
            return operation(**parameters)
        except self._errors.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _DENIED:
                raise _RefusedError(error.operation_name) from None
            if code in _GONE | _NO_ANSWER:
                raise _GoneError(error.operation_name) from None
            raise AwsError(f"AWS refused {error.operation_name}: {code}", _PERMISSIONS) from None
        except self._errors.BotoCoreError as error:
            raise AwsError(
                f"AWS cannot be asked: {error}", "Check credentials, Region and network."
            ) from None

    def paged(self, client: Any, operation: str, field: str, **parameters: Any) -> list[Any]:
        """Makes calls until the last page, and returns the entries of all of them."""
        pages = client.get_paginator(operation).paginate(**parameters)
        entries: list[Any] = self.call(lambda: [e for page in pages for e in page.get(field, ())])
        return entries


class _RefusedError(AwsError):
    """The caller may not make a call."""


class _GoneError(AwsError):
    """What a call is about does not exist."""


class _Reader:
    """Reads one account."""

    def __init__(self, session: _Session, account: str, partition: str, observer: Observer) -> None:
        self._session = session
        self._account = account
        self._partition = partition
        self._observer = observer
        self._pace = Pace()
        self._client = session.client("secretsmanager", session.region)
        self._refused: list[Refusal] = []

    def read(self, wanted: Wanted | None) -> LiveAccount:
        listed = self._listed()
        if wanted:
            listed = [e for e in listed if wanted(e["Name"], tags_of(e.get("Tags") or ()))]
        found = each("Reading secrets", listed, self._secret, self._observer)
        secrets = tuple(sorted((s for s in found if s), key=lambda s: s.name))
        keys = self._keys(secrets)
        return LiveAccount(
            self._account,
            self._session.region,
            self._partition,
            secrets,
            keys,
            tuple(sorted(set(self._refused), key=lambda r: (r.subject, r.action))),
        )

    def _listed(self) -> list[dict[str, Any]]:
        self._observer("Listing secrets")
        try:
            return self._session.paged(
                self._client, "list_secrets", "SecretList", IncludePlannedDeletion=True
            )
        except _RefusedError:
            raise AwsError("the caller may not list secrets", _PERMISSIONS) from None

    def _secret(self, entry: dict[str, Any]) -> LiveSecret | None:
        """Describes a secret. What may not be asked stays as it was listed, or unknown."""
        arn = entry["ARN"]
        record = dict(entry)
        try:
            described = self._call(
                self._client.describe_secret, "secretsmanager:DescribeSecret", arn, SecretId=arn
            )
            record = {**record, **(described or {})}
            if record.get("DeletedDate"):  # AWS answers no other call about it
                return secret_of(record, policy_known=False)
            answer = self._call(
                self._client.get_resource_policy,
                "secretsmanager:GetResourcePolicy",
                arn,
                SecretId=arn,
            )
        except _GoneError:
            return None
        policy = (answer or {}).get(POLICY)
        return secret_of({**record, POLICY: policy}, policy_known=answer is not None)

    def _call(
        self, operation: Callable[..., Any], action: str, subject: str, **parameters: Any
    ) -> Any:
        """Makes a call at its turn; returns None, and notes it, where AWS denies it."""
        self._pace.wait()
        try:
            return self._session.call(operation, **parameters)
        except _RefusedError:
            self._refused.append(Refusal(action, subject))
            return None

    def _keys(self, secrets: Iterable[LiveSecret]) -> tuple[LiveKey, ...]:
        named = sorted(set(_named_keys(secrets)))
        if not named:
            return ()
        for region, _ in named:
            self._session.client("kms", region)  # before the threads begin
        regions = sorted({region for region, _ in named})
        aliases = {region: self._aliases(region) for region in regions}
        found = each("Reading keys", named, lambda key: self._key(*key, aliases), self._observer)
        by_arn = {key.arn: key for key in found if key}
        return tuple(sorted(by_arn.values(), key=lambda key: (key.region, key.arn)))

    def _aliases(self, region: str) -> dict[str, list[str]]:
        """Lists the aliases of the account in a Region, by key id."""
        client = self._session.client("kms", region)
        found: dict[str, list[str]] = {}
        try:
            entries = self._session.paged(client, "list_aliases", "Aliases")
        except _RefusedError:
            self._refused.append(Refusal("kms:ListAliases", region))
            return found
        for entry in entries:
            found.setdefault(entry.get("TargetKeyId", ""), []).append(entry["AliasName"])
        return found

    def _key(
        self, region: str, name: str, aliases: Mapping[str, Mapping[str, list[str]]]
    ) -> LiveKey | None:
        client = self._session.client("kms", region)
        answer = self._key_call(client.describe_key, "kms:DescribeKey", name, KeyId=name)
        if not answer:
            return None
        metadata = answer["KeyMetadata"]
        if metadata["AWSAccountId"] != self._account:
            return key_of(metadata)
        names = aliases[region].get(metadata["KeyId"], ())
        return key_of({**metadata, **self._facts(client, metadata)}, names)

    def _facts(self, client: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Asks for what DescribeKey does not return; of AWS's own keys that is nothing."""
        if metadata.get("KeyManager") == "AWS":
            return {}
        arn = metadata["Arn"]
        return {
            **self._key_call(
                client.get_key_policy, "kms:GetKeyPolicy", arn, KeyId=arn, PolicyName="default"
            ),
            **self._key_call(
                client.get_key_rotation_status, "kms:GetKeyRotationStatus", arn, KeyId=arn
            ),
            **self._key_call(client.list_resource_tags, "kms:ListResourceTags", arn, KeyId=arn),
            **self._key_call(
                lambda **asked: {
                    "Grants": self._session.paged(client, "list_grants", "Grants", **asked)
                },
                "kms:ListGrants",
                arn,
                KeyId=arn,
            ),
        }

    def _key_call(
        self, operation: Callable[..., Any], action: str, subject: str, **parameters: Any
    ) -> dict[str, Any]:
        """Makes a call about a key; returns nothing where AWS has or gives no answer."""
        try:
            return self._call(operation, action, subject, **parameters) or {}
        except _GoneError:
            return {}


def _named_keys(secrets: Iterable[LiveSecret]) -> Iterator[tuple[str, str]]:
    for secret in secrets:
        if secret.kms_key:
            yield secret.region, secret.kms_key
        yield from ((r.region, r.kms_key) for r in secret.replicas if r.kms_key)
