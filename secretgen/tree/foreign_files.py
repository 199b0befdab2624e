"""Files that no spec renders, and that Terraform or Git reads all the same.

| file | what reads it |
| --- | --- |
| `*.tf`, `*.tf.json`, `*.tofu`, `*.tofu.json` | every command, in whatever folder it runs |
| `terraform.tfvars`, `*.auto.tfvars`, each also `.json` | `plan`, `apply` and `test`, unasked |
| `*.tftest.hcl`, `*.tfmock.hcl`, of OpenTofu, and as JSON | `test` |
| `.terraformrc`, `terraform.rc`, `.tofurc`, `tofu.rc`, `*.tfrc` | the CLI, as its settings |
| `terraform.d/` | `init`: it takes providers from there |
| `.terraform.lock.hcl`, `.terraform/` | every command: providers and modules |
| `*.hcl`, also as JSON | `query`, stacks, and tools that run Terraform, such as Terragrunt |
| `terraform.tfstate` | `init`: it offers to write it over the state |
| `*.tfstate`, `*.tfstate.backup`, `*.tfplan` | people, who push or apply them |
| `secretgen.toml`, `pyproject.toml` | secretgen, as its settings, in that folder |
| `.gitattributes` | Git, when it reads and writes generated files |
| symbolic links | whatever reads the place that they lead to |
| JSON next to a manifest, or below | people, who attach the policies of that folder |
| a generated name in another case | file systems that ignore case: one of both is lost |

Terraform passes over files and folders whose names begin with a dot until it is run in one, or a
module of one is called. A folder of that kind is the user's own where Git ignores it.

Names from https://developer.hashicorp.com/terraform/language/files, .../values/variables,
.../tests and .../cli/config/config-file; those of OpenTofu from its pages of the same names.
"""

from __future__ import annotations

import posixpath
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from enum import Enum, auto

from msgspec import Struct

from secretgen.errors import FileAccessError
from secretgen.git import conflict_in
from secretgen.hcl.decode import Item, split
from secretgen.hcl.tokens import HclSyntaxError, Kind, Source, tokenize
from secretgen.tree.changeset import is_terraform_source
from secretgen.tree.header import BARE_SUFFIX, MANIFEST
from secretgen.tree.root import Root, explained
from secretgen.user_files import is_leftover

_VALUES = re.compile(r"(?:terraform\.tfvars|.+\.auto\.tfvars)(?:\.json)?")
_LOCK = ".terraform.lock.hcl"
_DOWNLOADS = ".terraform"
_PLUGINS = "terraform.d"
_GIT = ".git"
_STATES = ("terraform.tfstate", "terraform.tfstate.d")
_SAVED = re.compile(r".+\.(?:tfplan|tfstate(?:\.backup)?)")
_EXAMPLE = ".example"
_PROVIDERS = ("registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws")
"""What the rendered root modules require, as a lock file names it."""

_KEEP_BACKEND = "Keep one `terraform { backend … }` in it, and move the rest elsewhere."
_IGNORE_VALUES = "Delete it, or let Git ignore it."
_LOCK_AGAIN = "Delete it, and run `terraform init` to lock what is required."


class Unless(Enum):
    """When a file is the user's own all the same."""

    NEVER = auto()
    IGNORED = auto()
    """Git ignores it: it is not committed."""
    UNTRACKED = auto()
    """Git does not track it, or there is no Git: it is not committed."""


class ForeignFile(Struct, frozen=True):
    """A file that no spec renders.

    Args:
        path: relative to the root.
        note: what it does.
        unless: when it does no harm.
        advice: what to do about it; empty for what is done about any file that is not generated.
    """

    path: str
    note: str
    unless: Unless = Unless.NEVER
    advice: str = ""


