"""The resolved environment: everything a spec says, defaults filled in, in canonical order.

Rendering starts from these values, and reading rendered HCL back ends in them. Field names
are those of the spec, so that a difference between two environments can be told in the
words of the spec. Sequences are sorted: two specs that mean the same give equal values.

Fields marked `prose` appear in documents only. Nothing of them is deployed, so they take no
part in comparisons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from secretgen.model.changes import NO_CHANGES, Changes
from secretgen.model.documented import Documented
from secretgen.model.ignores import IgnoreEntry
from secretgen.model.secret import Secret, ServiceSecret
from secretgen.model.trust import Trust, service_name


class Partition(StrEnum):
    """AWS partitions: separate clouds with ARNs, accounts and Regions of their own."""

    AWS = "aws"
    GOVCLOUD = "aws-us-gov"
    CHINA = "aws-cn"


class Locking(StrEnum):
    """How Terraform locks the state in S3."""

    DYNAMODB = "dynamodb"
    S3 = "s3"
    BOTH = "both"


class Aws(Struct, frozen=True):
    """The account and Region that hold the secrets.

    Args:
        account_id: 12 digits.
        region: the primary Region.
        partition: the cloud that the account belongs to.
        organization_id: callers outside this AWS organization are denied; None for no such deny.
    """

    account_id: str
    region: str
    partition: Partition = Partition.AWS
    organization_id: str | None = None

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        """ARN of a resource of the account.

        Args:
            service: the service, such as `kms`.
            resource: the resource as the service names it in ARNs, such as `key/*`.
            region: its Region, `*` for any, empty for global services; None for the primary.
        """
        where = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{where}:{self.account_id}:{resource}"


class Backend(Struct, frozen=True):
    """Where Terraform keeps the state: an S3 bucket, locked through DynamoDB, S3 or both.

    Args:
        bucket: name of the bucket.
        key: path of the state in it.
        region: Region of bucket and table.
        locking: what keeps two runs of Terraform apart.
        dynamodb_table: the lock table; None when the lock is in S3 alone.
        kms_key_id: key that encrypts the state; None for a key of S3's own.
        bootstrap: True makes bucket and table, with a key for them, in a root module.
    """

    bucket: str
    key: str
    region: str
    locking: Locking = Locking.DYNAMODB
    dynamodb_table: str | None = None
    kms_key_id: str | None = None
    bootstrap: bool = True


class SecretInRegion(Struct, frozen=True):
    """One secret in one Region."""

    secret: str
    region: str


class Role(Struct, frozen=True):
    """A role in an account, and all that it reads and writes.

    Args:
        name: role name, with its path if it has one (`team/secrets-reader`); name of a permission
            set.
        reads: every secret in every Region where the role can read it.
        writes: every secret that the role can write, by name: in the primary Region, as replicas
            are read-only.
        trust: who may assume a role that is created here; None for the other kinds.
        permissions_boundary: ARN of the policy that bounds a role that is created here; None for
            no boundary.
        existing: True for a role that is created elsewhere: policies are attached to it.
        permission_set: True for the role of an IAM Identity Center permission set, which nothing
            can be attached to.
    """

    name: str
    reads: tuple[SecretInRegion, ...]
    writes: tuple[str, ...] = ()
    trust: Trust | None = None
    permissions_boundary: str | None = None
    existing: bool = False
    permission_set: bool = False

    @property
    def for_instances(self) -> bool:
        """Whether EC2 instances assume it, so that it has an instance profile."""
        services = self.trust.service if self.trust else ()
        return any(service_name(service) == "ec2" for service in services)


class Account(Struct, frozen=True):
    """An account whose roles read or write. Other accounts are not part of an environment.

    Args:
        name: the spec's name for it, and the name of its folder.
        id: 12 digits.
        in_organization: False exempts the account from the organization deny.
        roles: the roles that read or write.
    """

    name: str
    id: str
    in_organization: bool
    roles: tuple[Role, ...]

    @property
    def deployed_roles(self) -> tuple[Role, ...]:
        """The roles that the account's root module manages, or attaches policies to."""
        return tuple(role for role in self.roles if not role.permission_set)


class KeyGrant(Struct, frozen=True):
    """What one role may use a key for: those secrets, through Secrets Manager only."""

    role_arn: str
    secrets: tuple[str, ...]


class GrantGroup(Struct, frozen=True):
    """Roles that may use a key for the same secrets: one statement of its policy."""

    roles: tuple[str, ...]
    secrets: tuple[str, ...]


