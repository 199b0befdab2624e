"""Names of files as GitHub expects them: relative to the top of the Git work tree."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class Checkout(Struct, frozen=True):
    """Where a project lies in its Git work tree.

    Args:
        folder: its folder, relative to the top; empty for the top itself, or without Git.
        top: the top of the work tree, which files outside the project are relative to; None
            without Git.
    """

    folder: str = ""
    top: Path | None = None

    def path(self, file: str) -> str:
        """Returns a file as seen from the top.

        Args:
            file: a file relative to the root of the project, or an absolute path.
        """
        if not Path(file).is_absolute():
            return f"{self.folder}/{file}" if self.folder and file else file
        if self.top and Path(file).is_relative_to(self.top):
            return Path(file).relative_to(self.top).as_posix()
        return file

    @property
    def category(self) -> str:
        """Name of the project's results in code scanning: the same name replaces them."""
        return f"secretgen/{self.folder}/" if self.folder else "secretgen/"


def checkout(root: Path, top: Path | None) -> Checkout:
    """Returns where a project lies.

    Args:
        root: the project root.
        top: the top of its work tree; None without Git.
    """
    folder = "" if top in (None, root) else root.relative_to(top or root).as_posix()
    return Checkout(folder, top)
