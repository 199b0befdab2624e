"""The spec language, version 1: the table of its fields.

The fields of one secret are in `secretgen.spec.secret_schema`. Each model is the shape of one
mapping of the spec; JSON Schema and the reference pages are made from it. What two fields mean
together is the business of `secretgen.rules`.
"""

from typing import Annotated

from pydantic import Field

from secretgen.model.environment import Locking, Partition
from secretgen.spec.account_schema import AccountSpec
from secretgen.spec.aws_formats import (
    AccountId,
    BucketName,
    EmailAddress,
    KeyDescription,
    KmsKeyId,
    LogGroupName,
    OrganizationId,
    Region,
    SecretName,
    StateKey,
    TableName,
    TagKey,
    Tags,
    TopicArn,
)
from secretgen.spec.change_schema import ChangeSpec, EnvironmentIgnoreSpec
from secretgen.spec.language_formats import (
    EnvironmentName,
    InputName,
    Line,
    LocalName,
    PartPath,
    ServiceSecretName,
    Text,
    Version,
)
from secretgen.spec.secret_schema import SecretSpec, ServiceSecretSpec
from secretgen.spec.short_forms import Short
from secretgen.spec.types import Body, Boolean, IntRange, ListOf, NullMeans, Optional, Shape


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
    """Where the state lock is: a DynamoDB table, a lock file in S3, or both while migrating."""
    dynamodb_table: Optional[TableName] = None
    """Name of the lock table; required unless locking is `s3`."""
    kms_key_id: Optional[KmsKeyId] = None
    """KMS key that encrypts the state; by default the key of `bootstrap/`, without it S3's own."""
    bootstrap: Boolean = True
    """False for a bucket that exists or belongs to another environment: no `bootstrap/` folder."""


class KeySpec(Shape):
    """A customer-managed KMS key that several secrets share."""

    description: Optional[KeyDescription] = None
    """Shown in the KMS console."""
    deletion_window_days: Annotated[int, IntRange("SG221", 7, 30)] = 30
    """Waiting period in days before AWS deletes the key."""
    rotation_period_days: Annotated[int, IntRange("SG221", 90, 2560)] = 365
    """Days between two automatic rotations of the key material."""


class NotifySpec(Shape):
    """Recipients of alarms."""

    email: ListOf[EmailAddress] = []
    """Addresses that subscribe to the topic of the environment."""
    sns_topic_arn: Optional[TopicArn] = None
    """An existing topic."""


class MonitoringSpec(Shape):
    """Alarms."""

    notify: Body[NotifySpec] = NotifySpec()
    """Recipients of alarms."""
    rotation_failures: Boolean = False
    """Failed, abandoned and failed test rotations."""
    rotation_successes: Boolean = False
    """A message for each new value of a secret that rotates: a heartbeat, without CloudTrail."""
    unauthorized_access: Boolean = False
    """Denied calls; secrets deleted, copied, or given another policy, key, function or tag."""
    reads: Boolean = False
    """Every read of a secret: for secrets that are hardly ever read."""
    writes: Boolean = False
    """A message for each new value of a secret that neither rotates nor has `writers`, without
    CloudTrail."""
    kms_anomalies: Boolean = False
    """Keys disabled, scheduled for deletion, copied, given another policy or used unusually."""
    cloudtrail_log_group: Optional[LogGroupName] = None
    """CloudWatch log group that receives CloudTrail's events; for `unauthorized_access`."""
    cloudtrail: Boolean = False
    """True creates a trail for this environment."""


class IncludeSpec(Shape):
    """A part that the environment includes, and the values of its inputs."""

    file: PartPath
    """Path of the part, relative to the project root."""
    inputs: Annotated[dict[InputName, Text], NullMeans(dict)] = {}
    """Values of the part's inputs, by name."""


class Spec(Shape):
    """An environment's secrets: one file, one environment."""

    version: Version
    """Version of the spec language."""
    environment: EnvironmentName
    """Name of the environment, and of its folder."""
    description: Text = ""
    """What the environment is for."""
    include: ListOf[Annotated[IncludeSpec, Short(PartPath, "file")]] = []
    """Parts that several environments share: each adds to the spec, and the spec wins."""
    aws: AwsSpec
    """The account and Region that hold the secrets."""
    backend: BackendSpec
    """Where Terraform keeps its state."""
    accounts: Annotated[dict[LocalName, AccountSpec], NullMeans(dict)] = {}
    """The AWS accounts whose roles read secrets, by a name that you choose."""
    keys: Annotated[dict[LocalName, Body[KeySpec]], NullMeans(dict)] = {}
    """Shared customer-managed KMS keys, by a name that you choose."""
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
    service_secrets: Annotated[dict[ServiceSecretName, ServiceSecretSpec], NullMeans(dict)] = {}
    """Secrets that AWS services own (RDS, Aurora, Redshift, ECS), by a name that you choose: only
    their rotation is set."""
    changes: ListOf[ChangeSpec] = []
    """What happens to objects that leave, move or are imported: one verb per entry."""
    ignore: ListOf[EnvironmentIgnoreSpec] = []
    """Findings about the environment that are allowed."""


_SHARED = {
    "accounts",
    "defaults",
    "keys",
    "monitoring",
    "required_tags",
    "secrets",
    "service_secrets",
    "tags",
}


class InputSpec(Shape):
    """An input: a value that each spec gives when it includes the part."""

    description: Line = ""
    """What it is for."""
    default: Optional[Text] = None
    """Its value unless the spec gives another one; without a default, specs have to give one."""


class PartHead(Shape):
    """A part of environments: what several specs share by including it."""

    version: Version
    """Version of the spec language."""
    inputs: Annotated[dict[InputName, Body[InputSpec]], NullMeans(dict)] = {}
    """Values that each spec gives, by name: `$(name)` stands for one in keys and texts."""


PART_FIELDS = tuple(name for name in Spec.model_fields if name in _SHARED)
"""Fields of a spec that a part may hold, in the order of the spec."""
