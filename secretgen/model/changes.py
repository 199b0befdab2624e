"""What becomes of things that leave, move or come in, in Terraform's own verbs.

A spec's `changes` names each thing by a `Subject` (`keys.old`, `secrets.prod/x.kms_key`) or, for
what is not the environment's own, by an `Address` of Terraform's.
"""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from secretgen.model.address import Address

KEY = "aws_kms_key"
SECRET = "aws_secretsmanager_secret"  # noqa: S105 -- a type of Terraform's
POLICY = "aws_secretsmanager_secret_policy"
ROTATION = "aws_secretsmanager_secret_rotation"
VERSION = "aws_secretsmanager_secret_version"

KMS_KEY = "kms_key"
_REPLICAS = "replicas."
_REGION = r"[a-z]{2}(?:-[a-z]+)+-[0-9]+"
_PART = rf"(?:\.(?P<part>{KMS_KEY}|replicas\.{_REGION}))?"
_SECRET = re.compile(
    rf'secrets(?:\["(?P<quoted>[0-9A-Za-z/_+=.@-]+)"\]|\.(?P<name>[0-9A-Za-z/_+=.@-]+?)){_PART}'
)
_OTHER = re.compile(
    r"(?P<kind>keys|service_secrets|accounts)\.(?P<name>[A-Za-z0-9][A-Za-z0-9_-]*)"
    rf"(?:\.(?P<part>replicas\.{_REGION}))?"
    rf"|(?P<region>regions)\.(?P<place>{_REGION})"
)


class Kind(StrEnum):
    """What a subject is, by the key of the spec that holds it."""

    ENVIRONMENT = "environment"
    ACCOUNTS = "accounts"
    KEYS = "keys"
    REGIONS = "regions"
    SECRETS = "secrets"
    SERVICE_SECRETS = "service_secrets"


class Subject(Struct, frozen=True):
    """One thing of an environment, which may have left it.

    Args:
        kind: what it is.
        name: its name in the spec; empty for the environment itself.
        part: `kms_key` for the key of a secret's own, `replicas.<region>` for a replica, or for
            a shared key in a replica Region; None for the whole.
    """

    kind: Kind
    name: str = ""
    part: str | None = None

    def __str__(self) -> str:
        """Returns the words of the spec, which `parse_subject` reads back as this subject."""
        if self.kind is Kind.ENVIRONMENT:
            return self.kind.value
        plain = f"{self.kind.value}.{self.name}"
        if self.kind is Kind.SECRETS and parse_subject(plain) != Subject(self.kind, self.name):
            plain = f'{self.kind.value}["{self.name}"]'
        return f"{plain}.{self.part}" if self.part else plain

    @property
    def region(self) -> str | None:
        """The Region that it is about: of a replica, or the Region itself."""
        if self.kind is Kind.REGIONS:
            return self.name
        if self.part and self.part.startswith(_REPLICAS):
            return self.part.removeprefix(_REPLICAS)
        return None

    @property
    def is_key(self) -> bool:
        """Whether it is a KMS key: a shared one, or the key of a secret's own."""
        return self.kind is Kind.KEYS or self.part == KMS_KEY

    @property
    def whole(self) -> Subject:
        """The thing that it is a part of, or itself."""
        return Subject(self.kind, self.name)

    def covers(self, other: Subject) -> bool:
        """Returns whether what is said of this is said of another subject: itself, or a part."""
        return self in (other, other.whole)


def secret(name: str) -> Subject:
    """Names a secret."""
    return Subject(Kind.SECRETS, name)


def own_key(name: str) -> Subject:
    """Names the key of a secret's own."""
    return Subject(Kind.SECRETS, name, KMS_KEY)


def replica(name: str, region: str) -> Subject:
    """Names a replica of a secret."""
    return Subject(Kind.SECRETS, name, _REPLICAS + region)


def shared_key(name: str) -> Subject:
    """Names a shared key."""
    return Subject(Kind.KEYS, name)


def key_of(name: str, *, dedicated: bool) -> Subject:
    """Names the key of a secret's own, or a shared key."""
    return own_key(name) if dedicated else shared_key(name)


def key_part(name: str, region: str) -> Subject:
    """Names a shared key in a replica Region."""
    return Subject(Kind.KEYS, name, _REPLICAS + region)


