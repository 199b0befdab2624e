"""One root module, block by block: Terraform reads all files of a folder as if they were one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from secretgen.hcl.hcl_nodes import Attribute, Block, Body, Literal, Value
from secretgen.model.compare import BLOCK, Path
from secretgen.model.secret import ResourcePolicy
from secretgen.readback.block_fields import Fields, Notes
from secretgen.readback.read_values import to_plain

Address = tuple[str, ...]
"""Type and labels of a block."""


class Root:
    """The top-level blocks of a folder, each to be taken once: what is left was not expected.

    Args:
        bodies: its files.
        path: where its blocks belong that are no part of the environment by themselves.
        notes: where to take notes.
    """

    def __init__(self, bodies: Iterable[Body], path: Path, notes: Notes) -> None:
        self.notes = notes
        self.path = path
        self._blocks: dict[Address, list[Block]] = {}
        self._taken: dict[Address, Path] = {}
        for body in bodies:
            for attribute in body.attributes:
                place = (*path, attribute.name)
                notes.add_unexpected(place, None, to_plain(attribute.value), attribute.span)
            for block in body.blocks:
                self._blocks.setdefault((block.type, *block.labels), []).append(block)

    def path_of(self, address: Address) -> Path:
        """Returns the path of a block that is no part of the environment by itself."""
        return (*self.path, ".".join(address))

    def addresses(self, *beginning: str) -> list[Address]:
        """Lists the addresses that begin like this and are not taken yet."""
        return [a for a in self._blocks if a[: len(beginning)] == beginning]

    def peek(self, argument: str, *address: str) -> Value | None:
        """Returns an argument of a block without taking it; None when it is not there."""
        block = next(iter(self._blocks.get(address, ())), None)
        found = (a.value for a in block.body.attributes if a.name == argument) if block else ()
        return next(iter(found), None)

    def peek_text(self, argument: str, *address: str) -> str | None:
        """Returns an argument that is text without taking it; None when it is not there."""
        match self.peek(argument, *address):
            case Literal(str(found)):
                return found
        return None

    def take(self, *address: str, path: Path | None = None) -> Fields | None:
        """Takes the block at an address.

        Args:
            address: its type and labels.
            path: what of the environment it is; by default its address.

        Returns:
            Its arguments; None when there is no such block. A second one of the same address
            stays, and is noted at the end.
        """
        blocks = self._blocks.get(address)
        if not blocks:
            return None
        block = blocks.pop(0)
        if not blocks:
            del self._blocks[address]
        path = self.path_of(address) if path is None else path
        self._taken[address] = path
        self.notes.place(path, block.span)
        return Fields(block.body, block.span, path, self.notes)

    def need(self, *address: str, path: Path | None = None) -> Fields | None:
        """Takes a block that has to be there, as `take` does, and notes it when it is missing."""
        fields = self.take(*address, path=path)
        if fields is None:
            self.lacks(*address)
        return fields

    def known(self, *address: str, path: Path | None = None) -> Fields:
        """Takes a block that is known to be there, as `take` does."""
        fields = self.take(*address, path=path)
        if fields is None:
            raise KeyError(address)
        return fields

    def expect_output(self, name: str, value: Any) -> None:
        """Takes an output that has to be there, and to have a value that `matches` takes."""
        output = self.need("output", name)
        if output:
            output.skip("description")
            output.expect("value", value)
            output.finish()

    def take_all(self, *address: str) -> list[Fields]:
        """Takes all blocks of an address that several may have, such as `provider "aws"`."""
        taken = []
        while fields := self.take(*address):
            taken.append(fields)
        return taken

    def blocks(self, kind: str) -> list[Block]:
        """Takes all blocks of a type that has no labels, unread: `removed`, `moved`."""
        return self._blocks.pop((kind,), [])

    def merged(self, kind: str, path: Path) -> Fields | None:
        """Takes all blocks of a kind as if they were one, as Terraform does with `locals`.

        Args:
            kind: their type.
            path: what of the environment they are.
        """
        blocks = self._blocks.pop((kind,), [])
        if not blocks:
            return None
        attributes: dict[str, Attribute] = {}
        for attribute in (a for block in blocks for a in block.body.attributes):
            if attribute.name in attributes:
                place = self.path_of((kind, attribute.name))
                self.notes.add_unexpected(place, None, to_plain(attribute.value), attribute.span)
            attributes.setdefault(attribute.name, attribute)
        nested = tuple(b for block in blocks for b in block.body.blocks)
        body = Body(tuple(attributes.values()), nested)
        return Fields(body, blocks[0].span, path, self.notes)

    def lacks(self, *address: str, expected: Any = BLOCK) -> None:
        """Notes that a block is missing."""
        self.notes.add_unexpected(self.path_of(address), expected, None)

    def finish(self) -> None:
        """Notes every block that was not taken."""
        for address, blocks in self._blocks.items():
            path = self.path_of(address)
            for number, block in enumerate(blocks, start=1):
                if address in self._taken:
                    path = (*self._taken[address], f"{'.'.join(address)}[{number}]")
                self.notes.add_unexpected(path, None, BLOCK, block.span)
        self._blocks.clear()


def source(module: str, folder: str, *, protected: bool) -> str:
    """Returns the path of a folder of the module; an empty one is its top."""
    parts = (module, "" if protected else "unprotected", folder)
    return "/".join(part for part in parts if part)


_UNMANAGED = "unmanaged-policy"


def read_policy(call: Fields, module: str, *, rotates: bool) -> tuple[ResourcePolicy, str]:
    """Reads from the `source` of a call whether the resource policy of its secret is managed.

    Args:
        call: the module block.
        module: path of the module.
        rotates: whether the secret rotates.

    Returns:
        Who decides over the policy, and the folder of the module that the call has to be of.
    """
    found = str(call.peek("source")).removeprefix(f"{module}/").removeprefix("unprotected/")
    managed = found.split("/")[0] != _UNMANAGED
    parts = ("" if managed else _UNMANAGED, "" if rotates else "static")
    policy = ResourcePolicy.MANAGED if managed else ResourcePolicy.UNMANAGED
    return policy, "/".join(filter(None, parts))


def read_protection(call: Fields, module: str, folder: str) -> bool:
    """Reads from the `source` of a call whether what it makes is protected against deletion.

    Args:
        call: the module block.
        module: path of the module.
        folder: the folder of the module that the call has to be of; empty for its top.
    """
    value = call.take("source", "deletion_protection")
    found = to_plain(value)
    protected = not (isinstance(found, str) and found.startswith(f"{module}/unprotected"))
    expected = source(module, folder, protected=protected)
    if found != expected:
        call.add_unexpected("source", expected, found, value.span if value else None)
    return protected
