"""What becomes of the old addresses in a Terraform state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from secretgen.live.state import State, StateResource
from secretgen.model.address import Address
from secretgen.model.changes import KEY, POLICY, ROTATION, SECRET, VERSION, shared_key
from secretgen.model.changes import secret as secret_subject
from secretgen.usecases.importing.import_options import StateOf
from secretgen.usecases.importing.spec_entries import Candidate, Entry

_PASSWORD = "random_password"  # noqa: S105 -- a type of Terraform's
_RELATED = ("aws_secretsmanager_", "aws_kms_", "random_")
"""Types that go with secrets: nothing else of a state may be forgotten with them."""

_MOVING = frozenset({SECRET, POLICY, ROTATION, KEY})
"""Types that become resources of an environment; a version never does."""

_LAYOUTS = {
    "terraform-aws-modules/secrets-manager": {(SECRET, "this"), (POLICY, "this"),
                                              (VERSION, "this"), (VERSION, "ignore_changes"),
                                              (ROTATION, "this"), (_PASSWORD, "this")},
    "lgallard/secrets-manager": {(SECRET, "sm"), (VERSION, "sm-sv"), (VERSION, "sm-svu"),
                                 (SECRET, "rsm"), (VERSION, "rsm-sv"), (VERSION, "rsm-svu"),
                                 (ROTATION, "rsm-sr")},
}  # fmt: skip
"""The managed resources of each module, as its source has them."""

_INSTANCE = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]')


class Takeover(Struct, frozen=True):
    """What becomes of a state.

    Args:
        state: whether the environment has that state, or another one.
        changes: entries of `changes`: what moves, and what is forgotten.
        moved: addresses that move, or are imported elsewhere.
        forgotten: addresses that leave the state and stay in AWS.
        removed: for another state: addresses for `removed` blocks in the old configuration.
        commands: for another state: addresses that only `terraform state rm` takes out, as other
            instances of the same resource stay.
        unrelated: addresses that have nothing to do with secrets.
        layouts: the modules that were recognised.
    """

    state: StateOf
    changes: tuple[Entry, ...] = ()
    moved: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    unrelated: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()

    def moves(self, imported: Entry) -> bool:
        """Returns whether something comes from the same state, so that it is not imported."""
        targets = [
            move["to"] for entry in self.changes if isinstance(move := entry.get("move"), Mapping)
        ]
        what = imported["import"]
        return self.state == "same" and isinstance(what, Mapping) and what["to"] in targets


def takeover(
    state: State, candidates: Iterable[Candidate], keys: Mapping[str, str], wanted: StateOf | None
) -> Takeover:
    """Returns what becomes of the resources of a state.

    Args:
        state: the state.
        candidates: the secrets that come in.
        keys: names of the keys that come in, by ARN.
        wanted: which state the environment has; None for this one unless something else is in it.
    """
    targets: dict[str, str] = {c.secret.arn: str(secret_subject(c.name)) for c in candidates}
    targets |= {arn: str(shared_key(name)) for arn, name in keys.items()}
    unmanaged = {c.secret.arn for c in candidates if c.unmanaged}
    unrelated = _unrelated(state)
    layouts = tuple(sorted(_layouts(state.resources)))
    if _kind(state, wanted) == "other":
        removed, commands = _taken_out(state.resources, targets)
        return Takeover(
            "other", removed=removed, commands=commands, unrelated=unrelated, layouts=layouts
        )
    moves = [r for r in state.resources if _moves(r, targets, unmanaged)]
    moving = {r.address for r in moves}
    leaving = _bases(r for r in state.resources if r.address not in moving)
    changes: list[Entry] = [{"move": {"from": r.address, "to": targets[r.arn]}} for r in moves]
    changes += [{"forget": address} for address in leaving]
    return Takeover(
        "same",
        tuple(changes),
        moved=tuple(sorted(moving)),
        forgotten=tuple(leaving),
        unrelated=unrelated,
        layouts=layouts,
    )


def immovable_secrets(state: State, wanted: StateOf | None) -> dict[str, str]:
    """Finds secrets whose address a spec cannot hold, so that they cannot move by it.

    Args:
        state: the state.
        wanted: which state the environment has, as for `takeover`.

    Returns:
        The addresses, by ARN of the secret; none where they are imported and not moved.
    """
    if _kind(state, wanted) == "other":
        return {}
    return {
        r.arn: r.address
        for r in state.resources
        if r.type in _MOVING and r.arn and not Address.parse(r.address)
    }


def _kind(state: State, wanted: StateOf | None) -> StateOf:
    return wanted or ("other" if _unrelated(state) else "same")


def _unrelated(state: State) -> tuple[str, ...]:
    return tuple(r.address for r in state.resources if not r.type.startswith(_RELATED))


def _moves(resource: StateResource, targets: Mapping[str, str], unmanaged: set[str]) -> bool:
    """Returns whether a resource becomes one of the environment; a version never does."""
    if resource.type == POLICY and resource.arn in unmanaged:
        return False
    return resource.type in _MOVING and resource.arn in targets


def _bases(resources: Iterable[StateResource]) -> list[str]:
    """Returns addresses, of all instances of a resource that one only: `removed` is about all."""
    first: dict[str, str] = {}
    for resource in resources:
        base = _base(resource)
        first.setdefault(base, resource.address if Address.parse(resource.address) else base)
    return sorted(first.values())


def _taken_out(
    resources: Iterable[StateResource], targets: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns addresses for `removed` blocks, and those for `terraform state rm`."""
    groups: dict[str, list[StateResource]] = {}
    for resource in resources:
        groups.setdefault(_base(resource), []).append(resource)
    removed, commands = [], []
    for base, group in sorted(groups.items()):
        leaving = [r.address for r in group if r.arn in targets]
        if leaving and len(leaving) == len(group):
            removed.append(base)
        else:
            commands += leaving
    return tuple(removed), tuple(commands)


def _base(resource: StateResource) -> str:
    """Returns the address of all instances of a resource, whatever text an instance has."""
    return _INSTANCE.sub("", resource.address)


def _layouts(resources: Iterable[StateResource]) -> Iterator[str]:
    """Yields the modules all of whose resources, and no other, some module of a state has."""
    modules: dict[str, set[tuple[str, str]]] = {}
    for resource in resources:
        module, _, name = _base(resource).rpartition(".")
        path = module.rpartition(".")[0]
        if path:
            modules.setdefault(path, set()).add((resource.type, name))
    for layout, names in _LAYOUTS.items():
        if any(SECRET in {kind for kind, _ in own} and own <= names for own in modules.values()):
            yield layout
