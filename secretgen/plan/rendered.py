"""The files of a project as rendered, read folder by folder."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from functools import cached_property

from secretgen.hcl.decode import parse
from secretgen.plan.module_blocks import ModuleBlocks, ModuleCall, blocks_of


class RenderedFiles:
    """The rendered files of a project, read by folder.

    Args:
        files: texts by path.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
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
            bodies = [parse(text, path) for path, text in self.texts(folder).items()]
            self._modules[folder] = blocks_of(folder, bodies)
        return self._modules[folder]

    def called(self, module: ModuleBlocks, call: ModuleCall) -> ModuleBlocks:
        """Returns the blocks of the module that a call names."""
        return self.module(posixpath.normpath(posixpath.join(module.folder, call.source)))
