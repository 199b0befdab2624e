"""Making a project's own templates: copies of the packaged ones."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from secretgen.errors import FileAccessError, UsageError
from secretgen.project.config import Config
from secretgen.render.overlay import MARK, packaged_templates, template_names, which
from secretgen.tree.lock import locked_root
from secretgen.tree.paths import is_within
from secretgen.tree.root import explained

_DEFAULT_FOLDER = "templates"


class Ejected(Struct, frozen=True):
    """What an ejection came to.

    Args:
        folder: where the templates are, relative to the root.
        written: files that were made, relative to the root.
        kept: files that were there already.
    """

    folder: str
    written: tuple[str, ...]
    kept: tuple[str, ...]


def eject(config: Config, named: Iterable[str], to: Path | None) -> Ejected:
    """Copies packaged templates into the project; no file that is there is touched.

    Args:
        config: settings of the project.
        named: templates, or folders of them.
        to: where to; by default the folder of the project's own templates, or `templates`.

    Raises:
        UsageError: there is no such template, or all of them are there already.
        FileAccessError: the folder is not below the root, or cannot be written.
    """
    folder = _folder(config, to)
    names = sorted({name for wanted in named for name in _templates(wanted)})
    paths = {posixpath.join(folder, name): name for name in names}
    with locked_root(config.root) as root, explained("write", folder):
        kept = tuple(path for path in paths if root.lstat(path))
        written = tuple(path for path in paths if path not in kept)
        if not written:
            raise UsageError(
                f"{kept[0]} already exists", "Nothing was written. Move that file elsewhere first."
            )
        for path in written:
            text = (packaged_templates() / paths[path]).read_text(encoding="utf-8")
            root.make_folder(posixpath.dirname(path))
            root.write(path, f"{MARK}\n{text}".encode())
    return Ejected(folder, written, kept)


def _templates(wanted: str) -> list[str]:
    names = [name for name in template_names() if is_within(name, wanted)]
    if not names:
        raise UsageError(f"no template {wanted!r}", which(wanted))
    return names


def _folder(config: Config, to: Path | None) -> str:
    place = to or config.templates or config.root / _DEFAULT_FOLDER
    # However it was named: without the links and dots on the way, but by its own name.
    real = Path(os.path.realpath(place.parent), place.name)
    root = os.path.realpath(config.root)
    if not real.is_relative_to(root) or real == Path(root):
        raise FileAccessError(
            f"{place} is not below {config.root}", "Name a folder inside the project."
        )
    return real.relative_to(root).as_posix()
