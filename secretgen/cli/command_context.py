"""What a command works with next to its options: the project, the form of its results, the day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_args

from secretgen.cli.console import note
from secretgen.errors import UsageError

if TYPE_CHECKING:
    from secretgen.project.config import Config


def project(
    root: Path | None, templates: Path | None = None, *, specs: Sequence[Path | None] | None = None
) -> Config:
    """Finds the project that the user means.

    Args:
        root: what `--root` names; None to find the root from the specs, or from the current folder.
        templates: what `--templates` names: a folder here, or else one below the root.
        specs: the specs that the command line names.

    Raises:
        UsageError: `--root` names no folder, the specs belong to several projects, or the
            project's settings are invalid.
    """
    from secretgen.project import settings_files

    named = [spec for spec in specs or () if spec is not None]
    if root is None:
        start = settings_files.root_of_specs(named) if named else None
        config = settings_files.load_config(start or settings_files.find_root(Path.cwd().resolve()))
    elif root.is_dir():
        config = settings_files.load_config(root.resolve())
    else:
        raise UsageError(f"--root {root} is not a folder", "Check the name.")
    if named and not settings_files.is_root(config.root):
        place = root or config.root
        note(f"{place} has neither settings nor specs/: the default settings apply.\n")
    if templates is None:
        return config
    from msgspec.structs import replace

    here = templates.absolute()
    return replace(config, templates=here if here.is_dir() else config.root / templates)


_Words = TypeVar("_Words", bound=str)


def format_of(wanted: _Words | None, config: Config, known: object) -> _Words:
    """Returns how results are to be written.

    Args:
        wanted: what the command line says.
        config: settings of the project, which apply as far as the command knows the word.
        known: a `Literal` of what the command knows; the first is the default.
    """
    words: tuple[_Words, ...] = get_args(known)
    return wanted or next((word for word in words if word == config.format), words[0])


def note_misnamed(config: Config, named: Sequence[Path] | None) -> None:
    """Prints which files next to the specs are not read because of their name."""
    from secretgen.project.spec_files import misnamed_specs

    for file in () if named else misnamed_specs(config):
        note(f"{file} is not read: rename it to end with .yaml, or add it to 'specs'.\n")


def today() -> str:
    """Returns the date in UTC, for `ignore` entries with a last day."""
    from datetime import UTC, datetime

    return datetime.now(UTC).date().isoformat()
