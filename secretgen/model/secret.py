"""One secret of the resolved environment: its value's origin, readers, replicas, rotation."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from secretgen.model.documented import Documented

DEDICATED = "dedicated"
AWS_MANAGED = "aws-managed"
AWS_MANAGED_ALIAS = "alias/aws/secretsmanager"
"""Alias of the AWS-managed key, the same in every Region."""


class Source(StrEnum):
    """Where a secret value, or one field of it, comes from."""

    EXTERNAL = "external"
    VARIABLE = "variable"
    GENERATED = "generated"
    JSON = "json"
    LITERAL = "literal"


class Password(Struct, frozen=True):
    """How AWS generates a random password (`GetRandomPassword`)."""

    length: int = 32
    exclude_characters: str = ""
    exclude_lowercase: bool = False
    exclude_numbers: bool = False
    exclude_punctuation: bool = False
    exclude_uppercase: bool = False
    include_space: bool = False
    require_each_included_type: bool = True


class Number(Struct, frozen=True):
    """A number in a JSON secret, by its digits: unlike Python's numbers never equal to a boolean.

    Args:
        text: in the one form that JSON and HCL write it in, such as `5432`, `-1` or `0.5`.
    """

    text: str


Literal = str | Number | bool
"""A value in a JSON secret that is no secret; it keeps its type."""


def literal_text(literal: Literal) -> str:
    """Returns a literal as text: a number or boolean as JSON writes it."""
    match literal:
        case Number():
            return literal.text
        case bool():
            return "true" if literal else "false"
        case _:
            return literal


class Field(Struct, frozen=True):
    """One field of a JSON secret: a literal, an input variable or a generated password."""

    name: str
    source: Source
    literal: Literal | None = None
    password: Password | None = None


class Value(Struct, frozen=True):
    """Where the value of a secret comes from, never what it is.

    Args:
        source: external means that Terraform never writes the value.
        version: raised to write the value again; None when Terraform does not write it.
        password: how it is generated, for `generated`.
        fields: the fields, for `json`.
    """

    source: Source = Source.EXTERNAL
    version: int | None = None
    password: Password | None = None
    fields: tuple[Field, ...] = ()


class Reader(Documented, frozen=True):
    """A named role of an account that may read a secret, or write it.

    Args:
        account_id: 12 digits.
        role: role name, with its path if it has one; name of a permission set.
        permission_set: whether it is the role of an IAM Identity Center permission set.
        account: the spec's name for the account.
    """

    account_id: str
    role: str
    permission_set: bool = False
    account: str = ""

    documentation = frozenset({"account"})


class ResourcePolicy(StrEnum):
    """Who decides over the resource policy of a secret."""

    MANAGED = "managed"
    UNMANAGED = "unmanaged"
    """The policy that is there stays untouched, whatever it says."""


class Exclusive(Struct, frozen=True):
    """Who else may use the value of a secret that is kept from everyone else.

    Args:
        exempt: roles of the secret's own account, next to its readers, writers and rotation.
    """

    exempt: tuple[str, ...]


class Replica(Struct, frozen=True):
    """A copy of a secret in another Region.

    Args:
        region: where the copy is.
        kms_key: ARN of an external key in that Region; `aws-managed` for that key, next to a
            secret that has another one; None for the key that the environment makes there, or for
            the AWS-managed key when the secret uses that.
    """

    region: str
    kms_key: str | None = None


class Vpc(Struct, frozen=True):
    """Where a rotation function runs, so that it reaches its database."""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]


class RotationSchedule(Struct, frozen=True):
    """When a secret rotates: exactly one of the first two.

    Args:
        every_days: days between rotations.
        schedule: `cron(…)` or `rate(…)` instead, in UTC.
        duration: length of the rotation window, such as `3h`.
        immediately: True rotates as soon as rotation is configured.
    """

    every_days: int | None = None
    schedule: str | None = None
    duration: str | None = None
    immediately: bool = False


class Rotation(RotationSchedule, frozen=True):
    """When a secret rotates, and by which function: exactly one of the first two.

    Args:
        lambda_arn: an existing rotation function.
        application: AWS serverless application to deploy as the rotation function.
        vpc: network of the deployed application.
        exclude_characters: characters that the deployed application never puts into a password;
            empty for those that it leaves out by itself.
    """

    lambda_arn: str | None = None
    application: str | None = None
    vpc: Vpc | None = None
    exclude_characters: str = ""


class ServiceSecret(Struct, frozen=True):
    """A secret that an AWS service owns and names: only its rotation is set here.

    Args:
        name: the spec's name for it.
        arn: its ARN.
        rotation: when the service rotates it.
    """

    name: str
    arn: str
    rotation: RotationSchedule

    @property
    def secret_name(self) -> str:
        """The name that the service gave it: AWS appended a hyphen and six characters."""
        return self.arn.split(":", 6)[-1][: -len("-AbCdEf")]


class PlainFields(Documented, frozen=True, kw_only=True):
    """Fields of a secret that are the same in its spec, here and in what templates see.

    Args:
        description: what it is for.
        force_overwrite_replica: True lets a replica take the place of a secret of the same name
            in its Region.
        recovery_window_days: days between its deletion and its loss.
    """

    description: str
    force_overwrite_replica: bool
    recovery_window_days: int


PLAIN_FIELDS = PlainFields.__struct_fields__


def plain_fields(holder: Any) -> dict[str, Any]:
    """Returns the plain fields of a secret, from its spec or from the model."""
    return {name: getattr(holder, name) for name in PLAIN_FIELDS}


class Secret(PlainFields, frozen=True, kw_only=True):
    """One secret.

    Args:
        name: its name in Secrets Manager.
        kms_key: `dedicated`, the name of a shared key, the ARN of a key managed elsewhere, or
            `aws-managed`.
        value: where its value comes from.
        readers: roles that may read it.
        writers: roles that may put values into it, which does not let them read it.
        exclusive: who else may use its value; None for whomever IAM policies of its account allow.
        policy: whether the environment manages its resource policy.
        notify_readers: True sends an event to the readers' accounts when the value changes.
        replicas: its copies in other Regions.
        rotation: how it rotates; None when it does not.
        deletion_protection: True keeps Terraform from destroying it.
        tags: its own tags; those of the environment come on top.
        group: heading in documents.
    """

    name: str
    kms_key: str
    value: Value
    readers: tuple[Reader, ...]
    writers: tuple[Reader, ...]
    exclusive: Exclusive | None
    policy: ResourcePolicy
    notify_readers: bool
    replicas: tuple[Replica, ...]
    rotation: Rotation | None
    deletion_protection: bool
    tags: Mapping[str, str]
    group: str = ""

    documentation = frozenset({"group"})

    def has_own_replica_key(self, region: str) -> bool:
        """Returns whether a key of the environment encrypts its replica in a Region."""
        return any(r.region == region and r.kms_key is None for r in self.replicas)

    @property
    def manages_policy(self) -> bool:
        """Whether the environment manages its resource policy."""
        return self.policy is ResourcePolicy.MANAGED

    @property
    def expects_no_write(self) -> bool:
        """Whether a new value is a surprise: the secret does not rotate and has no writer."""
        return self.rotation is None and not self.writers
