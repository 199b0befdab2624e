"""Where a project is and what it says of itself: `[tool.secretgen]`, read once, never changed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from secretgen.errors import FileAccessError, UsageError

_KEYS = {"specs"}
_DEFAULT_SPECS = ("specs/*.yaml",)


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of a project.

    Args:
        root: the project root; nothing outside it is written.
        specs: glob patterns of the specs, relative to the root.
    """

    root: Path
    specs: tuple[str, ...] = _DEFAULT_SPECS


def find_root(start: Path) -> Path:
    """Finds the project root: the nearest folder upwards that says so, else `start`.

    A folder says so with a `pyproject.toml` that holds `[tool.secretgen]`, or with `specs/`.
    """
    for folder in (start, *start.parents):
        if (folder / "specs").is_dir() or _settings(folder / "pyproject.toml") is not None:
            return folder
    return start


def _settings(file: Path) -> dict[str, Any] | None:
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise FileAccessError(f"{file} cannot be read: {error}") from error
    if "secretgen" not in text:
        return None
    try:
        tool = tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is not valid TOML: {error}", "Mend the file.") from error
    settings = tool.get("secretgen") if isinstance(tool, dict) else None
    if settings is not None and not isinstance(settings, dict):
        raise UsageError(f"'tool.secretgen' in {file} must be a table", "Mend the file.")
    return settings


def load_config(root: Path) -> Config:
    """Reads the settings of the project at `root`.

    Raises:
        UsageError: a setting is unknown or of the wrong type.
        FileAccessError: the file that holds them cannot be read.
    """
    settings = _settings(root / "pyproject.toml") or {}
    unknown = sorted(settings.keys() - _KEYS)
    if unknown:
        raise UsageError(
            f"unknown setting {unknown[0]!r} in [tool.secretgen]",
            f"Known settings: {', '.join(sorted(_KEYS))}.",
        )
    specs = settings.get("specs", list(_DEFAULT_SPECS))
    if not isinstance(specs, list) or not all(isinstance(s, str) for s in specs):
        raise UsageError("'specs' in [tool.secretgen] must be a list of glob patterns")
    for pattern in specs:
        parts = PurePath(pattern).parts
        if not parts or pattern.startswith("/") or ".." in parts:
            raise UsageError(
                f"{pattern!r} in [tool.secretgen] is no glob pattern below the project root",
                f"Such as {_DEFAULT_SPECS[0]!r}.",
            )
    return Config(root=root, specs=tuple(specs))
