"""The files of a project as rendered, by folder, and the root modules by their names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from secretgen.errors import UsageError
from secretgen.hcl.decode import parse
from secretgen.model.environment import Environment
from secretgen.model.layout import RootKind
from secretgen.model.roots import roots_of
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


class PlannedRoot(Struct, frozen=True):
    """A root module of which there is a plan.

    Args:
        kind: what it holds.
        name: `environment`, `bootstrap` or `consumers/<account>`.
        folder: its folder, relative to the root of the project.
        account: the reader's account; empty for other roots.
    """

    kind: RootKind
    name: str
    folder: str
    account: str = ""


def planned_roots(environment: Environment, folder: str) -> Iterator[PlannedRoot]:
    """Yields the root modules of an environment.

    Args:
        environment: the environment.
        folder: its folder, relative to the root of the project.
    """
    for root in roots_of(environment):
        yield PlannedRoot(root.kind, root.name, root.folder(folder), root.account)


def root_named(environment: Environment, folder: str, name: str) -> PlannedRoot:
    """Returns the root module of a name.

    Raises:
        UsageError: the environment has none of that name.
    """
    roots = {root.name: root for root in planned_roots(environment, folder)}
    if name not in roots:
        raise UsageError(
            f"{environment.name} has no root module {name!r}", f"It has {', '.join(roots)}."
        )
    return roots[name]