_CLI_SETTINGS = (
    re.compile(r"\.terraformrc|terraform\.rc|\.tofurc|tofu\.rc|.+\.(?:tf|tofu)rc"),
    "Terraform reads settings from it",
    Unless.NEVER,
)
_BY_NAME = (
    _CLI_SETTINGS,
    (
        re.compile(r"\.terraform"),
        "Terraform reads providers and modules from it",
        Unless.UNTRACKED,
    ),
    (re.compile(r"\.gitattributes"), "it changes how Git handles generated files", Unless.NEVER),
    (
        re.compile(r"(?!\.).+\.(?:tf|tofu)(?:test|mock)\.(?:hcl|json)"),
        "`terraform test` runs it",
        Unless.NEVER,
    ),
    (
        # Terramate (`stack.tm.hcl`) takes the folder as it is, or writes files that count.
        re.compile(r"(?!\.)(?!.+\.tm\.hcl$).+\.hcl(?:\.json)?"),
        "Terraform, or a tool that runs it, reads it",
        Unless.NEVER,
    ),
    (
        re.compile(r"secretgen\.toml|pyproject\.toml"),
        "secretgen reads its settings from it in this folder",
        Unless.NEVER,
    ),
)
"""Names, what such files do, and when they are the user's own."""


def find_foreign_files(
    root: Root, rendered: Collection[str], folders: Collection[str], others: Collection[str]
) -> tuple[ForeignFile, ...]:
    """Finds the files that no spec renders and that are read all the same.

    Args:
        root: the root folder.
        rendered: the paths that are rendered, manifests among them.
        folders: the output folders.
        others: folders in them that specs render that are not part of the run.

    Returns:
        The files, sorted by path. What begins with an ownership header may be among them.

    Raises:
        FileAccessError: a folder or file cannot be read.
    """
    found: list[ForeignFile] = []
    known = _Rendered(frozenset(rendered), frozenset(path.casefold() for path in rendered))
    for folder in folders:
        with explained("read", folder):
            found += _below(root, folder, known, frozenset(others))
    with explained("read", "."):
        settings, note, unless = _CLI_SETTINGS
        names = (name for name, _ in root.entries(""))
        found += [ForeignFile(name, note, unless) for name in names if settings.fullmatch(name)]
    return tuple(sorted(found, key=lambda foreign_file: foreign_file.path))


class _Rendered(Struct, frozen=True):
    """The paths that are rendered, as they are and for file systems that ignore case."""

    paths: frozenset[str]
    folded: frozenset[str]


def _below(
    root: Root, folder: str, rendered: _Rendered, others: frozenset[str]
) -> Iterator[ForeignFile]:
    waiting = [(folder, False)]
    while waiting:
        folder, is_hidden = waiting.pop()
        entries = []
        with suppress(FileNotFoundError, PermissionError, FileAccessError):
            entries = root.entries(folder)
        for name, found in entries:
            path = posixpath.join(folder, name)
            if path in rendered.paths or path in others or name == _GIT:
                continue
            if stat.S_ISDIR(found.st_mode) and name != _DOWNLOADS:
                waiting.append((path, is_hidden or is_leftover(name)))
            elif is_hidden:
                if is_terraform_source(name):
                    yield ForeignFile(path, "Terraform loads it", Unless.IGNORED)
            elif foreign_file := _foreign_file(root, path, found.st_mode, rendered):
                yield foreign_file


def _foreign_file(root: Root, path: str, mode: int, rendered: _Rendered) -> ForeignFile | None:
    """Returns what a file does that is not rendered; None for nothing."""
    folder, name = posixpath.split(path)
    if path.casefold() in rendered.folded:
        return ForeignFile(path, "differs from a generated file only in case")
    for pattern, note, unless in _BY_NAME:
        if pattern.fullmatch(name):
            return ForeignFile(path, note, unless)
    if is_leftover(name) and name != _LOCK:
        return None
    if stat.S_ISLNK(mode):
        return ForeignFile(path, "a symbolic link")
    if name == _LOCK or is_terraform_source(name) or _VALUES.fullmatch(name):
        return _by_content(path, _text(root, path, mode), rendered.paths)
    return _by_folder(path, folder, rendered.paths)


def _by_content(path: str, text: str | None, rendered: frozenset[str]) -> ForeignFile | None:
    """Returns what a file does whose content matters."""
    name = posixpath.basename(path)
    if name == _LOCK:
        return _locked(path, text)
    if is_terraform_source(name):
        own = f"{path}{_EXAMPLE}" in rendered
        note = _beyond_a_backend(text) if own else "Terraform loads it"
        return ForeignFile(path, note, advice=_KEEP_BACKEND if own else "") if note else None
    note = "Terraform reads values of variables from it"
    is_harmless = not _sets_something(name, text)
    return None if is_harmless else ForeignFile(path, note, Unless.IGNORED, _IGNORE_VALUES)


