"""Views of the blocks for what moves, leaves the state or comes in."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from secretgen.hcl.encode import Index, Reference, reference
from secretgen.model.address import Address, Step
from secretgen.model.changes import (
    KEY,
    POLICY,
    ROTATION,
    SECRET,
    Forget,
    Import,
    Kind,
    Move,
    Subject,
    own_key,
)
from secretgen.model.effective import forgotten_key_parts
from secretgen.model.environment import Environment
from secretgen.model.names import (
    key_module,
    rotation_module,
    secret_module,
    service_secret_rotation,
)


class MovedView(Struct, frozen=True):
    """A `moved` block."""

    source: Reference
    to: Reference


class ImportView(Struct, frozen=True):
    """An `import` block."""

    to: Reference
    id: str


class ChangeView(Struct, frozen=True):
    """The blocks of one entry of `changes`.

    Args:
        comment: what they do, in words.
        moved: `moved` blocks.
        removed: addresses of `removed` blocks.
        imports: `import` blocks.
    """

    comment: str
    moved: tuple[MovedView, ...] = ()
    removed: tuple[Reference, ...] = ()
    imports: tuple[ImportView, ...] = ()


def change_views(environment: Environment) -> list[ChangeView]:
    """Makes the views of all entries that Terraform has blocks for."""
    changes = environment.changes
    return [
        *(_move(environment, entry) for entry in changes.moves),
        *(_forget(environment, entry) for entry in changes.forgets),
        *(_kept(part) for part in forgotten_key_parts(environment)),
        *(_import(entry) for entry in changes.imports),
    ]


def _move(environment: Environment, move: Move) -> ChangeView:
    source, to = move.source, move.to
    comment = f"{source} becomes {to}."
    if isinstance(source, Address):
        kind = source.resource_type or ""
        target = _own(to, kind)
        return ChangeView(comment, moved=(MovedView(_address(source), target),))
    regions = _regions_of_key(environment, environment.changes.moved_to(source) or to)
    blocks = (
        MovedView(_module(_key(source, region)), _module(_key(to, region)))
        for region in (None, *regions)
    )
    return ChangeView(comment, moved=tuple(blocks))


def _regions_of_key(environment: Environment, subject: Subject) -> list[str]:
    """Lists the Regions but the primary in which a key of the environment is."""
    dedicated = subject.kind is Kind.SECRETS
    keys = (k for k in environment.keys if (k.name, k.dedicated) == (subject.name, dedicated))
    return [regional.region for key in keys for regional in key.regions[1:]]


def _forget(environment: Environment, forget: Forget) -> ChangeView:
    what = forget.what
    if isinstance(what, Address):
        comment = f"{what} leaves the state and stays in AWS."
        return ChangeView(comment, removed=(_address(what.without_instances),))
    if what.kind is Kind.SERVICE_SECRETS:
        comment = f"The rotation of {what} leaves the state and stays on."
        return ChangeView(comment, removed=(_address(Address(service_secret_rotation(what.name))),))
    key = what if what.is_key else own_key(what.name)
    modules = [_key(key, region) for region in (None, *environment.other_regions)]
    comment = f"{what} leaves the state and stays in AWS."
    if not what.is_key:
        comment = f"{what}, with all that is its own, leaves the state and stays in AWS."
        modules = [secret_module(what.name), rotation_module(what.name), *modules]
    return ChangeView(comment, removed=tuple(map(_module, modules)))


def _kept(part: Subject) -> ChangeView:
    comment = f"{part} leaves the state and stays in AWS: a forgotten secret may need it there."
    return ChangeView(comment, removed=(_module(_key(part, part.region)),))


def _import(entry: Import) -> ChangeView:
    to = entry.to
    types = [KEY] if to.is_key else [SECRET]
    types += [POLICY] * entry.policy + [ROTATION] * entry.rotation
    where = f" in {entry.region}" if entry.region else ""
    imports = tuple(ImportView(_own(to, kind, entry.region), entry.id) for kind in types)
    return ChangeView(f"{to}{where} is imported into the state as it is in AWS.", imports=imports)


def _key(subject: Subject, region: str | None) -> str:
    dedicated = subject.kind is Kind.SECRETS
    return key_module(subject.name, dedicated=dedicated, region=region)


def _own(subject: Subject, kind: str, region: str | None = None) -> Reference:
    """Address of a resource of a secret or key of the environment."""
    module = _key(subject, region) if subject.is_key else secret_module(subject.name)
    return reference("module", module, kind, "this")


def _module(label: str) -> Reference:
    return reference("module", label)


def _address(address: Address) -> Reference:
    return reference(*(part for step in address.steps for part in _parts(step)))


def _parts(step: Step) -> Iterator[str | int]:
    yield from (step.type, step.name)
    if isinstance(step.instance, int):
        yield step.instance
    elif step.instance is not None:
        yield Index(step.instance)
