"""What a command works with beside its options: the project, the form of its results, the day."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from secretgen.errors import UsageError

if TYPE_CHECKING:
    from secretgen.config import Config


def project(root: Path | None, templates: Path | None = None) -> Config:
    """Finds the project that the user means.

    Args:
        root: what `--root` names.
        templates: what `--templates` names: a folder here, or else one below the root.

    Raises:
        UsageError: `--root` names no folder, or the project's settings are wrong.
    """
    from secretgen.config import find_root, load_config  # noqa: PLC0415 -- completion does without

    if root is not None and not root.is_dir():
        raise UsageError(f"--root {root} is not a folder", "Check the name.")
    config = load_config((root or find_root(Path.cwd())).resolve())
    if templates is None:
        return config
    from dataclasses import replace  # noqa: PLC0415

    here = templates.absolute()
    return replace(config, templates=here if here.is_dir() else config.root / templates)


_Words = TypeVar("_Words", bound=StrEnum)


def format_of(wanted: _Words | None, config: Config, known: type[_Words]) -> _Words:
    """Tells how results are to be written.

    Args:
        wanted: what the command line says.
        config: settings of the project, which apply as far as the command knows the word.
        known: what the command knows; the first is the default.
    """
    return wanted or next((f for f in known if f == config.format), next(iter(known)))


def today() -> str:
    """Returns the date in UTC, for rules that a secret is excused from until a day."""
    from datetime import UTC, datetime  # noqa: PLC0415 -- completion does without

    return datetime.now(UTC).date().isoformat()
