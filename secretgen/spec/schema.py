"""The spec language, version 1: the one table of its fields.

Each model is the shape of one mapping of the spec. JSON Schema and the reference pages are
made from it. What two fields mean together is the business of `secretgen.rules`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from secretgen.model.environment import Locking, Partition
from secretgen.model.secret import DEDICATED
from secretgen.spec.formats import (
    AccountId,
    AccountName,
    BucketName,
    Date,
    Description,
    Duration,
    EmailAddress,
    EnvironmentName,
    ExcludedCharacters,
    FunctionArn,
    KeyChoice,
    KeyDescription,
    KmsKeyArn,
    KmsKeyId,
    Line,
    LocalName,
    LogGroupName,
    OrganizationId,
    Reason,
    Region,
    RoleName,
    RuleId,
    ScheduleText,
    SecretName,
    SecurityGroupId,
    ServicePrincipal,
    StateKey,
    SubnetId,
    TableName,
    TagKey,
    TagValue,
    Text,
    TopicArn,
    Version,
)
from secretgen.spec.types import Body, Boolean, ListOf, NullMeans, Optional, Short, Whole

DEFAULT_ROLE = "secrets-reader"
DEFAULT_SERVICE = "ec2.amazonaws.com"

Application = Literal[
    "mariadb-multi-user",
    "mariadb-single-user",
    "mongodb-multi-user",
    "mongodb-single-user",
    "mysql-multi-user",
    "mysql-single-user",
    "oracle-multi-user",
    "oracle-single-user",
    "postgresql-multi-user",
    "postgresql-single-user",
    "redshift-multi-user",
    "redshift-single-user",
    "sqlserver-multi-user",
    "sqlserver-single-user",
]


Tags = Annotated[dict[TagKey, TagValue], NullMeans(dict)]


class Shape(BaseModel):
    """A mapping of the spec: unknown keys are mistakes, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class AwsSpec(Shape):
    """The account and Region that hold the secrets."""

    account_id: AccountId
    """Id of the account."""
    region: Region
    """The primary Region."""
    partition: Partition = Partition.AWS
    """The cloud that the account belongs to."""
    organization_id: Optional[OrganizationId] = None
    """Callers outside this AWS organization are denied."""


class BackendSpec(Shape):
    """Where Terraform keeps its state: an S3 bucket."""

    bucket: BucketName
    """Name of the bucket."""
    key: Optional[StateKey] = None
    """Path of the state in the bucket; `<environment>/secrets/terraform.tfstate` by default."""
    region: Optional[Region] = None
    """Region of the bucket; the primary Region by default."""
    locking: Locking = Locking.DYNAMODB
    """What keeps two runs apart: a DynamoDB table, a lock file in S3, or both while migrating."""
    dynamodb_table: Optional[TableName] = None
    """Name of the lock table; needed unless locking is `s3`."""
    kms_key_id: Optional[KmsKeyId] = None
    """KMS key that encrypts the state; the bucket's own encryption by default."""


class AccountSpec(Shape):
    """Another AWS account that reads secrets."""

    id: AccountId
    """Id of the account."""
    role: RoleName = DEFAULT_ROLE
    """IAM role that reads there."""
    trusted_service: ServicePrincipal = DEFAULT_SERVICE
    """Service that assumes the role."""
    in_organization: Boolean = True
    """False for a partner outside `aws.organization_id`: exempts the account from the deny."""


class KeySpec(Shape):
    """A customer-managed KMS key that several secrets share."""

    description: Optional[KeyDescription] = None
    """Shown in the KMS console."""
    deletion_window_days: Annotated[int, Whole("SG221", 7, 30)] = 30
    """Days between the deletion of the key and its loss."""
    rotation_period_days: Annotated[int, Whole("SG221", 90, 2560)] = 365
    """Days between two automatic rotations of the key material."""


class NotifySpec(Shape):
    """Whom alarms tell."""

    email: ListOf[EmailAddress] = []
    """Addresses that subscribe to a topic of the environment's own."""
    sns_topic_arn: Optional[TopicArn] = None
    """An existing topic."""


class MonitoringSpec(Shape):
    """Alarms."""

    notify: Body[NotifySpec] = NotifySpec()
    """Whom alarms tell."""
    rotation_failures: Boolean = False
    """Failed, abandoned and failed test rotations."""
    unauthorized_access: Boolean = False
    """Denied reads, and changes of policies."""
    reads: Boolean = False
    """Every read of a secret: for secrets that are hardly ever read."""
    kms_anomalies: Boolean = False
    """Keys disabled, scheduled for deletion, given another policy or used unusually."""
    cloudtrail_log_group: Optional[LogGroupName] = None
    """CloudWatch log group that receives CloudTrail's events; for `unauthorized_access`."""
    cloudtrail: Boolean = False
    """True creates a trail for this environment."""


class PasswordOptions(Shape):
    """How AWS generates a random password (the parameters of `GetRandomPassword`)."""

    length: Optional[Annotated[int, Whole("SG231", 1, 4096)]] = None
    """Number of characters; 32 by default."""
    exclude_characters: Optional[ExcludedCharacters] = None
    """Characters that never occur."""
    exclude_lowercase: Optional[Boolean] = None
    """True leaves out lower-case letters."""
    exclude_numbers: Optional[Boolean] = None
    """True leaves out digits."""
    exclude_punctuation: Optional[Boolean] = None
    """True leaves out punctuation."""
    exclude_uppercase: Optional[Boolean] = None
    """True leaves out upper-case letters."""
    include_space: Optional[Boolean] = None
    """True allows the space."""
    require_each_included_type: Optional[Boolean] = None
    """False allows passwords without some kind of character; true by default."""


