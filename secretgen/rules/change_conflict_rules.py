"""Rules about the entries of `changes` together, and about moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from secretgen.diagnostics import Path
from secretgen.model.address import Address
from secretgen.model.changes import KEY, POLICY, ROTATION, SECRET, VERSION, Kind, Subject
from secretgen.rules.change_rules import SOURCE, leaving, never_rotates
from secretgen.rules.finding import Finding, Findings
from secretgen.rules.rule import ERROR, rule
from secretgen.rules.rule_context import Context
from secretgen.spec.change_schema import ChangeSpec
from secretgen.spec.resolve_changes import subject, thing


@rule(
    "SG484",
    ERROR,
    "Conflicting entries in changes",
    why="""
        An object cannot be both forgotten and destroyed, or come to two places. An entry about a
        secret also applies to its own key and its replicas. Only `destroy` of a Region can be
        combined with a `forget` of something in it: the `forget` takes precedence.
    """,
    source=SOURCE,
    example="""
         changes:
           - forget: secrets.app/old
        -  - destroy: secrets.app/old.kms_key
    """,
)
def _twice(context: Context) -> Findings:
    seen: dict[Subject | Address, dict[tuple[str, Subject | Address], int]] = {}
    for path, verb, what in leaving(context):
        whole = what.whole if isinstance(what, Subject) else what
        of_whole = seen.setdefault(whole, {})
        for (other_verb, other), entry in of_whole.items():
            if _overlap(what, other) and not verb == other_verb == "destroy":
                summary = f"entry {entry} of 'changes' already has {other_verb!r} for {what}"
                yield Finding(path, summary, "Keep one of the two entries.")
                break
        of_whole.setdefault((verb, what), int(path[1]) + 1)
    for new, earlier in _duplicate_targets(context):
        if new.verb == "import" or earlier.verb == "import":
            summary = (
                f"{new.what} is already imported or moved by entry {earlier.entry + 1} of 'changes'"
            )
            yield Finding(new.path, summary, "Keep one of the two entries.")
    yield from _key_imported_twice(context)


def _key_imported_twice(context: Context) -> Findings:
    """Finds keys that Terraform would manage twice: each policy would replace the other."""
    seen: dict[str, tuple[int, Subject]] = {}
    for i, entry in enumerate(context.spec.changes):
        if (given := entry.import_) and (to := subject(given.to)).is_key:
            earlier, other = seen.setdefault(given.id, (i, to))
            if other != to:
                summary = f"entry {earlier + 1} of 'changes' already imports this key to {other}"
                detail = f"Keep one of the two entries, and use {other} in 'kms_key'."
                yield Finding(("changes", i, "import", "id"), summary, detail)


def _overlap(one: Subject | Address, other: Subject | Address) -> bool:
    if isinstance(one, Subject) and isinstance(other, Subject):
        return one.covers(other) or other.covers(one)
    return one == other


@rule(
    "SG485",
    ERROR,
    "Ambiguous or circular moves",
    why="""
        Terraform refuses two `moved` blocks with the same target, and circular moves. A chain is
        allowed: `keys.a` to `keys.b`, and later `keys.b` to `keys.c`.
    """,
    source="https://developer.hashicorp.com/terraform/language/block/moved",
    example="""
         keys: { database: {} }
         secrets: { app/key: { kms_key: database } }
         changes:
           - move: { from: keys.db, to: keys.database }
        -  - move: { from: keys.sql, to: keys.database }
        +  - destroy: keys.sql
    """,
)
def _ambiguous(context: Context) -> Findings:
    for one, other in _duplicate_targets(context):
        if one.verb == other.verb == "move":
            summary = f"entry {other.entry + 1} of 'changes' already moves something to {one.what}"
            yield Finding(one.path, summary, "Keep one of the two moves.")
    targets = {thing(m.from_): subject(m.to) for e in context.spec.changes if (m := e.move)}
    circular = _in_circles(targets)
    for i, entry in enumerate(context.spec.changes):
        if entry.move and thing(entry.move.from_) in circular:
            detail = "Keep the moves whose target is in the spec."
            yield Finding(("changes", i, "move"), "these moves are circular", detail)


def _in_circles(targets: Mapping[Subject | Address, Subject]) -> set[Subject | Address]:
    """Returns the things from which moves lead back to them."""
    found: set[Subject | Address] = set()
    seen: set[Subject | Address] = set()
    for start in targets:
        at: Subject | Address = start
        way: list[Subject | Address] = []
        while at in targets and at not in seen:
            seen.add(at)
            way.append(at)
            at = targets[at]
        if at in way:
            found.update(way[way.index(at) :])
    return found


class _Target(Struct, frozen=True):
    """A resource that an entry brings in.

    Args:
        entry: index of the entry.
        verb: its verb.
        what: the secret or key.
        type: type of the resource.
        region: its Region; the primary one stands for all in which a key moves.
    """

    entry: int
    verb: str
    what: Subject
    type: str
    region: str

    @property
    def path(self) -> Path:
        """Where the entry names what it brings in."""
        return ("changes", self.entry, self.verb, "to")

    @property
    def resource(self) -> tuple[Subject, str, str]:
        """What it is, the same for two entries about one resource."""
        return self.what, self.type, self.region


def _duplicate_targets(context: Context) -> Iterator[tuple[_Target, _Target]]:
    """Yields each resource that an earlier entry brings in already, with that."""
    seen: dict[tuple[Subject, str, str], _Target] = {}
    for i, entry in enumerate(context.spec.changes):
        coming = list(_targets(i, entry, context.spec.aws.region))
        for one in coming:
            earlier = seen.get(one.resource)
            if earlier:
                yield one, earlier
                break
        for one in coming:
            seen.setdefault(one.resource, one)


def _targets(i: int, entry: ChangeSpec, primary: str) -> Iterator[_Target]:
    if entry.move:
        source, to = thing(entry.move.from_), subject(entry.move.to)
        if isinstance(source, Address):
            yield _Target(i, "move", to, source.resource_type or "", primary)
        elif source.is_key and to.is_key:
            yield _Target(i, "move", to, KEY, primary)
    if entry.import_:
        to = subject(entry.import_.to)
        flags = {
            KEY if to.is_key else SECRET: True,
            POLICY: entry.import_.policy,
            ROTATION: entry.import_.rotation,
        }
        for kind, is_given in flags.items():
            if is_given:
                yield _Target(i, "import", to, kind, entry.import_.region or primary)


_MOVABLE = {
    SECRET: Kind.SECRETS,
    POLICY: Kind.SECRETS,
    ROTATION: Kind.SECRETS,
    KEY: Kind.KEYS,
}
"""Types of resources that can be taken over from another address, and what they become."""


_RENAME = (
    "Add the new secret, copy the value, switch its readers, then `forget` or `destroy` "
    "the old one."
)


@rule(
    "SG487",
    ERROR,
    "Move that is not possible",
    why="""
        AWS cannot rename a secret, so Terraform would replace it. A key can be moved to another
        name. A secret, its policy and its rotation can be moved from another address of the state
        to a secret of the spec, and a key to a key. A version cannot be moved, because Terraform
        would then write its value again: use `forget`.
    """,
    source="https://developer.hashicorp.com/terraform/language/block/moved",
    example="""
         secrets: { app/new: {} }
         changes:
        -  - move: { from: module.db.aws_secretsmanager_secret_version.this, to: secrets.app/new }
        +  - move: { from: module.db.aws_secretsmanager_secret.this, to: secrets.app/new }
        +  - forget: module.db.aws_secretsmanager_secret_version.this
    """,
)
def _impossible(context: Context) -> Findings:
    for i, entry in enumerate(context.spec.changes):
        if entry.move:
            source, to = thing(entry.move.from_), subject(entry.move.to)
            flaw = _flaw(context, source, to)
            if flaw:
                yield Finding(("changes", i, "move", "from"), *flaw)


def _flaw(context: Context, source: Subject | Address, to: Subject) -> tuple[str, str] | None:
    """Returns what is wrong with a move: a summary and a detail; None for nothing."""
    if isinstance(source, Address):
        return _flaw_of_address(context, source, to)
    if not source.is_key:
        return f"AWS cannot rename {source}", _RENAME
    if not to.is_key:
        return f"{source} is a key and {to} is not", "Name a key, such as keys.NAME."
    return None


def _flaw_of_address(context: Context, source: Address, to: Subject) -> tuple[str, str] | None:
    found, kind = source.resource_type, Kind.KEYS if to.is_key else to.kind
    if found == VERSION:
        return "a version of a secret cannot be moved", f"Write `forget: {source}`."
    if found is None or _MOVABLE.get(found) is not kind:
        types = ", ".join(t for t, k in _MOVABLE.items() if k is kind)
        return f"{source} cannot become {to}", f"Name a resource of type {types}."
    if found == ROTATION and never_rotates(context, to):
        return f"{to} does not rotate in the spec", "Add its rotation, or forget this address."
    return None
