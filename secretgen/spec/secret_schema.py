"""The fields of one secret in the spec: its part of the table in `secretgen.spec.schema`."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from secretgen.model.applications import APPLICATIONS
from secretgen.model.secret import DEDICATED, ResourcePolicy
from secretgen.model.secret import Literal as LiteralValue
from secretgen.spec.aws_formats import (
    Description,
    Duration,
    ExcludedCharacters,
    FunctionArn,
    Region,
    ReplicaKey,
    ScheduleText,
    SecurityGroupId,
    ServiceSecretArn,
    SubnetId,
    Tags,
)
from secretgen.spec.language_formats import AccountName, Date, KeyChoice, Line, Reason, RuleId
from secretgen.spec.literals import JsonLiteral
from secretgen.spec.role_formats import RoleName
from secretgen.spec.short_forms import AccountAndRole, Short
from secretgen.spec.types import Body, Boolean, IntRange, ListOf, NullMeans, Optional, Shape

if TYPE_CHECKING:
    Application = str
else:
    Application = Literal[*APPLICATIONS]


class PasswordOptions(Shape):
    """How AWS generates a random password (the parameters of `GetRandomPassword`)."""

    length: Optional[Annotated[int, IntRange("SG231", 1, 4096)]] = None
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
    """One field of a JSON secret: a literal that is not secret, or where its value comes from."""

    literal: Optional[Annotated[LiteralValue, JsonLiteral()]] = None
    """A host, a port, an engine, a user name: nothing secret. Numbers and `true` or `false`
    without quotes keep their type; everything else is text."""
    from_: Annotated[
        Optional[Literal["variable", "generated"]], Field(alias="from", title="from")
    ] = None
    """An ephemeral input variable, or an ephemeral random password."""


class ValueSpec(PasswordOptions):
    """Where the value of a secret comes from, never what it is."""

    from_: Annotated[
        Literal["external", "variable", "generated", "json"], Field(alias="from", title="from")
    ] = "external"
    """`external`: people, an application or the rotation write it, Terraform never does.
    `variable`: an ephemeral input variable. `generated`: an ephemeral random password.
    `json`: an object with the given `fields`."""
    version: Optional[Annotated[int, IntRange("SG104", 1, 1_000_000_000)]] = None
    """Raise it to write the value again; 1 by default."""
    fields: Annotated[dict[str, FieldSpec], NullMeans(dict)] = {}
    """The fields of a `json` value, by name."""


class ReaderSpec(Shape):
    """Who may read or write a secret: a role of an account."""

    account: AccountName
    """The account, by its name in `accounts`."""
    role: Optional[RoleName] = None
    """The role; the account's own `role` by default."""


class ExclusiveSpec(Shape):
    """The other roles that may use the value of an exclusive secret."""

    except_: Annotated[ListOf[RoleName], Field(alias="except", title="except", min_length=1)]
    """Roles of the secret's own account, by name: at least the role that applies, and one for
    emergencies. Readers, writers and deployed rotation functions are exempt without being named."""


class ReplicaSpec(Shape):
    """A copy of a secret in another Region."""

    region: Region
    """Where the copy is."""
    kms_key: Optional[ReplicaKey] = None
    """ARN of a KMS key in that Region, or `aws-managed`; by default the secret's own key has one
    there, too."""


class VpcSpec(Shape):
    """Where a rotation function runs, so that it reaches its database."""

    subnet_ids: Annotated[list[SubnetId], Field(min_length=1)]
    """Its subnets."""
    security_group_ids: Annotated[list[SecurityGroupId], Field(min_length=1)]
    """Its security groups."""


class ScheduleSpec(Shape):
    """When a secret rotates: one of `every_days` and `schedule`."""

    every_days: Optional[Annotated[int, IntRange("SG205", 1, 1000)]] = None
    """Days between two rotations."""
    schedule: Optional[ScheduleText] = None
    """A `cron(…)` or `rate(…)` expression instead, in UTC."""
    duration: Optional[Duration] = None
    """Length of the rotation window in hours."""
    immediately: Boolean = False
    """True rotates as soon as rotation is configured."""


class RotationSpec(ScheduleSpec):
    """How a secret rotates: one of `lambda_arn` and `application`, and how often."""

    lambda_arn: Optional[FunctionArn] = None
    """An existing rotation function."""
    application: Optional[Application] = None
    """AWS's own rotation function, deployed from the Serverless Application Repository."""
    vpc: Optional[VpcSpec] = None
    """Network of the deployed `application`."""
    exclude_characters: Optional[ExcludedCharacters] = None
    """Characters that the deployed `application` never puts into a password; by default those
    of the generated `password` field, or else the application's own choice."""


class ServiceSecretSpec(Shape):
    """A secret that an AWS service owns and names: only its rotation is set here."""

    arn: ServiceSecretArn
    """Its ARN, in the account and Region of the environment."""
    rotation: ScheduleSpec
    """When the service rotates it."""


class IgnoreSpec(Shape):
    """A rule that is ignored for one secret."""

    rule: RuleId
    """The rule."""
    reason: Reason
    """Why the rule may be ignored here."""
    until: Optional[Date] = None
    """Last day on which the entry is valid."""


_EXTERNAL = ValueSpec()  # frozen, so one for all: pydantic would copy a default each time


class SecretSpec(Shape):
    """One secret."""

    description: Description = ""
    """What it is for; shown in the console."""
    group: Line = ""
    """Heading in the documents and the diagram."""
    kms_key: KeyChoice = DEDICATED
    """`dedicated` (its own key), a name in `keys`, the ARN of a key, or `aws-managed`."""
    value: Body[ValueSpec] = Field(default_factory=lambda: _EXTERNAL)
    """Where its value comes from, never what it is."""
    readers: ListOf[Annotated[ReaderSpec, AccountAndRole(AccountName)]] = []
    """Roles that may read it."""
    writers: ListOf[Annotated[ReaderSpec, AccountAndRole(AccountName)]] = []
    """Roles that may write its value, in the primary Region. They cannot read it unless they are
    also `readers`."""
    exclusive: Optional[ExclusiveSpec] = None
    """Denies its value to everyone except readers, writers, its rotation and the roles under
    `except`, also to administrators. They can still change its policy."""
    policy: ResourcePolicy = ResourcePolicy.MANAGED
    """`unmanaged` leaves the current resource policy as it is."""
    notify_readers: Boolean = False
    """True sends an event to its readers' accounts when its value changes, in every Region."""
    replicas: ListOf[Annotated[ReplicaSpec, Short(Region, "region")]] = []
    """Its copies in other Regions."""
    force_overwrite_replica: Boolean = False
    """True lets a replica overwrite a secret of the same name in its Region, whose value is then
    lost. Only the role that may destroy can create the secret or add a replica while it is true."""
    rotation: Optional[RotationSpec] = None
    """How it rotates."""
    recovery_window_days: Annotated[int, IntRange("SG204", 7, 30, or_zero=True)] = 30
    """Days during which the deleted secret can be restored: 7 to 30, or 0 to delete it
    immediately."""
    deletion_protection: Boolean = True
    """True prevents Terraform from destroying the secret and its key."""
    tags: Tags = {}
    """Its own tags."""
    ignore: ListOf[IgnoreSpec] = []
    """Rules that are ignored for this secret."""