def _by_folder(path: str, folder: str, rendered: frozenset[str]) -> ForeignFile | None:
    """Returns what a file does because of where it is."""
    parts = path.split("/")
    if _PLUGINS in parts:
        return ForeignFile(path, "Terraform reads providers from it")
    if any(name in parts for name in _STATES):
        return _state(path, folder, rendered)
    if _SAVED.fullmatch(parts[-1]):
        return ForeignFile(path, "a saved state or plan", Unless.UNTRACKED)
    around = ("/".join([*parts[:depth], MANIFEST]) for depth in range(1, len(parts)))
    if path.endswith(BARE_SUFFIX) and not rendered.isdisjoint(around):
        return ForeignFile(path, "next to generated policies")
    return None


def _text(root: Root, path: str, mode: int) -> str | None:
    """Returns a file as text; None for what is no text."""
    if not stat.S_ISREG(mode):
        return None
    with suppress(PermissionError, UnicodeDecodeError):
        return (root.read(path) or b"").decode()
    return None


def _locked(path: str, text: str | None) -> ForeignFile | None:
    """Looks at a lock file, which is the user's own; it may lock what is required."""
    if text is None:
        return ForeignFile(path, "cannot be read", advice=_LOCK_AGAIN)
    try:
        others = [name for name in map(_locked_provider, split(text, path)) if name]
    except HclSyntaxError as error:
        return ForeignFile(path, _unparsable(text, error), advice=_LOCK_AGAIN)
    note = f"locks {others[0]}, which is not required" if others else ""
    return ForeignFile(path, note, advice=_LOCK_AGAIN) if note else None


def _locked_provider(item: Item) -> str:
    """Returns what a block locks besides what is required; empty for nothing."""
    code = [token for token in item.tokens if token.kind is not Kind.COMMENT]
    first, second = (item.source.text[token.start : token.end] for token in code[:2])
    name = second.strip('"') if first == "provider" else first
    return "" if name in _PROVIDERS else name


def _beyond_a_backend(text: str | None) -> str:
    """Returns what a user's own `backend.tf` holds besides one backend; empty for nothing."""
    wrong = "may hold one `terraform { backend … }` and nothing else"
    if text is None:
        return wrong
    try:
        tokens = tokenize(Source(text, ""))
    except HclSyntaxError as error:
        return _unparsable(text, error)
    code = [t for t in tokens if t.kind not in (Kind.NEWLINE, Kind.COMMENT)]
    words = [text[token.start : token.end] for token in code]
    head = [word for word in words[:5] if not word.startswith('"')]
    if head != ["terraform", "{", "backend", "{"] or len(words) < len(head) + 1:
        return wrong
    depth = 0
    for index, word in enumerate(words):
        depth += {"{": 1, "}": -1}.get(word, 0)
        # The end of the backend has to be the end but for the bracket of `terraform`.
        if depth == 1 and word == "}":
            return "" if words[index + 1 :] == ["}"] else wrong
    return wrong


def _unparsable(text: str, error: HclSyntaxError) -> str:
    return conflict_in(text.encode()) or f"does not parse: {error.summary}"


def _sets_something(name: str, text: str | None) -> bool:
    """Returns whether a file of variable values has a value; what cannot be read may have one."""
    if text is None:
        return True
    if name.endswith(".json"):
        return re.sub(r"\s", "", text) not in ("", "{}")
    try:
        return bool(split(text, name))
    except HclSyntaxError:
        return True


def _state(path: str, folder: str, rendered: frozenset[str]) -> ForeignFile:
    """Looks at a state on disk, which is where it belongs until a `backend.tf` moves it."""
    is_local = f"{folder}/backend.tf{_EXAMPLE}" in rendered
    return ForeignFile(path, "a local state", Unless.UNTRACKED if is_local else Unless.IGNORED)