def parse_subject(text: str) -> Subject | None:
    """Reads a subject: `environment`, `keys.x`, `secrets.a/b`, `secrets.a/b.kms_key`.

    Names of secrets may hold dots. An ending `.kms_key` or `.replicas.<region>` is always a part;
    a secret whose name itself ends so is written in brackets: `secrets["a/b.kms_key"]`.

    Returns:
        The subject; None for any other text.
    """
    if text == Kind.ENVIRONMENT.value:
        return Subject(Kind.ENVIRONMENT)
    match = _SECRET.fullmatch(text)
    if match:
        return Subject(Kind.SECRETS, match["quoted"] or match["name"], match["part"])
    match = _OTHER.fullmatch(text)
    if match:
        kind, name = Kind(match["kind"] or match["region"]), match["name"] or match["place"]
        has_part = match["part"] is None or kind is Kind.KEYS
        return Subject(kind, name, match["part"]) if has_part else None
    return None


def parse_thing(text: str) -> Subject | Address | None:
    """Reads a subject, or the address of something in the state.

    Returns:
        What it names; None for a text that is neither.
    """
    return parse_subject(text) or Address.parse(text)


class Move(Struct, frozen=True):
    """What was known under one address is known under another from now on (`moved`).

    Args:
        source: what it was: a key, or an address that is not the environment's own.
        to: what it is: a secret or a key of the environment.
    """

    source: Subject | Address
    to: Subject

    @property
    def name(self) -> str:
        """What the entry is about."""
        return str(self.source)


class Forget(Struct, frozen=True):
    """Leaves the state and stays in AWS (`removed`)."""

    what: Subject | Address

    @property
    def name(self) -> str:
        """What the entry is about."""
        return str(self.what)


class Destroy(Struct, frozen=True):
    """Is destroyed: Terraform does so with what is not declared, the entry is the permission."""

    what: Subject

    @property
    def name(self) -> str:
        """What the entry is about."""
        return str(self.what)


class Import(Struct, frozen=True):
    """Comes into the state (`import`).

    Args:
        to: the secret or key of the environment that it becomes.
        id: ARN of the secret, or id of the key.
        region: the replica Region of a key; None for the primary Region.
        policy: whether the secret's resource policy is imported as well.
        rotation: whether its rotation is imported as well.
    """

    to: Subject
    id: str
    region: str | None = None
    policy: bool = False
    rotation: bool = False

    @property
    def name(self) -> str:
        """What the entry is about."""
        return f"{self.to}.replicas.{self.region}" if self.region else str(self.to)


class Changes(Struct, frozen=True):
    """All entries of `changes`, by verb, each sorted by what it is about."""

    moves: tuple[Move, ...] = ()
    forgets: tuple[Forget, ...] = ()
    destroys: tuple[Destroy, ...] = ()
    imports: tuple[Import, ...] = ()

    @property
    def regions(self) -> frozenset[str]:
        """Regions in which something is destroyed, so that they keep their provider."""
        return frozenset(r for destroy in self.destroys if (r := destroy.what.region))

    def forgotten(self, thing: Subject | Address) -> bool:
        """Returns whether a thing leaves the state and stays in AWS; an address for all instances.

        The address of a module is that of everything in it.
        """
        if isinstance(thing, Subject):
            return any(isinstance(f.what, Subject) and f.what.covers(thing) for f in self.forgets)
        named = (f.what.without_instances for f in self.forgets if isinstance(f.what, Address))
        return any(f"{thing.without_instances}.".startswith(f"{address}.") for address in named)

    def destroyed(self, subject: Subject) -> bool:
        """Returns whether a thing may be destroyed: by its own entry, or with its Region.

        A `forget` wins over the `destroy` of a Region.
        """
        if any(d.what.covers(subject) for d in self.destroys):
            return True
        region = Subject(Kind.REGIONS, subject.region) if subject.region else None
        return not self.forgotten(subject) and any(d.what == region for d in self.destroys)

    def names_of(self, subject: Subject) -> tuple[Subject, ...]:
        """Returns what a key is called after each of its moves, in their order."""
        targets = {move.source: move.to for move in self.moves}
        found = [subject]
        while (to := targets.get(found[-1])) is not None and to not in found:
            found.append(to)
        return tuple(found[1:])

    def moved_to(self, subject: Subject) -> Subject | None:
        """Returns what a key is called now; None when it was not moved. Follows chains."""
        return next(reversed(self.names_of(subject)), None)


NO_CHANGES = Changes()
"""Nothing leaves, moves or comes in."""
