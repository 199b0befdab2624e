"""Where a project keeps what is rendered: its folders, relative to the root."""

from __future__ import annotations

import posixpath
from enum import StrEnum

from msgspec import Struct

_MODULE = "aws-secrets"


class RootKind(StrEnum):
    """What a root module holds, in the order in which they are applied."""

    BOOTSTRAP = "bootstrap"
    ENVIRONMENT = "environment"
    CONSUMER = "consumer"


class Layout(Struct, frozen=True):
    """The output folders of a project: POSIX, below the root, none of them within another.

    Args:
        environments: holds one folder an environment.
        modules: holds the folder of the module, and may hold those of others.
    """

    environments: str = "environments"
    modules: str = "modules"

    @property
    def module(self) -> str:
        """Folder of the module."""
        return f"{self.modules}/{_MODULE}"

    @property
    def module_source(self) -> str:
        """The module as an environment names it: relative to the environment's folder."""
        return posixpath.relpath(self.module, self.environment("any"))

    @property
    def folders(self) -> tuple[str, str]:
        """The folders that generated files lie in."""
        return (self.environments, self.module)

    def environment(self, name: str) -> str:
        """Folder of an environment."""
        return f"{self.environments}/{name}"


DEFAULT_LAYOUT = Layout()
