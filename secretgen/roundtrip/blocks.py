"""The blocks that are a secret's own, found in text: what is proven already need not be parsed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from secretgen.hcl.hcl_nodes import Block, Body
from secretgen.model.environment import Environment
from secretgen.model.names import key_modules, secret_module, variable

_BLOCK = re.compile(
    r'^(?P<head>(?P<type>\w+)(?: "[^"\n]*")* "(?P<label>[^"\n]*)" \{\n)'
    r"(?P<inside>(?>(?:(?:[ \t][^\n]*)?\n)*))\}\n",
    re.MULTILINE,
)
_NOTHING = Body((), ())

Address = tuple[str, str]
"""Type and last label of a block."""


@dataclass(frozen=True, slots=True)
class BlockSkeleton:
    """HCL in which of some blocks only the first and the last line is left.

    Args:
        text: the HCL, in which everything stands on the same lines as before.
        blocks: those blocks.
    """

    text: str
    blocks: tuple[Address, ...]

    def without_hollow(self, body: Body) -> Body | None:
        """Leaves the blocks out of what was parsed.

        Args:
            body: the text, parsed.

        Returns:
            The rest; None when they are not blocks of the file, because something encloses them.
        """
        names = {*self.blocks}
        found = [block for block in body.blocks if _address(block) in names]
        if Counter(map(_address, found)) != Counter(self.blocks):
            return None
        if any(block.body != _NOTHING for block in found):
            return None
        return replace(body, blocks=tuple(b for b in body.blocks if _address(b) not in names))


def top_level(files: Mapping[str, str]) -> dict[str, str]:
    """Returns those of an environment's files that are its root module: others lie in folders."""
    return {path: text for path, text in files.items() if "/" not in path}


def hollow(files: Mapping[str, str], part: Environment) -> dict[str, BlockSkeleton]:
    """Hollows the blocks of secrets.

    Args:
        files: the HCL of a folder, by path.
        part: those secrets, and the keys of their own.
    """
    owners = _owners(part)
    return {path: _skeleton(text, owners) for path, text in files.items()}


def _skeleton(text: str, owners: Mapping[Address, str]) -> BlockSkeleton:
    blocks = []

    def hollowed(match: re.Match[str]) -> str:
        address = match["type"], match["label"]
        if address not in owners:
            return match[0]
        blocks.append(address)
        return match["head"] + "\n" * match["inside"].count("\n") + "}\n"

    return BlockSkeleton(_BLOCK.sub(hollowed, text), tuple(blocks))


def own_blocks(
    files: Mapping[str, str], environment: Environment
) -> dict[str, list[tuple[str, str]]]:
    """Finds the blocks that are one secret's own.

    Args:
        files: the HCL of a folder, by path.
        environment: the secrets, and their keys.

    Returns:
        Path and text of the blocks of each secret, by its name.
    """
    owners = _owners(environment)
    blocks: dict[str, list[tuple[str, str]]] = {secret.name: [] for secret in environment.secrets}
    for path, text in sorted(files.items()):
        for match in _BLOCK.finditer(text):
            owner = owners.get((match["type"], match["label"]))
            if owner is not None:
                blocks[owner].append((path, match[0]))
    return blocks


def _owners(environment: Environment) -> dict[Address, str]:
    owners = {}
    for key in environment.keys:
        if key.dedicated:
            for module in key_modules(key).values():
                owners["module", module] = key.name
    for secret in environment.secrets:
        owners["module", secret_module(secret.name)] = secret.name
        for field in (None, *(field.name for field in secret.value.fields)):
            name = variable(secret.name, field)
            owners["variable", name] = owners["ephemeral", name] = secret.name
    return owners


def _address(block: Block) -> Address:
    return block.type, block.labels[-1] if block.labels else ""
