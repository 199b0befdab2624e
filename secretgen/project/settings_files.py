"""Where a project is, and the file with its settings.

The settings stand in `[tool.secretgen]` of `pyproject.toml`, or in `secretgen.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from secretgen.errors import FileAccessError, UsageError
from secretgen.git import Repository, conflict_in
from secretgen.git.command import git
from secretgen.model.layout import DEFAULT_LAYOUT, Layout
from secretgen.project.config import REQUIRED_VERSION, Config, parse_config, parse_layout
from secretgen.version import __version__

PYPROJECT = "pyproject.toml"
SETTINGS_FILE = "secretgen.toml"
TABLE = "[tool.secretgen]"


def find_root(start: Path) -> Path:
    """Returns the project root: the nearest folder upwards that is one, else `start`."""
    return next((folder for folder in (start, *start.parents) if is_root(folder)), start)


def is_root(folder: Path) -> bool:
    """Returns whether a folder is the root of a project.

    It is when it holds `specs/`, `secretgen.toml`, or a `pyproject.toml` with `[tool.secretgen]`.
    """
    return (folder / "specs").is_dir() or any(_tables(folder))


def root_of_specs(named: Sequence[Path]) -> Path:
    """Returns the project root of specs that the user named.

    Raises:
        UsageError: they belong to several projects.
    """
    roots = {find_root(spec.absolute().parent.resolve()): spec for spec in reversed(named)}
    if len(roots) > 1:
        (root, spec), (other_root, other) = sorted(roots.items())[:2]
        raise UsageError(
            f"{spec} and {other} belong to two projects, {root} and {other_root}",
            "Run the command once for each project.",
        )
    return next(iter(roots))


def settings_place(root: Path) -> str | None:
    """Returns where the settings of a project stand; None when it has no settings yet."""
    return next(iter(_tables(root)), None)


def load_config(root: Path) -> Config:
    """Reads the settings of the project at `root`.

    Raises:
        UsageError: a setting is wrong, both files hold settings, or they ask for another
            version of secretgen.
        FileAccessError: the file that holds them cannot be read.
    """
    tables = [(source, table) for source, table in _tables(root).items() if table]
    if len(tables) > 1:
        raise UsageError(
            f"both {SETTINGS_FILE} and {TABLE} of {PYPROJECT} hold settings",
            "Move them into one of the two.",
        )
    if not tables:
        return Config(root)
    source, table = tables[0]
    # First of all: another version may know other settings.
    _check_version(table, source)
    return parse_config(root, table, source)


def layout_at(repository: Repository, commit: str) -> Layout:
    """Returns the output folders of a project as a commit has them.

    They are the default ones if its settings are invalid: `earlier_layouts` finds the valid ones
    before.
    """
    files = repository.files(commit, SETTINGS_FILE) | repository.files(commit, PYPROJECT)
    try:
        tables = _tables(Path(), lambda file: files[file.name]).items()
        return next((parse_layout(t, source) for source, t in tables if t), DEFAULT_LAYOUT)
    except (FileAccessError, UsageError):
        return DEFAULT_LAYOUT


def earlier_layouts(repository: Repository, commit: str) -> tuple[Layout, ...]:
    """Returns the output folders of a project as the history of a commit has them, newest first."""
    options = ("--format=%H %P", "--no-show-signature", "--no-textconv")
    changed = ("-G", "environments|modules", commit, "--", SETTINGS_FILE, PYPROJECT)
    commits = dict.fromkeys(git(repository.root, "log", *options, *changed).decode().split())
    return tuple(dict.fromkeys(layout_at(repository, each) for each in commits))


def _tables(
    folder: Path, read: Callable[[Path], bytes] = Path.read_bytes
) -> dict[str, Mapping[str, Any]]:
    """Reads the settings that stand in a folder, by the place where they stand."""
    tables: dict[str, Mapping[str, Any]] = {}
    own = _toml(folder / SETTINGS_FILE, read)
    if own is not None:
        tables[SETTINGS_FILE] = own
    shared = _toml(folder / PYPROJECT, read, about="secretgen") or {}
    tool = shared.get("tool")
    table = tool.get("secretgen") if isinstance(tool, dict) else None
    if table is not None:
        if not isinstance(table, dict):
            raise UsageError(
                f"'tool.secretgen' in {folder / PYPROJECT} must be a table", "Fix the file."
            )
        tables[TABLE] = table
    return tables


def _toml(file: Path, read: Callable[[Path], bytes], about: str = "") -> dict[str, Any] | None:
    """Reads a file; None when there is none, or when it does not speak of what is asked for."""
    try:
        data = read(file)
        text = data.decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError, KeyError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise FileAccessError(f"{file} cannot be read: {error}") from error
    if about not in text:
        return None
    if conflict := conflict_in(data):
        raise UsageError(f"{file}: {conflict}", "Resolve the conflict.", str(file))
    import tomllib  # noqa: PLC0415 -- not every project has settings

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{file} is not valid TOML: {error}", "Fix the file.", str(file)
        ) from error
    except RecursionError as error:
        raise UsageError(f"{file} is nested too deeply", "Fix the file.", str(file)) from error


def _check_version(table: Mapping[str, Any], source: str) -> None:
    required = table.get(REQUIRED_VERSION)
    if not isinstance(required, str):
        return  # not set, or a mistake of its own
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 -- seldom

    try:
        versions = SpecifierSet(required)
    except InvalidSpecifier:
        raise UsageError(
            f"{required!r} is not a version for {REQUIRED_VERSION!r} in {source}",
            'Write versions as pip does, such as ">=0.1,<1".',
        ) from None
    if not versions.contains(__version__, prereleases=True):
        raise UsageError(
            f"this project requires secretgen {versions}, and this is {__version__} ({source})",
            f"Install it: pip install 'secretgen{versions}'",
        )
