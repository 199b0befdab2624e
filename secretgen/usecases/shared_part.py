"""The use case of dividing a spec: a new environment shares a part with one that is there."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field

from secretgen.errors import FileAccessError, UsageError
from secretgen.project.config import Config
from secretgen.project.settings_files import load_config
from secretgen.project.spec_files import part_library, project_specs
from secretgen.scaffold import texts
from secretgen.scaffold.answers import Answers
from secretgen.scaffold.part_division import PART, divide
from secretgen.spec import source
from secretgen.spec.load import load_spec
from secretgen.spec.parts import Library
from secretgen.tree import Root


class Sharing(Struct, frozen=True):
    """A spec whose contents a new environment is to share.

    Args:
        spec: its path.
        accounts: its reader accounts, by name.
        ids: ids of the same accounts in the new environment; of others it is the same.
    """

    spec: str
    accounts: Mapping[str, str]
    ids: Mapping[str, str] = field(default_factory=dict)


def shareable(folder: Path) -> Sharing | None:
    """Finds the spec that a new environment may share with: the first valid one of a project."""
    if not folder.is_dir():
        return None
    config = load_config(folder.resolve())
    library = part_library(config)
    for path in project_specs(config):
        name = path.relative_to(config.root).as_posix()
        with suppress(FileAccessError, OSError):
            loaded = load_spec(path.read_bytes(), name, library)
            if loaded.is_valid and loaded.spec:
                return Sharing(name, {n: a.id for n, a in loaded.spec.accounts.items()})
    return None


def divided_texts(
    config: Config, root: Root, answers: Answers, spec: str, sharing: Sharing
) -> dict[str, str]:
    """Divides a spec, and checks that it says the same as before.

    Args:
        config: settings of the project.
        root: the open project root.
        answers: what is known of the new environment.
        spec: path of its spec.
        sharing: the spec to divide.

    Returns:
        The texts of the spec, of its part and of the new spec, by path.

    Raises:
        UsageError: the spec cannot be divided.
    """
    data = root.read(sharing.spec) or b""
    nodes, _ = source.load(data, sharing.spec)
    text = data.decode("utf-8-sig")
    schema = posixpath.join(posixpath.dirname(spec), texts.PART_SCHEMA)
    assert isinstance(nodes, source.Mapping)  # noqa: S101 -- the spec is valid
    divided = divide(text, nodes, answers, sharing.ids, schema)
    library = part_library(config)
    before = load_spec(data, sharing.spec, library).environment
    if divided.part is not None:
        part = divided.part.encode()
        library = Library(lambda _: part)
        if root.lstat(PART) is not None:
            raise UsageError(f"{PART} exists", "Rename it, or leave out --share.")
    after = load_spec(divided.spec.encode(), sharing.spec, library)
    if not after.is_valid or after.environment != before:
        raise UsageError(
            f"{sharing.spec} cannot be split without changing its meaning",
            "Write the part by hand, or leave out --share.",
        )
    head = f"# yaml-language-server: $schema={texts.SCHEMA}\n"
    parts = {} if divided.part is None else {PART: divided.part}
    return {sharing.spec: divided.spec, **parts, spec: head + divided.new}
