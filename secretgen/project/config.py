"""What a project says of itself, key by key: from a table of TOML to checked values."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from itertools import combinations, product
from pathlib import Path
from typing import Any

from msgspec import Struct

from secretgen.errors import UsageError
from secretgen.model.layout import DEFAULT_LAYOUT, Layout
from secretgen.spec.suggest import closest, shown

REQUIRED_VERSION = "required-version"
FORMATS = ("text", "json", "github", "sarif")
DEFAULT_PLAN_ROLE = "secretgen-plan"
"""Name of the role that plans."""

DEFAULT_SPECS = ("specs/*.yaml",)

_KEYS = (
    "specs",
    "environments",
    "modules",
    "templates",
    REQUIRED_VERSION,
    "format",
    "plan-role",
    "atlantis",
    "atlantis-gate",
)
# Names that need no quoting in HCL, Markdown, a shell, or `.gitattributes`.
_ROLE = re.compile(r"[A-Za-z0-9_+=,.@-]+(?:/[A-Za-z0-9_+=,.@-]+)*")
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


class Config(Struct, frozen=True):
    """Settings of a project.

    Args:
        root: the project root; nothing outside it is written.
        specs: glob patterns of the specs, relative to the root.
        layout: the folders for what is rendered.
        templates: folder whose templates win over the packaged ones; None for none.
        format: how findings are written when the command line does not say it.
        plan_role: name of the IAM role that plans, the same in each account.
        atlantis: whether the file for Atlantis is rendered.
        atlantis_gate: whether that file lets the gate judge each plan.
    """

    root: Path
    specs: tuple[str, ...] = DEFAULT_SPECS
    layout: Layout = DEFAULT_LAYOUT
    templates: Path | None = None
    format: str | None = None
    plan_role: str = DEFAULT_PLAN_ROLE
    atlantis: bool = False
    atlantis_gate: bool = True


def parse_config(root: Path, table: Mapping[str, Any], source: str) -> Config:
    """Checks settings.

    Args:
        root: the project root.
        table: the settings, as TOML has them.
        source: where they stand, for messages.

    Raises:
        UsageError: a setting is unknown, of the wrong type, or of no use.
    """
    reader = _Reader(table, source)
    reader.check_keys()
    reader.text(REQUIRED_VERSION)
    specs, templates = reader.patterns("specs") or DEFAULT_SPECS, reader.folder("templates")
    layout = reader.layout()
    reader.check_apart(specs, layout, templates)
    return Config(
        root=root,
        specs=specs,
        layout=layout,
        templates=_templates(root, templates, source),
        format=reader.choice("format", FORMATS),
        plan_role=reader.role("plan-role") or DEFAULT_PLAN_ROLE,
        atlantis=reader.flag("atlantis"),
        atlantis_gate=reader.flag("atlantis-gate", default=True),
    )


def parse_layout(table: Mapping[str, Any], source: str) -> Layout:
    """Takes the output folders from settings, as `parse_config` takes all of them."""
    return _Reader(table, source).layout()


class _Reader:
    """Takes settings from a table.

    Args:
        table: the settings, as TOML has them.
        source: where they stand, for messages.
    """

    def __init__(self, table: Mapping[str, Any], source: str) -> None:
        self._table = table
        self._source = source

    def check_keys(self) -> None:
        """Refuses a key that is not known."""
        for key in sorted(self._table.keys() - set(_KEYS)):
            meant = closest(key, _KEYS)
            hint = f"Did you mean {meant!r}? " if meant else ""
            raise self._error(
                f"unknown setting {shown(key)}", f"{hint}Known settings: {', '.join(_KEYS)}."
            )

    def text(self, key: str) -> str | None:
        """Returns a text; None when it is not set."""
        value = self._table.get(key)
        if value is not None and not isinstance(value, str):
            raise self._error(f"{key!r} must be text", f'Write it in quotes: {key} = "…".')
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Returns true or false; `default` when it is not set."""
        value = self._table.get(key, default)
        if not isinstance(value, bool):
            raise self._error(f"{key!r} must be true or false", f"Write it: {key} = true")
        return value

    def role(self, key: str) -> str | None:
        """Returns the name of an IAM role, with its path if it has one; None when it is not set."""
        value = self.text(key)
        if value is not None and not _ROLE.fullmatch(value):
            raise self._error(
                f"{key!r} cannot be {shown(value)}",
                f'Name an IAM role without its account: {key} = "{DEFAULT_PLAN_ROLE}".',
            )
        return value

    def choice(self, key: str, words: tuple[str, ...]) -> str | None:
        """Returns one of several words; None when it is not set."""
        value = self.text(key)
        if value is not None and value not in words:
            raise self._error(f"{key!r} cannot be {shown(value)}", f"One of: {', '.join(words)}.")
        return value

    def patterns(self, key: str) -> tuple[str, ...] | None:
        """Returns glob patterns below the root; None when they are not set."""
        values = self._table.get(key)
        if values is None:
            return None
        if not (isinstance(values, list) and values and all(isinstance(v, str) for v in values)):
            raise self._error(f"{key!r} must be a list of glob patterns", _such_as(key))
        for pattern in values:
            parts = pattern.split("/")
            if "" in parts[:1] or ".." in parts or "\0" in pattern or set(parts) <= {"", "."}:
                raise self._error(
                    f"{shown(pattern)} is not a glob pattern below the project root", _such_as(key)
                )
            if any("**" in part and part != "**" for part in parts):
                raise self._error(
                    f"{shown(pattern)} is not a glob pattern",
                    "`**` matches whole folders, as in specs/**/*.yaml.",
                )
        return tuple(values)

    def folder(self, key: str) -> str | None:
        """Returns the path of a folder below the root, normalised; None when it is not set."""
        value = self.text(key)
        if value is None:
            return None
        path = posixpath.normpath(value) if ".." not in value.split("/") else ""
        if not _FOLDER.fullmatch(path):
            raise self._error(
                f"{key!r} cannot be {shown(value)}",
                "Name a folder below the project root, of letters, digits, '-', '_' and '.',"
                f" with '/' between folders, such as {key} = \"infra/{key}\".",
            )
        return path

    def layout(self) -> Layout:
        """Returns the output folders."""
        return Layout(
            environments=self.folder("environments") or DEFAULT_LAYOUT.environments,
            modules=self.folder("modules") or DEFAULT_LAYOUT.modules,
        )

    def check_apart(self, specs: tuple[str, ...], layout: Layout, templates: str | None) -> None:
        """Refuses output folders that lie in each other, or where specs or templates lie."""
        outputs = [("environments", layout.environments), ("modules", layout.module)]
        folders = [*outputs, *([("templates", templates)] if templates else [])]
        clashes = [
            (one, other)
            for one, other in combinations(folders, 2)
            if _is_within(one[1], other[1]) or _is_within(other[1], one[1])
        ]
        clashes += [
            (output, ("specs", pattern))
            for output, pattern in product(outputs, specs)
            if _reaches(pattern, output[1])
        ]
        for (key, folder), (other_key, other) in clashes:
            raise self._error(
                f"{key!r} ({folder}) and {other_key!r} ({other}) share a folder",
                "Give each a folder of its own.",
            )

    def _error(self, summary: str, hint: str) -> UsageError:
        return UsageError(f"{summary} in {self._source}", hint, self._source)


def _such_as(key: str) -> str:
    return f'For example: {key} = ["{DEFAULT_SPECS[0]}"].'


def _is_within(path: str, folder: str) -> bool:
    # Some file systems do not distinguish letter case.
    return f"{path}/".casefold().startswith(f"{folder}/".casefold())


def _reaches(pattern: str, folder: str) -> bool:
    """Returns whether a glob pattern can match a file in a folder, however deep."""
    patterns = posixpath.normpath(pattern).casefold().split("/")[:-1]
    names = folder.casefold().split("/")
    if "**" in patterns:
        patterns = patterns[: patterns.index("**")]
        names = names[: len(patterns)]
    return len(patterns) >= len(names) and all(map(fnmatchcase, names, patterns))


def _templates(root: Path, named: str | None, source: str) -> Path | None:
    if named is None:
        return None
    folder = root / named
    if not folder.is_dir():
        raise UsageError(f"'templates' in {source}: there is no folder {named}", "Create it.")
    if not folder.resolve().is_relative_to(root.resolve()):
        raise UsageError(
            f"'templates' in {source}: {named} is a link that leads out of {root}",
            "Replace the link with the folder itself, or name it with --templates.",
        )
    return folder
