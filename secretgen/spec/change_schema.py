"""The entries of `changes` and of the environment's `ignore`: their part of the spec's table."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secretgen.spec.aws_formats import Region
from secretgen.spec.mapping import Shape
from secretgen.spec.secret_schema import IgnoreSpec
from secretgen.spec.subjects import DestroyText, ForgetText, MoveFromText, OfText, OwnText
from secretgen.spec.types import Boolean, Format, Optional

ImportId = Annotated[
    str,
    Format(
        "SG488",
        "the ARN of a secret, or the id of a KMS key",
        pattern=r"\S+",
        examples=("1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d",),
    ),
]


class MoveSpec(Shape):
    """A new name for what is in the state already (Terraform's `moved`)."""

    from_: Annotated[MoveFromText, Field(alias="from", title="from")]
    """What it was: `keys.<name>`, `secrets.<name>.kms_key`, or an address of the state."""
    to: OwnText
    """What it is: `secrets.<name>`, `secrets.<name>.kms_key` or `keys.<name>`."""


class ImportSpec(Shape):
    """An object in AWS that is imported into the state (Terraform's `import`)."""

    to: OwnText
    """What it becomes: `secrets.<name>`, `secrets.<name>.kms_key` or `keys.<name>`."""
    id: ImportId
    """ARN of the secret, with its six random characters, or id of the key."""
    region: Optional[Region] = None
    """Replica Region of a key; the primary Region by default."""
    policy: Boolean = False
    """True imports the resource policy of the secret as well; it has to have one."""
    rotation: Boolean = False
    """True imports the rotation of the secret as well; it has to be on."""


class ChangeSpec(Shape):
    """One change: exactly one verb."""

    move: Optional[MoveSpec] = None
    """Gives a key another name, or moves a resource from another address of the state."""
    forget: Optional[ForgetText] = None
    """Removed from the state, stays in AWS: a secret with its own keys and replicas, a key, the
    rotation of a service's secret, or an address of the state."""
    destroy: Optional[DestroyText] = None
    """Allows Terraform to destroy it: a secret with its own key and replicas, the key or a replica
    of a secret, a shared key, everything in a Region."""
    import_: Annotated[Optional[ImportSpec], Field(alias="import", title="import")] = None
    """Imports a secret or a key that exists in AWS, without writing a value."""


class EnvironmentIgnoreSpec(IgnoreSpec):
    """A finding about the environment that is allowed."""

    of: OfText
    """Its subject: `environment`, or for example `accounts.partner`, which may already be removed
    from the spec."""
