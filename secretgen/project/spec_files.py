"""Which specs a project has, and what they are called."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from secretgen.diagnostics import Diagnostic
from secretgen.errors import FileAccessError, UsageError
from secretgen.project.config import Config
from secretgen.project.settings_files import is_root
from secretgen.spec.credentials import CREDENTIAL_RULES
from secretgen.spec.parts import Library
from secretgen.spec.source import MAX_BYTES

PARTS = "parts"
"""Folder of the parts, by convention: a spec may include a part from any other folder too."""


def spec_files(
    config: Config, named: Sequence[Path] | None, *, allow_none: bool = False
) -> list[tuple[Path, str]]:
    """Finds the specs to work on.

    Args:
        config: settings of the project.
        named: files that the user named; None for those of the project.
        allow_none: return nothing where there is no spec.

    Returns:
        Each file once, and its name as it is to be shown: relative to the root where it is below,
        else absolute.

    Raises:
        UsageError: there is no spec.
        FileAccessError: a file below the root is a link to one outside.
    """
    found = list(named) if named else project_specs(config)
    if not found and not allow_none:
        raise _nothing_found(config)
    by_name = {path_from_root(path, config.root): path for path in found}
    return [(path, name) for name, path in by_name.items()]


def _nothing_found(config: Config) -> UsageError:
    summary = f"no spec found: {', '.join(config.specs)} under {config.root}"
    overlooked = misnamed_specs(config)
    if overlooked:
        return UsageError(summary, f"Rename {overlooked[0]} to end with .yaml, or set 'specs'.")
    if not is_root(config.root):
        summary += ", which has neither settings nor specs/"
    return UsageError(summary, "Name a spec or a --root, or create one with `secretgen init`.")


def project_specs(config: Config) -> list[Path]:
    """Finds the specs of a project, which may be none; in order of their paths.

    Files that begin with a dot are none: editors and file systems keep such files next to others.
    """
    return _matches(config, config.specs)


def misnamed_specs(config: Config) -> list[str]:
    """Finds files that are no specs because their name does not end with `.yaml` in lower case.

    Returns:
        Their paths, relative to the root.
    """
    patterns = [f"{p.removesuffix('.yaml')}.*" for p in config.specs if p.endswith(".yaml")]
    read = project_specs(config)
    endings = (".yaml", ".yml")
    found = (p for p in _matches(config, patterns) if p.suffix.lower() in endings and p not in read)
    return [path.relative_to(config.root).as_posix() for path in found]


def _matches(config: Config, patterns: Sequence[str]) -> list[Path]:
    found = {path for pattern in patterns for path in config.root.glob(pattern)}
    return sorted(path for path in found if not path.name.startswith("."))


def path_from_root(path: Path, root: Path) -> str:
    """Returns a path relative to the root, however it was named; outside of it, the whole path.

    Raises:
        FileAccessError: a link leads out of the root.
    """
    real_root = os.path.realpath(root)
    # However it was named: without the links and dots on the way, but by its own name.
    place = Path(os.path.realpath(path.parent), path.name)
    if Path(os.path.realpath(place)).is_relative_to(real_root) and place.is_relative_to(real_root):
        return place.relative_to(real_root).as_posix()
    named = Path(os.path.normpath(path.absolute()))
    if place.is_relative_to(real_root) or named.is_relative_to(root):
        raise FileAccessError(
            f"{path} is a link that leads out of {root}", "Replace the link with the file itself."
        )
    return str(named)


def other_files(config: Config, files: Collection[str]) -> list[tuple[Path, str]]:
    """Finds the specs of the project that are not part of a run.

    Args:
        config: settings of the project.
        files: the specs of the run, as they are shown.

    Returns:
        Each file and its name as it is shown; specs that lead out of the root are left out.
    """
    found = []
    for path in project_specs(config):
        with suppress(FileAccessError):
            found.append((path, path_from_root(path, config.root)))
    return [(path, name) for path, name in found if name not in files]


def check_inside(config: Config, files: Collection[str]) -> None:
    """Checks that specs that are to be rendered are below the root.

    Raises:
        UsageError: one is not.
    """
    outside = sorted(file for file in files if Path(file).is_absolute())
    if outside:
        raise UsageError(f"{outside[0]} is not below {config.root}", "Move it, or use --root.")


def spec_names(config: Config) -> set[str]:
    """Returns the specs of a project as headers name them."""
    return {name for _, name in other_files(config, ())}


def in_unused_parts(
    config: Config, included: Collection[str], library: Library
) -> Iterator[Diagnostic]:
    """Yields the credentials in files of the folder `parts` that no spec includes.

    They are committed all the same. What else is wrong with such a part is found when a spec
    includes it.

    Args:
        config: settings of the project.
        included: the parts that specs include, and the specs.
        library: the parts of the project.
    """
    for path in sorted((config.root / PARTS).glob("**/*.y*ml")):
        file = path.relative_to(config.root).as_posix()
        if file not in included and not path.name.startswith("."):
            with suppress(FileAccessError):
                found = library.part(file).diagnostics
                yield from (finding for finding in found if finding.rule in CREDENTIAL_RULES)


def part_library(config: Config) -> Library:
    """Returns the parts of a project; each is read when a spec includes it, and once."""

    def read(file: str) -> bytes:
        from secretgen.tree import explained, open_root  # noqa: PLC0415 -- only with parts

        with open_root(config.root) as root, explained("read", file):
            data = root.read(file, MAX_BYTES)
        if data is None:
            raise FileAccessError(f"{file} does not exist")
        return data

    return Library(read)
