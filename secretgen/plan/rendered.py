"""The files of a project as rendered, read folder by folder."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from functools import cached_property

from secretgen.hcl.decode import Item, parse
from secretgen.hcl.hcl_nodes import Attribute, Block
from secretgen.plan.module_blocks import ModuleBlocks, ModuleCall, blocks_of

ParseItem = Callable[[Item], Attribute | Block]


class RenderedFiles:
    """The rendered files of a project, read by folder.

    Args:
        files: texts by path.
        parse_item: parses an item of a file.
    """

    def __init__(self, files: Mapping[str, str], parse_item: ParseItem = Item.parse) -> None:
        self._files = files
        self._parse_item = parse_item
        self._modules: dict[str, ModuleBlocks] = {}

    @cached_property
    def _by_folder(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self._files):
            if path.endswith(".tf"):
                found.setdefault(posixpath.dirname(path), []).append(path)
        return found

    def texts(self, folder: str) -> dict[str, str]:
        """Returns the texts of a folder, by path."""
        return {path: self._files[path] for path in self._by_folder.get(folder, ())}

    def module(self, folder: str) -> ModuleBlocks:
        """Returns the blocks of a folder.

        Raises:
            NotEvaluatedError: an expression is not supported.
        """
        if folder not in self._modules:
            bodies = [
                parse(self._files[path], path, self._parse_item)
                for path in self._by_folder.get(folder, ())
            ]
            self._modules[folder] = blocks_of(folder, bodies)
        return self._modules[folder]

    def called(self, module: ModuleBlocks, call: ModuleCall) -> ModuleBlocks:
        """Returns the blocks of the module that a call names."""
        return self.module(posixpath.normpath(posixpath.join(module.folder, call.source)))
