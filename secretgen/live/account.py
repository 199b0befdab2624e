"""The picture: secrets, keys and what else AWS returns about them, without any value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from secretgen.model.secret import AWS_MANAGED_ALIAS

Document = Mapping[str, Any]
"""A policy document, as JSON data."""

_ARN_PARTS = 6
_SUFFIX = len("-AbCdEf")


class LiveReplica(Struct, frozen=True):
    """A replica of a secret.

    Args:
        region: its Region.
        kms_key: ARN, id or alias of its key as AWS names it; empty for the AWS-managed key.
        status: `InSync`, `InProgress` or `Failed`; empty if unknown.
        status_message: why it failed.
        last_accessed: when its value was last read, a day in UTC.
    """

    region: str
    kms_key: str = ""
    status: str = ""
    status_message: str = ""
    last_accessed: datetime | None = None


class LiveRotation(Struct, frozen=True):
    """The rotation of a secret, which may be switched off.

    Args:
        enabled: whether it is on.
        lambda_arn: the rotation function; empty for a rotation by AWS itself.
        every_days: days between two rotations.
        schedule: `cron(…)` or `rate(…)` instead.
        duration: length of the rotation window, such as `3h`.
        last_rotated: end of the last rotation.
        next_rotation: end of the window of the next one.
    """

    enabled: bool
    lambda_arn: str = ""
    every_days: int | None = None
    schedule: str = ""
    duration: str = ""
    last_rotated: datetime | None = None
    next_rotation: datetime | None = None


class _Named(Struct, frozen=True):
    """What has an ARN."""

    arn: str

    @property
    def partition(self) -> str:
        """The partition of its account."""
        return self.arn.split(":")[1]

    @property
    def region(self) -> str:
        """Its Region."""
        return self.arn.split(":")[3]

    @property
    def account_id(self) -> str:
        """Its account."""
        return self.arn.split(":")[4]


class LiveSecret(_Named, frozen=True):
    """A secret.

    Args:
        arn: its ARN, with the six characters that AWS appended to its name.
        name: its name.
        description: its description.
        kms_key: ARN, id or alias of its key as AWS names it; empty for the AWS-managed key.
        rotation: its rotation; None if it was never configured.
        replicas: its replicas, by Region.
        replicas_known: False if the source does not say whether there are replicas.
        tags: its tags, those of AWS itself (`aws:…`) included.
        policy: its resource policy; None for none.
        policy_known: False if the source does not say whether there is a policy.
        is_described: False if the source holds nothing about it but its name and policy.
        versions: the staging labels of each version that has any, by version id, sorted.
        owning_service: the AWS service that manages it, such as `rds`; empty for none.
        type: type of a managed external secret; empty for an ordinary one.
        primary_region: Region of the primary of a replica; empty if it is no replica.
        primary_account: ARN of the primary in another account; empty if there is none.
        has_account_replicas: whether it has replicas in other accounts.
        created: when it was created.
        deleted: when its deletion was requested; None if it is not scheduled for deletion.
        last_changed: when it was last changed in any way.
        last_accessed: when its value was last read, a day in UTC; None for never.
    """

    arn: str
    name: str
    description: str = ""
    kms_key: str = ""
    rotation: LiveRotation | None = None
    replicas: tuple[LiveReplica, ...] = ()
    replicas_known: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)
    policy: Document | None = None
    policy_known: bool = True
    is_described: bool = True
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owning_service: str = ""
    type: str = ""
    primary_region: str = ""
    primary_account: str = ""
    has_account_replicas: bool = False
    created: datetime | None = None
    deleted: datetime | None = None
    last_changed: datetime | None = None
    last_accessed: datetime | None = None

    @property
    def is_replica(self) -> bool:
        """Whether it is a replica of a secret in another Region or account."""
        elsewhere = bool(self.primary_region) and self.primary_region != self.region
        return elsewhere or bool(self.primary_account)

    @property
    def rotates(self) -> bool:
        """Whether its rotation is on."""
        return self.rotation is not None and self.rotation.enabled

    @property
    def has_value(self) -> bool:
        """Whether a version is labelled AWSCURRENT."""
        return any("AWSCURRENT" in labels for labels in self.versions.values())


class LiveGrant(Struct, frozen=True):
    """A KMS grant: access to a key next to its policy.

    Args:
        id: its id.
        grantee: who may use the key.
        operations: what for, sorted.
    """

    id: str
    grantee: str
    operations: tuple[str, ...]


class LiveKey(_Named, frozen=True):
    """A KMS key that encrypts a secret or a replica.

    Args:
        arn: its ARN.
        aliases: its aliases with `alias/`, sorted.
        description: its description.
        state: such as `Enabled` or `PendingDeletion`; empty if it could not be described.
        manager: `CUSTOMER` or `AWS`; empty if unknown.
        multi_region: whether it is a multi-Region key.
        origin: where its material comes from, such as `AWS_KMS`.
        spec: such as `SYMMETRIC_DEFAULT`.
        rotation_enabled: whether its material rotates automatically; None if unknown.
        rotation_period_days: days between two of these rotations; None if unknown.
        deletion: when it will be deleted; None if it is not scheduled for deletion.
        tags: its tags.
        tags_known: False if the source does not tell its tags.
        policy: its key policy; None if unknown.
        grants: its grants, sorted; None if unknown.
    """

    arn: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    state: str = ""
    manager: str = ""
    multi_region: bool = False
    origin: str = ""
    spec: str = ""
    rotation_enabled: bool | None = None
    rotation_period_days: int | None = None
    deletion: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    tags_known: bool = True
    policy: Document | None = None
    grants: tuple[LiveGrant, ...] | None = None

    @property
    def id(self) -> str:
        """Its id."""
        return self.arn.rpartition("/")[2]

    @property
    def is_aws_managed(self) -> bool:
        """Whether it is the key that AWS manages for Secrets Manager in each account."""
        return self.manager == "AWS" or AWS_MANAGED_ALIAS in self.aliases


class Refusal(Struct, frozen=True):
    """A call that was refused, so that something of the picture is unknown.

    Args:
        action: what the caller may not do, such as `kms:DescribeKey`.
        subject: ARN, name or id of what was asked for.
    """

    action: str
    subject: str


class LiveAccount(Struct, frozen=True, dict=True):
    """The secrets of one account in one Region, and the keys of these and of their replicas.

    Args:
        account_id: 12 digits.
        region: the Region.
        partition: its partition.
        secrets: the secrets, by name; those that are scheduled for deletion, too.
        keys: the keys, by Region and ARN.
        refused: the calls that were refused.
        is_asked: whether AWS itself was asked: what is not here, and was not refused, does not
            exist. Otherwise the source may be incomplete.
        is_listed: whether the source holds the list of all secrets.
    """

    account_id: str
    region: str
    partition: str
    secrets: tuple[LiveSecret, ...]
    keys: tuple[LiveKey, ...] = ()
    refused: tuple[Refusal, ...] = ()
    is_asked: bool = False
    is_listed: bool = False

    @cached_property
    def _key_index(self) -> dict[tuple[str, str], LiveKey]:
        return {
            (key.region, name): key
            for key in self.keys
            for name in (key.arn, key.id, *key.aliases, *alias_arns(key))
        }

    def key(self, name: str, region: str = "") -> LiveKey | None:
        """Finds a key by its ARN, id, alias or alias ARN.

        Args:
            name: what a secret or replica calls its key.
            region: the Region of that secret or replica; this Region by default.

        Returns:
            None if nothing is known about it.
        """
        return self._key_index.get((region or self.region, name))


def alias_arns(key: LiveKey) -> list[str]:
    """Returns the ARNs of the aliases of a key."""
    begin = ":".join(key.arn.split(":")[: _ARN_PARTS - 1])
    return [f"{begin}:{alias}" for alias in key.aliases]


def name_of_arn(arn: str) -> str:
    """Returns the name of a secret by its ARN, which ends with a hyphen and six characters."""
    return arn.split(":", _ARN_PARTS)[-1][:-_SUFFIX]