def grant_groups(grants: Iterable[KeyGrant]) -> tuple[GrantGroup, ...]:
    """Groups grants by their secrets; groups are sorted by these, their roles by ARN."""
    roles: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for grant in grants:
        roles[grant.secrets].append(grant.role_arn)
    return tuple(GrantGroup(tuple(sorted(arns)), names) for names, arns in sorted(roles.items()))


class RegionalKey(Struct, frozen=True):
    """The KMS key of one Region, which shares nothing with those of other Regions.

    Args:
        region: where it is.
        grants: who may decrypt what with it there.
        write_grants: who may encrypt what with it; nobody in a replica Region.
    """

    region: str
    grants: tuple[KeyGrant, ...]
    write_grants: tuple[KeyGrant, ...] = ()


class Key(Struct, frozen=True):
    """Customer-managed KMS keys that the environment creates: one in each Region that needs it.

    Args:
        name: name of a shared key, or the secret that the key is dedicated to.
        dedicated: True for the key of one secret.
        alias: with its `alias/` prefix.
        description: shown in the KMS console.
        deletion_window_days: days between a deletion and the loss of the key.
        rotation_period_days: days between two automatic rotations of the key material.
        deletion_protection: True keeps Terraform from destroying it in any Region.
        regions: the keys: first the one in the primary Region, then those in the replica Regions
            of the secrets, sorted by Region.
    """

    name: str
    dedicated: bool
    alias: str
    description: str
    deletion_window_days: int
    rotation_period_days: int
    deletion_protection: bool
    regions: tuple[RegionalKey, ...]


class Notify(Struct, frozen=True):
    """Recipients of alarms: e-mail addresses on a rendered topic, and/or an existing topic."""

    email: tuple[str, ...] = ()
    sns_topic_arn: str | None = None


class Monitoring(Struct, frozen=True):
    """Which alarms there are.

    Args:
        notify: their recipients.
        rotation_failures: failed, abandoned and failed test rotations.
        rotation_successes: each new value of a secret that rotates.
        unauthorized_access: denied calls, and changes of policy, key, function, replication or
            tags; needs a CloudTrail log group.
        reads: every read of a secret.
        writes: each new value of a secret that does not rotate and has no writer.
        kms_anomalies: keys disabled, scheduled for deletion, copied or used unusually.
        cloudtrail_log_group: log group that receives CloudTrail's events.
        cloudtrail: True creates a trail of the environment.
    """

    notify: Notify
    rotation_failures: bool = False
    rotation_successes: bool = False
    unauthorized_access: bool = False
    reads: bool = False
    writes: bool = False
    kms_anomalies: bool = False
    cloudtrail_log_group: str | None = None
    cloudtrail: bool = False

    @property
    def needs_trail(self) -> bool:
        """Whether an alarm rings only where a CloudTrail trail logs management events."""
        return (
            self.rotation_failures or self.unauthorized_access or self.reads or self.kms_anomalies
        )


class Environment(Documented, frozen=True):
    """One environment, whole.

    Args:
        name: name of its folder.
        aws: account, Region, partition, organization.
        backend: where its state is.
        accounts: the readers' accounts, by name.
        keys: the KMS keys it creates: shared ones, then dedicated ones, each by name.
        secrets: its secrets, by name.
        service_secrets: the secrets of AWS services whose rotation it sets, by name.
        monitoring: its alarms; None for none.
        tags: tags of everything in it.
        changes: what becomes of what leaves, moves or comes in.
        description: what it is for.
        ignores: findings about it that are allowed.
    """

    name: str
    aws: Aws
    backend: Backend
    accounts: tuple[Account, ...]
    keys: tuple[Key, ...]
    secrets: tuple[Secret, ...]
    monitoring: Monitoring | None
    tags: Mapping[str, str]
    service_secrets: tuple[ServiceSecret, ...] = ()
    changes: Changes = NO_CHANGES
    description: str = ""
    ignores: tuple[IgnoreEntry, ...] = ()

    documentation = frozenset({"description", "ignores"})

    @property
    def replica_regions(self) -> tuple[str, ...]:
        """Every Region that holds a replica of a secret, sorted."""
        return tuple(sorted({r.region for s in self.secrets for r in s.replicas}))

    @property
    def other_regions(self) -> tuple[str, ...]:
        """Every Region but the primary that needs a provider, sorted.

        Those are the replica Regions, and those in which `changes` has something destroyed.
        """
        others = {*self.replica_regions, *self.changes.regions} - {self.aws.region}
        return tuple(sorted(others))