class FieldSpec(PasswordOptions):
    """One field of a JSON secret: a literal that is no secret, or where its value comes from."""

    literal: Optional[Text] = None
    """Text that is no secret: a host, a port, an engine, a user name."""
    from_: Annotated[
        Optional[Literal["variable", "generated"]], Field(alias="from", title="from")
    ] = None
    """An ephemeral input variable, or an ephemeral random password."""


class ValueSpec(PasswordOptions):
    """Where the value of a secret comes from, never what it is."""

    from_: Annotated[
        Literal["external", "variable", "generated", "json"], Field(alias="from", title="from")
    ] = "external"
    """`external`: people, an application or the rotation put it there, Terraform never does.
    `variable`: an ephemeral input variable. `generated`: an ephemeral random password.
    `json`: an object with the given `fields`."""
    version: Optional[Annotated[int, Whole("SG104", 1, 1_000_000_000)]] = None
    """Raised to write the value again; 1 by default."""
    fields: Annotated[dict[str, FieldSpec], NullMeans(dict)] = {}
    """The fields of a `json` value, by name."""


class ReaderSpec(Shape):
    """Who may read a secret: a role of another account."""

    account: AccountName
    """The account, by its name in `accounts`."""
    role: Optional[RoleName] = None
    """The role; the account's own `role` by default."""


class ReplicaSpec(Shape):
    """A copy of a secret in another Region."""

    region: Region
    """Where the copy is."""
    kms_key: Optional[KmsKeyArn] = None
    """ARN of a KMS key in that Region; the replica of the secret's own key by default."""


class VpcSpec(Shape):
    """Where a rotation function runs, so that it reaches its database."""

    subnet_ids: Annotated[list[SubnetId], Field(min_length=1)]
    """Its subnets."""
    security_group_ids: Annotated[list[SecurityGroupId], Field(min_length=1)]
    """Its security groups."""


class RotationSpec(Shape):
    """How a secret rotates: one of `lambda_arn`, `application`, `managed`, and how often."""

    lambda_arn: Optional[FunctionArn] = None
    """An existing rotation function."""
    application: Optional[Application] = None
    """AWS's own rotation function, deployed from the Serverless Application Repository."""
    managed: Boolean = False
    """True when the AWS service that owns the secret rotates it; AWS refuses it for any other."""
    every_days: Optional[Annotated[int, Whole("SG205", 1, 1000)]] = None
    """Days between two rotations."""
    schedule: Optional[ScheduleText] = None
    """A `cron(…)` or `rate(…)` expression instead, in UTC."""
    duration: Optional[Duration] = None
    """Length of the rotation window in hours."""
    immediately: Boolean = False
    """True rotates as soon as rotation is configured."""
    vpc: Optional[VpcSpec] = None
    """Network of the deployed `application`."""


class IgnoreSpec(Shape):
    """A rule that one secret is excused from."""

    rule: RuleId
    """The rule."""
    reason: Reason
    """Says why it may be broken here."""
    until: Optional[Date] = None
    """Last day on which this holds."""


_EXTERNAL = ValueSpec()  # frozen, so one for all: pydantic would copy a default each time


class SecretSpec(Shape):
    """One secret."""

    description: Description = ""
    """What it is for; shown in the console."""
    group: Line = ""
    """Heading in the documents and the diagram."""
    kms_key: KeyChoice = DEDICATED
    """`dedicated` (a key of its own), a name in `keys`, the ARN of a key, or `aws-managed`."""
    value: Body[ValueSpec] = Field(default_factory=lambda: _EXTERNAL)
    """Where its value comes from, never what it is."""
    readers: ListOf[Annotated[ReaderSpec, Short("account", AccountName)]] = []
    """Roles of other accounts that may read it."""
    replicas: ListOf[Annotated[ReplicaSpec, Short("region", Region)]] = []
    """Its copies in other Regions."""
    rotation: Optional[RotationSpec] = None
    """How it rotates."""
    recovery_window_days: Annotated[int, Whole("SG204", 7, 30, or_zero=True)] = 30
    """Days between its deletion and its loss: 7 to 30, or 0 for at once."""
    deletion_protection: Boolean = True
    """True keeps Terraform from destroying the secret and its key."""
    tags: Tags = {}
    """Its own tags."""
    ignore: ListOf[IgnoreSpec] = []
    """Rules it is excused from."""


class Spec(Shape):
    """An environment's secrets: one file, one environment."""

    version: Version
    """Version of the spec language."""
    environment: EnvironmentName
    """Name of the environment, and of its folder."""
    description: Text = ""
    """What the environment is for."""
    aws: AwsSpec
    """The account and Region that hold the secrets."""
    backend: BackendSpec
    """Where Terraform keeps its state."""
    accounts: Annotated[dict[LocalName, AccountSpec], NullMeans(dict)] = {}
    """The other AWS accounts, by a name of yours."""
    keys: Annotated[dict[LocalName, Body[KeySpec]], NullMeans(dict)] = {}
    """Shared customer-managed KMS keys, by a name of yours."""
    monitoring: Optional[MonitoringSpec] = None
    """Alarms; none by default."""
    required_tags: Annotated[ListOf[TagKey], Field(max_length=50)] = []
    """Tags that every secret must carry, its own or the environment's."""
    tags: Tags = {}
    """Tags of everything in the environment."""
    defaults: Body[SecretSpec] = SecretSpec()
    """Any field of a secret; a secret's own value wins, and `tags` are merged."""
    secrets: Annotated[dict[SecretName, Body[SecretSpec]], Field(min_length=1)]
    """The secrets, by name."""
