"""The picture from a dump: a file with answers of the AWS CLI, however they were put together.

The file holds one or more JSON documents. Everything in them is looked at: each object that has
the form of an answer is understood wherever it stands (an answer of `describe-secret` or
`get-resource-policy`, a `SecretList`, a `KeyMetadata`, `Aliases`), and answers about one thing are
put together. A field that no such answer has is refused: it may hold a value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from secretgen.live.account import LiveAccount, LiveKey, LiveSecret
from secretgen.live.answer_fields import POLICY_NAMES, check_fields
from secretgen.live.json_text import Pairs, ValueInFileError, documents, only_place
from secretgen.live.records import POLICY, RecordError, key_of, secret_of
from secretgen.user_files import read_bytes

_VALUES = frozenset({"secretstring", "secretbinary", "secretvalues"})
_VALUE_IN_TEXT = re.compile(r"\\*[\"']secret[ _-]?(?:string|binary)\\*[\"']\s*:", re.IGNORECASE)
"""A value in JSON that is itself a text of a JSON document, as log collectors nest it."""
_SEPARATORS = str.maketrans("", "", " _-")
_ANSWER_OF_GET_POLICY = frozenset({"ARN", "Name", POLICY, "ResponseMetadata"})
_KEY_FACTS = ("Policy", "KeyRotationEnabled", "RotationPeriodInDays", "Tags", "Grants")


def read_dump(path: Path, *, account_id: str = "", region: str = "") -> LiveAccount:
    """Reads a dump.

    Args:
        path: the file.
        account_id: the account whose secrets are meant; empty for the only one in the dump.
        region: their Region; empty for the only one in the dump.

    Raises:
        ValueInFileError: it holds the value of a secret.
        SecretgenError: it cannot be read, or holds no secret of that account and Region.
    """
    return parse_dump(read_bytes(path), str(path), account_id=account_id, region=region)


def parse_dump(data: bytes, file: str, *, account_id: str = "", region: str = "") -> LiveAccount:
    """Reads a dump from its bytes, as `read_dump` does."""
    read = documents(data, file, lambda pairs: _object(pairs, file))
    check_fields(read, file)
    found = _Answers()
    for document in read:
        found.collect(document)
    try:
        secrets = found.secrets()
        keys = found.keys()
    except RecordError as error:
        raise RecordError(f"{file}: {error.summary}", error.hint, file) from None
    account, partition, place = only_place(secrets, file, account_id, region)
    here = (s for s in secrets if (s.account_id, s.region) == (account, place))
    by_name = tuple(sorted(here, key=lambda s: s.name))
    for one, other in pairwise(by_name):
        if one.name == other.name:
            summary = f"{file} holds {one.name} with two ARNs: {one.arn} and {other.arn}"
            raise RecordError(
                summary, "It has answers of different times. Create the dump again.", file
            )
    is_listed = (place, account) in found.listed
    return LiveAccount(account, place, partition, by_name, keys, is_listed=is_listed)


def _object(pairs: Pairs, file: str) -> dict[str, Any]:
    """Makes a dict of an object; refuses one that holds a value, which is never shown."""
    for name, value in pairs:
        is_value = name.translate(_SEPARATORS).lower() in _VALUES and value not in (None, "", [])
        if is_value or _is_value_in_text(value):
            raise ValueInFileError(
                f"{file} contains values of secrets ({name if is_value else 'in a text'})",
                "Delete the file, rotate these secrets if others could read it, and create a "
                "dump without get-secret-value.",
                file,
            )
    return dict(pairs)


def _is_value_in_text(value: Any) -> bool:
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(text, str) and _VALUE_IN_TEXT.search(text) for text in texts)


class _Answers:
    """The answers in a dump, by what they are about."""

    def __init__(self) -> None:
        self._secrets: dict[str, dict[str, Any]] = defaultdict(dict)
        self._policies: dict[str, Any] = {}
        self._asked: set[str] = set()
        self._described: set[str] = set()
        self.listed: set[tuple[str, ...]] = set()
        """Region and account of each complete answer of `list-secrets`."""
        self._keys: dict[str, dict[str, Any]] = defaultdict(dict)
        """By ARN: the parts of a multi-Region key have one id."""
        self._key_facts: dict[str, dict[str, Any]] = defaultdict(dict)
        """By id or ARN, as the answer names the key."""
        self._aliases: dict[str, set[tuple[str, str]]] = defaultdict(set)
        """Region, if known, and name of each alias, by id of its key."""

    def collect(self, value: Any) -> None:
        """Looks for answers in a document."""
        if isinstance(value, list):
            for item in value:
                self.collect(item)
        elif isinstance(value, dict):
            self._collect_object(value)

    def _collect_object(self, value: dict[str, Any]) -> None:
        arn = value.get("ARN")
        if isinstance(arn, str) and ":secretsmanager:" in arn:
            self._add_secret(arn, value)
            return
        metadata = value.get("KeyMetadata")
        if isinstance(metadata, dict) and _is_key(metadata):
            self._add_key({**metadata, **_key_facts(value)})
            self.collect(value.get("Aliases"))
            return
        if _is_key(value):
            self._add_key(value)
            return
        if "KeyId" in value and any(name in value for name in _KEY_FACTS):
            self._key_facts[str(value["KeyId"])].update(_key_facts(value))
        if isinstance(value.get("AliasName"), str) and value.get("TargetKeyId"):
            region = _region(str(value.get("AliasArn")))
            self._aliases[str(value["TargetKeyId"])].add((region, value["AliasName"]))
        if isinstance(value.get("SecretList"), list):
            self._add_list(value)
        self._add_policies(value)
        for name, inner in value.items():
            if name != "SecretList":
                self.collect(inner)

    def _add_list(self, answer: dict[str, Any]) -> None:
        """Takes an answer of list-secrets, which is complete without a `NextToken`."""
        for entry in answer["SecretList"]:
            if isinstance(entry, dict) and isinstance(entry.get("ARN"), str):
                if not answer.get("NextToken"):
                    self.listed.add(tuple(entry["ARN"].split(":")[3:5]))
                self._described.add(entry["ARN"])
                self._add_policy(entry["ARN"], entry)
                self._secrets[entry["ARN"]].update(entry)

    def _add_secret(self, arn: str, answer: dict[str, Any]) -> None:
        if set(answer) <= _ANSWER_OF_GET_POLICY:
            self._asked.add(arn)
        elif "Versions" not in answer:  # list-secret-version-ids
            self._described.add(arn)
        self._add_policy(arn, answer)
        self._secrets[arn].update(answer)

    def _add_policy(self, arn: str, holder: Mapping[str, Any]) -> None:
        for name in POLICY_NAMES:
            if name in holder:
                answer = holder[name]
                whole = isinstance(answer, dict) and "Statement" not in answer
                self._asked.add(arn)
                self._policies[arn] = answer.get(POLICY) if whole else answer

    def _add_policies(self, value: dict[str, Any]) -> None:
        """Takes policies that are next to a secret, or in an object by name or ARN."""
        named = [v.get("ARN") for v in value.values() if isinstance(v, dict)]
        inside = {arn for arn in named if isinstance(arn, str)}
        if len(inside) == 1:
            self._add_policy(inside.pop(), value)
        for name, inner in value.items():
            may_be_policy = name not in POLICY_NAMES and isinstance(inner, str | dict)
            if may_be_policy and "Statement" in inner:
                self._policies.setdefault(name, inner)

    def _add_key(self, answer: dict[str, Any]) -> None:
        self._keys[str(answer["Arn"])].update(answer)

    def secrets(self) -> list[LiveSecret]:
        """Makes the secrets. A policy is known if the dump holds the answer about it."""
        found = []
        for arn, answer in self._secrets.items():
            policy = self._policies.get(arn, self._policies.get(str(answer.get("Name"))))
            known, described = arn in self._asked, arn in self._described
            try:
                secret = secret_of({**answer, POLICY: policy}, policy_known=known)
                found.append(replace(secret, is_described=described))
            except RecordError as error:
                raise RecordError(f"{error.summary}, in {arn}", error.hint) from None
        return found

    def keys(self) -> tuple[LiveKey, ...]:
        """Makes the keys that were described."""
        keys = (self._key(arn, answer) for arn, answer in self._keys.items())
        return tuple(sorted(keys, key=lambda key: (key.region, key.arn)))

    def _key(self, arn: str, answer: dict[str, Any]) -> LiveKey:
        id_ = arn.rpartition("/")[2]
        facts = {**self._key_facts.get(id_, {}), **self._key_facts.get(arn, {})}
        here = ("", _region(arn))
        aliases = (name for region, name in self._aliases.get(id_, ()) if region in here)
        return key_of({**facts, **answer}, aliases)


def _region(arn: str) -> str:
    return "".join(arn.split(":")[3:4])


def _is_key(value: Mapping[str, Any]) -> bool:
    arn = value.get("Arn")
    return isinstance(arn, str) and ":kms:" in arn and ":key/" in arn


def _key_facts(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in _KEY_FACTS if name in value}
