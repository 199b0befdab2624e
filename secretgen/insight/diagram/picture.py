"""What a picture of an environment shows, before anything is drawn."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum

from msgspec import Struct

from secretgen.access.policies import KeyPlace, key_in
from secretgen.insight.plain_text import one_line
from secretgen.model.environment import Environment
from secretgen.model.secret import AWS_MANAGED, Rotation, Secret

_DAY, _DAYS = "daily", "every {} days"
UNGROUPED = "Other secrets"


class KeyKind(StrEnum):
    """What encrypts a secret."""

    SHARED = "shared"
    DEDICATED = "dedicated"
    ELSEWHERE = "elsewhere"
    AWS_MANAGED = "aws-managed"


class KeyContent(Struct, frozen=True, order=True):
    """A key as a picture names it; `title` names it in full."""

    kind: KeyKind
    label: str
    title: str


class Copy(Struct, frozen=True):
    """A secret in a replica Region, and whether its key there belongs to the environment."""

    region: str
    key: KeyContent


class Row(Struct, frozen=True):
    """One secret.

    Args:
        name: its name.
        description: what it is for; may be empty.
        source: where its value comes from.
        rotation: how often it rotates; empty when it does not.
        key: its key in the primary Region.
        copies: its replicas.
        readers: indexes of the lanes that read it.
        writers: indexes of the lanes that write it.
    """

    name: str
    description: str
    source: str
    rotation: str
    key: KeyContent
    copies: tuple[Copy, ...]
    readers: tuple[int, ...]
    writers: tuple[int, ...]

    @property
    def lanes(self) -> tuple[int, ...]:
        """Indexes of all lanes that have to do with it, sorted."""
        return tuple(sorted({*self.readers, *self.writers}))


class Group(Struct, frozen=True):
    """Secrets under one heading; the heading is empty when no secret has one."""

    title: str
    rows: tuple[Row, ...]


class Lane(Struct, frozen=True):
    """A role that reads or writes secrets."""

    account: str
    account_id: str
    role: str


class Picture(Struct, frozen=True):
    """All that a picture shows; texts are one line each and hold nothing unprintable."""

    environment: str
    description: str
    account_id: str
    region: str
    replica_regions: tuple[str, ...]
    keys: int
    groups: tuple[Group, ...]
    lanes: tuple[Lane, ...]

    @property
    def secrets(self) -> int:
        """How many secrets there are."""
        return sum(len(group.rows) for group in self.groups)


def picture(environment: Environment) -> Picture:
    """Chooses what the picture of an environment shows, and in which order."""
    lanes = {
        (account.id, role.name): Lane(
            account.name,
            account.id,
            f"permission set {role.name}" if role.permission_set else role.name,
        )
        for account in environment.accounts
        for role in account.roles
    }
    positions = {role: index for index, role in enumerate(lanes)}
    grouped: dict[str, list[Row]] = defaultdict(list)
    for secret in environment.secrets:
        readers, writers = (
            tuple(sorted(positions[role.account_id, role.role] for role in roles))
            for roles in (secret.readers, secret.writers)
        )
        grouped[one_line(secret.group)].append(_row(environment, secret, readers, writers))
    titles = sorted(grouped, key=lambda title: (not title, title))
    return Picture(
        environment=environment.name,
        description=one_line(environment.description),
        account_id=environment.aws.account_id,
        region=environment.aws.region,
        replica_regions=environment.replica_regions,
        keys=sum(len(key.regions) for key in environment.keys),
        groups=tuple(
            Group(title or (UNGROUPED if len(titles) > 1 else ""), _ordered(grouped[title]))
            for title in titles
        ),
        lanes=tuple(lanes.values()),
    )


def _ordered(rows: list[Row]) -> tuple[Row, ...]:
    """Puts secrets that share a key next to each other."""
    return tuple(sorted(rows, key=lambda r: (r.key.kind is not KeyKind.SHARED, _shared(r), r.name)))


def _shared(row: Row) -> str:
    return row.key.label if row.key.kind is KeyKind.SHARED else ""


def _row(
    environment: Environment, secret: Secret, readers: tuple[int, ...], writers: tuple[int, ...]
) -> Row:
    return Row(
        name=secret.name,
        description=one_line(secret.description),
        source=secret.value.source.value,
        rotation=_rotation(secret.rotation) if secret.rotation else "",
        key=_key(secret, environment.aws.region),
        copies=tuple(Copy(r.region, _key(secret, r.region)) for r in secret.replicas),
        readers=readers,
        writers=writers,
    )


def _rotation(rotation: Rotation) -> str:
    if rotation.every_days:
        return _DAY if rotation.every_days == 1 else _DAYS.format(rotation.every_days)
    return one_line(rotation.schedule or "by its owner")


def _key(secret: Secret, region: str) -> KeyContent:
    key = key_in(secret, region)
    if isinstance(key, KeyPlace):
        kind = KeyKind.DEDICATED if key.dedicated else KeyKind.SHARED
        label = "own key" if key.dedicated else key.name
        return KeyContent(kind, label, f"KMS key {key.name} in {region}")
    if key == AWS_MANAGED:
        return KeyContent(KeyKind.AWS_MANAGED, "AWS-managed", "The AWS-managed key")
    return KeyContent(KeyKind.ELSEWHERE, f"key …{key[-6:]}", key)
