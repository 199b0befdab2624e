"""What moves, leaves the state or comes in, from the `moved`, `removed` and `import` blocks.

Names of what has left are those that its label tells; `effective` names it in the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from secretgen.hcl.hcl_nodes import Block, Index
from secretgen.model.address import Address, Step
from secretgen.model.changes import (
    KEY,
    KMS_KEY,
    POLICY,
    ROTATION,
    SECRET,
    Changes,
    Destroy,
    Forget,
    Import,
    Kind,
    Move,
    Subject,
    key_part,
)
from secretgen.model.compare import BLOCK, Path
from secretgen.model.environment import Key
from secretgen.model.names import label, name_of, provider_alias
from secretgen.readback.block_fields import Fields
from secretgen.readback.module_labels import OWN_KEY, SHARED_KEY, ModuleLabel, module_label
from secretgen.readback.read_root import Root
from secretgen.readback.read_values import Parts, reference, text

_OF_SECRETS = (SECRET, POLICY, ROTATION)
_RESOURCE = 4  # parts of `module.<label>.<type>.this`


def read_changes(
    root: Root,
    secrets: Iterable[str],
    keys: Sequence[Key],
    regions: Iterable[str],
    left: Iterable[str],
) -> Changes:
    """Reads all entries.

    Args:
        root: the environment's root module.
        secrets: names of its secrets.
        keys: its keys.
        regions: its Regions but the primary.
        left: those of them in which it has nothing.
    """
    reader = _Reader(root, secrets, keys, regions)
    return Changes(
        moves=tuple(sorted(reader.moves(), key=lambda move: move.name)),
        forgets=tuple(sorted(reader.forgets(), key=lambda forget: forget.name)),
        destroys=tuple(Destroy(Subject(Kind.REGIONS, region)) for region in sorted(left)),
        imports=tuple(sorted(reader.imports(), key=lambda entry: entry.name)),
    )


class _Reader:
    """Reads the blocks of one root module."""

    def __init__(
        self, root: Root, secrets: Iterable[str], keys: Sequence[Key], regions: Iterable[str]
    ) -> None:
        self._root = root
        self._names = {
            Kind.SECRETS: {label(name): name for name in secrets},
            Kind.KEYS: {label(key.name): key.name for key in keys if not key.dedicated},
        }
        self._regions = {provider_alias(region): region for region in regions}
        self._replicas = {
            (key.dedicated, key.name): {provider_alias(str(r.region)) for r in key.regions[1:]}
            for key in keys
        }

    def forgets(self) -> Iterator[Forget]:
        """Reads the `removed` blocks: several stand for one thing."""
        found: dict[Parts, Block] = {}
        for block in self._root.blocks("removed"):
            parts = _reference(block, "from")
            if _address(parts) is None or parts in found:
                self._stray(block)
            else:
                found[parts] = block
        for kind in ("secret", SHARED_KEY, OWN_KEY):
            for parts in [p for p in found if (own := module_label(p)) and own.kind == kind]:
                own = module_label(parts)
                if own and own.alias is None and parts in found:
                    yield self._forget(own, found)
        for parts, block in found.items():
            what = self._part(module_label(parts)) or _address(parts)
            if what:
                self._check_removed(block, ("changes", "forget", str(what)))
                yield Forget(what)

    def _part(self, own: ModuleLabel | None) -> Subject | None:
        """Returns the shared key in one replica Region that a label names; None for others."""
        if own is None or own.kind != SHARED_KEY or own.alias is None:
            return None
        return key_part(self._subject(own).name, self._region(own.alias))

    def _region(self, alias: str) -> str:
        return self._regions.get(alias, alias.replace("_", "-"))

    def _forget(self, own: ModuleLabel, found: dict[Parts, Block]) -> Forget:
        is_secret = own.kind == "secret"
        key = OWN_KEY if is_secret else own.kind
        labels = [ModuleLabel(key, alias, own.name) for alias in (None, *self._regions)]
        if is_secret:
            labels += [own, ModuleLabel("rotation", None, own.name)]
        what = self._subject(own)
        path = ("changes", "forget", str(what))
        for name in map(str, labels):
            block = found.pop(("module", name), None)
            if block:
                self._check_removed(block, path)
            else:
                self._root.notes.add_unexpected((*path, name), BLOCK, None)
        return Forget(what)

    def _check_removed(self, block: Block, path: Path) -> None:
        fields = self._fields(block, path)
        fields.take("from", "from")
        fields.expect_block("lifecycle", "destroy", expected=False)
        fields.finish()

    def moves(self) -> Iterator[Move]:
        """Reads the `moved` blocks: of a key there is one in each of its Regions."""
        keys: dict[Move, dict[str | None, Block]] = defaultdict(dict)
        for block in self._root.blocks("moved"):
            source, to = _reference(block, "from"), _reference(block, "to")
            move, alias = self._move(source, to)
            if move is None or (isinstance(move.source, Subject) and alias in keys[move]):
                self._stray(block)
                continue
            fields = self._fields(block, ("changes", "move", move.name))
            fields.take("from", "from")
            fields.take("to", "to")
            fields.finish()
            if isinstance(move.source, Subject):
                keys[move][alias] = block
            else:
                yield move
        ends = Changes(moves=tuple(keys))
        for move, blocks in keys.items():
            if blocks:
                self._check_regions(move, blocks, ends)
                yield move

    def _move(self, source: Parts, to: Parts) -> tuple[Move | None, str | None]:
        """Returns the entry that a block is part of, and the provider alias of its Region."""
        old, new = module_label(source), module_label(to)
        if old and new and old.is_key and new.is_key and old.alias == new.alias:
            return Move(self._subject(old), self._subject(new)), old.alias
        own = module_label(to[:2]) if len(to) == _RESOURCE else None
        address = _address(source)
        if address and own and own.alias is None and _may_be(own, to):
            return Move(address, self._subject(own)), None
        return None, None

    def _check_regions(self, move: Move, blocks: Mapping[str | None, Block], ends: Changes) -> None:
        """Holds the blocks of a key that moves against the Regions in which it is in the end."""
        end = ends.moved_to(move.source) if isinstance(move.source, Subject) else None
        to = end or move.to
        aliases = self._replicas.get((to.kind is Kind.SECRETS, to.name), set())
        path = ("changes", "move", move.name)
        for alias in sorted({"", *aliases} - {alias or "" for alias in blocks}):
            self._root.notes.add_unexpected((*path, alias or "primary"), BLOCK, None)
        for extra in sorted({alias for alias in blocks if alias} - aliases):
            self._root.notes.add_unexpected((*path, extra), None, BLOCK, blocks[extra].span)

    def imports(self) -> Iterator[Import]:
        """Reads the `import` blocks: of a secret there are up to three."""
        found: dict[tuple[Subject, str | None], dict[str, Block]] = defaultdict(dict)
        for block in self._root.blocks("import"):
            to = _reference(block, "to")
            own = module_label(to[:2]) if len(to) == _RESOURCE else None
            place = (self._subject(own), own.alias) if own else None
            if not own or not place or not _may_be(own, to) or to[2] in found[place]:
                self._stray(block)
            else:
                found[place][str(to[2])] = block
        for (to_, alias), blocks in found.items():
            main = blocks.get(KEY if to_.is_key else SECRET)
            if main is None:
                for block in blocks.values():
                    self._stray(block)
                continue
            region = self._region(alias) if alias else None
            entry = Import(to_, "", region, POLICY in blocks, ROTATION in blocks)
            yield self._import(entry, main, blocks)

    def _import(self, entry: Import, main: Block, blocks: Mapping[str, Block]) -> Import:
        path = ("changes", "import", entry.name)
        fields = self._fields(main, path)
        fields.take("to", "to")
        id_ = fields.get("id", text)
        fields.finish()
        for kind, option in ((POLICY, "policy"), (ROTATION, "rotation")):
            if kind in blocks:
                other = self._fields(blocks[kind], (*path, option))
                other.take("to", "to")
                other.expect("id", id_)
                other.finish()
        return Import(entry.to, id_, entry.region, entry.policy, entry.rotation)

    def _subject(self, own: ModuleLabel) -> Subject:
        kind = Kind.KEYS if own.kind == SHARED_KEY else Kind.SECRETS
        name = self._names[kind].get(own.name) or name_of(own.name) or own.name
        return Subject(kind, name, KMS_KEY if own.kind == OWN_KEY else None)

    def _fields(self, block: Block, path: Path) -> Fields:
        self._root.notes.place(path, block.span)
        return Fields(block.body, block.span, path, self._root.notes)

    def _stray(self, block: Block) -> None:
        path = self._root.path_of((block.type,))
        self._root.notes.add_unexpected(path, None, BLOCK, block.span)


def _reference(block: Block, argument: str) -> Parts:
    """Returns the parts of a reference in a block; nothing where there is none."""
    values = (a.value for a in block.body.attributes if a.name == argument)
    return reference(next(values, None))


def _may_be(own: ModuleLabel, to: Parts) -> bool:
    """Returns whether a module holds a resource of the type that an address of it names."""
    types = (KEY,) if own.is_key else _OF_SECRETS if own.kind == "secret" else ()
    return to[2] in types and to[3] == "this"


def _address(parts: Parts) -> Address | None:
    """Makes an address of the parts of a reference; None if they are none."""
    steps = []
    rest = list(parts)
    while rest:
        if len(rest) == 1 or any(isinstance(part, int | Index) for part in rest[:2]):
            return None
        kind, name = str(rest.pop(0)), str(rest.pop(0))
        instance = rest.pop(0) if rest and isinstance(rest[0], int | Index) else None
        steps.append(Step(kind, name, instance))
    return Address.parse(str(Address.of(tuple(steps)))) if steps else None
