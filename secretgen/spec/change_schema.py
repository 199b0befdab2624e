"""The entries of `changes` and of the environment's `ignore`: their part of the spec's table."""

from collections.abc import Callable, Iterator
from typing import Annotated

from pydantic import Field
from pydantic_core import PydanticCustomError

from secretgen.model.address import PATTERN, Address
from secretgen.model.changes import KMS_KEY, Kind, Subject, parse_thing
from secretgen.spec.aws_formats import REGIONS, Region
from secretgen.spec.secret_schema import IgnoreSpec
from secretgen.spec.suggest import is_slip
from secretgen.spec.types import Boolean, Format, Optional, Shape

_RULE = "SG481"
_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_REGION = r"[a-z]{2}(-[a-z]+)+-[0-9]+"
_CHARACTERS = "[0-9A-Za-z/_+=.@-]+"
_PART = r"(\.kms_key|\.replicas\.[a-z0-9-]+)?"
_SECRETS = rf'secrets(\.{_CHARACTERS}|\["{_CHARACTERS}"\]{_PART})'
_KEY, _SERVICE = rf"keys\.{_NAME}", rf"service_secrets\.{_NAME}"
_ACCOUNT, _REGIONS = rf"accounts\.{_NAME}", rf"regions\.{_REGION}"


class ThingFormat(Format, frozen=True):
    """Text that names a thing.

    Args:
        kinds: what it may be.
        parts: which parts of a secret it may name: `kms_key`, `replicas`.
        addresses: whether it may be an address of Terraform's.
    """

    kinds: tuple[Kind, ...] = ()
    parts: tuple[str, ...] = ()
    addresses: bool = False

    def check(self, value: object, handler: Callable[[object], str]) -> str:
        """Returns the text as it is.

        Raises:
            PydanticCustomError: it names nothing that it may.
        """
        text = handler(value)
        if not self._accepts(text):
            options = tuple(filter(self._accepts, _corrected(text)))
            raise self._error(self.rule, self.what, options)
        if region := _unknown_region(text):
            options = tuple(text.removesuffix(region) + known for known in REGIONS)
            raise self._error("SG403", "the path of something in an AWS Region", options)
        return text

    def _error(self, rule: str, what: str, options: tuple[str, ...]) -> PydanticCustomError:
        context = {"rule": rule, "what": what, "options": options, "examples": self.examples}
        return PydanticCustomError("format", "{what}", context)

    def _accepts(self, text: str) -> bool:
        thing = parse_thing(text)
        if isinstance(thing, Address):
            return self.addresses
        if thing is None or thing.kind not in self.kinds:
            return False
        return thing.part is None or thing.part.partition(".")[0] in self.parts


def _unknown_region(text: str) -> str | None:
    """Returns the Region in a path if AWS has no such Region."""
    thing = parse_thing(text)
    region = thing.region if isinstance(thing, Subject) else None
    return None if region in REGIONS else region


def _corrected(text: str) -> Iterator[str]:
    """Yields what a text with a misspelt or missing first word may have been meant to be."""
    first, dot, rest = text.partition(".")
    for kind in Kind:
        if dot and is_slip(first, kind.value):
            yield f"{kind.value}.{rest}"


ForgetText = Annotated[
    str,
    ThingFormat(
        _RULE,
        "secrets.NAME, secrets.NAME.kms_key, keys.NAME, service_secrets.NAME or an address",
        pattern=rf"{_SECRETS}|{_KEY}|{_SERVICE}|{PATTERN}",
        examples=("secrets.prod/legacy/token", "keys.old-shared"),
        kinds=(Kind.SECRETS, Kind.KEYS, Kind.SERVICE_SECRETS),
        parts=(KMS_KEY,),
        addresses=True,
    ),
]
DestroyText = Annotated[
    str,
    ThingFormat(
        _RULE,
        "a secret, its kms_key or replicas, a key or its replicas, a service's secret or a Region",
        pattern=rf"{_SECRETS}|{_KEY}(\.replicas\.{_REGION})?|{_SERVICE}|{_REGIONS}",
        examples=("secrets.prod/old/token", "regions.us-west-2"),
        kinds=(Kind.SECRETS, Kind.KEYS, Kind.SERVICE_SECRETS, Kind.REGIONS),
        parts=(KMS_KEY, "replicas"),
    ),
]
MoveFromText = Annotated[
    str,
    ThingFormat(
        _RULE,
        "keys.NAME, secrets.NAME.kms_key or the address of a resource",
        pattern=rf"{_SECRETS}|{_KEY}|{PATTERN}",
        examples=("keys.db", "module.db.aws_secretsmanager_secret.this[0]"),
        kinds=(Kind.SECRETS, Kind.KEYS),
        parts=(KMS_KEY,),
        addresses=True,
    ),
]
OwnText = Annotated[
    str,
    ThingFormat(
        _RULE,
        "secrets.NAME, secrets.NAME.kms_key or keys.NAME",
        pattern=rf"{_SECRETS}|{_KEY}",
        examples=("secrets.prod/db", "keys.database"),
        kinds=(Kind.SECRETS, Kind.KEYS),
        parts=(KMS_KEY,),
    ),
]
OfText = Annotated[
    str,
    ThingFormat(
        _RULE,
        "environment, or accounts, keys, regions, secrets or service_secrets with a name",
        pattern=rf"environment|{_SECRETS}|{_KEY}|{_SERVICE}|{_ACCOUNT}|{_REGIONS}",
        examples=("environment", "accounts.partner"),
        kinds=tuple(Kind),
    ),
]


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
