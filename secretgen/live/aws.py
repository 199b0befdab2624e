"""The picture from AWS itself.

It calls `sts:GetCallerIdentity` and what `secretgen.live.permissions` lists, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from secretgen.errors import UsageError
from secretgen.live.account import LiveAccount, LiveKey, LiveSecret, Refusal
from secretgen.live.pace import Pace, each
from secretgen.live.records import POLICY, key_of, secret_of, tags_of
from secretgen.live.session import PERMISSIONS, AwsError, GoneError, RefusedError, Session
from secretgen.progress import Observer, no_progress

Wanted = Callable[[str, Mapping[str, str]], bool]
"""Tells by name and tags whether a secret is looked at more closely."""


def read_account(
    *,
    region: str = "",
    profile: str = "",
    account_id: str = "",
    wanted: Wanted | None = None,
    others: bool = False,
    aliases: Iterable[tuple[str, str]] = (),
    observer: Observer = no_progress,
) -> LiveAccount:
    """Reads the secrets of the caller's account in one Region, and their keys.

    Args:
        region: the Region; empty for the one that the AWS configuration names.
        profile: profile of the AWS configuration; empty for the default one.
        account_id: the account that is meant; empty for whichever the caller is in.
        wanted: which secrets are described; None for all.
        others: keep those that are not wanted as they are listed, instead of leaving them out.
        aliases: Region and alias of keys that are read although no secret may use them.
        observer: called with the progress.

    Raises:
        AwsError: boto3 is not installed, there are no credentials, the caller is in another
            account, or may not list secrets.
        UsageError: neither `region` nor the AWS configuration names a Region.
    """
    observer("Asking AWS who is calling")
    session = Session(profile, region)
    if not session.region:
        raise UsageError("no AWS Region is configured", "Name it with --region.")
    account, partition = session.identity()
    if account_id and account != account_id:
        raise AwsError(
            f"the AWS credentials are of the account {account}, not {account_id}",
            "Use a --profile of that account, or check 'aws.account_id' of the spec.",
        )
    reader = _Reader(session, account, partition, observer)
    return reader.read(wanted, aliases, others=others)


class _Reader:
    """Reads one account."""

    def __init__(self, session: Session, account: str, partition: str, observer: Observer) -> None:
        self._session = session
        self._account = account
        self._partition = partition
        self._observer = observer
        self._pace = Pace()
        self._client = session.client("secretsmanager", session.region)
        self._refused: list[Refusal] = []

    def read(
        self, wanted: Wanted | None, aliases: Iterable[tuple[str, str]], *, others: bool
    ) -> LiveAccount:
        listed = self._listed()
        unwanted = []
        if wanted:
            fits = [wanted(e["Name"], tags_of(e.get("Tags") or ())) for e in listed]
            unwanted = [e for e, fit in zip(listed, fits, strict=True) if not fit]
            listed = [e for e, fit in zip(listed, fits, strict=True) if fit]
        found = each("Reading secrets", listed, self._secret, self._observer) if listed else []
        described = [secret for secret in found if secret]
        keys = self._keys(described, aliases)
        if others:
            described += [secret_of(entry, policy_known=False) for entry in unwanted]
        return LiveAccount(
            self._account,
            self._session.region,
            self._partition,
            tuple(sorted(described, key=lambda s: s.name)),
            keys,
            tuple(sorted(set(self._refused), key=lambda r: (r.subject, r.action))),
            is_asked=True,
            is_listed=True,
        )

    def _listed(self) -> list[dict[str, Any]]:
        self._observer("Listing secrets")
        try:
            return self._session.paged(
                self._client, "list_secrets", "SecretList", IncludePlannedDeletion=True
            )
        except RefusedError:
            raise AwsError("the caller is not allowed to list secrets", PERMISSIONS) from None

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
        except GoneError:
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
        except RefusedError:
            self._refused.append(Refusal(action, subject))
            return None

    def _keys(
        self, secrets: Iterable[LiveSecret], wanted: Iterable[tuple[str, str]]
    ) -> tuple[LiveKey, ...]:
        """Reads the keys of secrets, and those with an alias that is wanted."""
        used, wanted = set(_named_keys(secrets)), set(wanted)
        # Clients are made here, before the threads begin.
        regions = sorted({region for region, _ in used | wanted})
        aliases = {region: self._aliases(region) for region in regions}
        ids = {
            (region, alias): key
            for region, of_keys in aliases.items()
            for key, names in of_keys.items()
            for alias in names
        }
        own = f":{self._account}:key/"
        named = {
            (region, ids.get((region, name)) or (name.rpartition("/")[2] if own in name else name))
            for region, name in used | {place for place in wanted if ids.get(place)}
        }
        if not named:
            return ()
        found = each(
            "Reading keys", sorted(named), lambda key: self._key(*key, aliases), self._observer
        )
        by_arn = {key.arn: key for key in found if key}
        return tuple(sorted(by_arn.values(), key=lambda key: (key.region, key.arn)))

    def _aliases(self, region: str) -> dict[str, list[str]]:
        """Lists the aliases of the account in a Region, by key id."""
        client = self._session.client("kms", region)
        found: dict[str, list[str]] = {}
        try:
            entries = self._session.paged(client, "list_aliases", "Aliases")
        except RefusedError:
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
        except GoneError:
            return {}


def _named_keys(secrets: Iterable[LiveSecret]) -> Iterator[tuple[str, str]]:
    for secret in secrets:
        if secret.kms_key:
            yield secret.region, secret.kms_key
        yield from ((r.region, r.kms_key) for r in secret.replicas if r.kms_key)
