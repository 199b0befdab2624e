"""Templates of a user's own: a folder that overlays the packaged templates, file by file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

import jinja2
from msgspec import Struct

from secretgen.errors import FileAccessError, SecretgenError, TemplateError
from secretgen.git import conflict_in
from secretgen.hcl.tokens import HclSyntaxError
from secretgen.render.views import VERSION
from secretgen.spec.suggest import closest
from secretgen.user_files import is_leftover

PACKAGED = "packaged"
"""Before the name of a template: the packaged one, whatever overlays it."""

MARK = f"{{# secretgen views: {VERSION} #}}"
"""First line of a template of a user's own: which version of the views it is made for."""

_MARK = re.compile(r"\{#-?\s*secretgen views:\s*(\d{1,6})\s*-?#\}\n")
_MAX_BYTES = 1024 * 1024
_QUALIFIED = re.compile(r"secretgen\.[\w.]+\.(\w+)")


def packaged_templates() -> Path:
    """Returns the folder of the templates: inside the installed package, or next to it."""
    installed = Path(str(files("secretgen"))) / "_templates"
    return installed if installed.is_dir() else installed.parent.parent / "templates"


@cache
def template_names() -> tuple[str, ...]:
    """Lists the packaged templates, by their path below the folder of the templates."""
    folder = packaged_templates()
    return tuple(sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.j2")))


class Overlay(Struct, frozen=True):
    """Templates of a user's own.

    Args:
        folder: where they are, as it is to be shown.
        sources: their texts by name.
    """

    folder: str
    sources: Mapping[str, str]

    def load(self, name: str) -> tuple[str, str, None] | None:
        """Finds a template for Jinja: its text and where it is."""
        source = self.sources.get(name)
        return None if source is None else (source, self.place(name), None)

    def place(self, name: str) -> str:
        """Returns where a template is, as it is to be shown."""
        return f"{self.folder}/{name}"

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turns whatever goes wrong in one of the templates into an error with its place.

        Raises:
            TemplateError: in place of any other exception.
        """
        try:
            yield
        except SecretgenError:
            raise
        except HclSyntaxError as error:
            raise TemplateError(
                f"invalid HCL: {error}", f"Fix the templates in {self.folder}."
            ) from error
        except Exception as error:
            place = self._place_of(error)
            if place is None:
                raise
            reason = _QUALIFIED.sub(r"\1", str(error).strip()) or type(error).__name__
            raise TemplateError(f"{place}: {reason}", _hint(error)) from error

    def _place_of(self, error: Exception) -> str | None:
        """Finds the innermost line of a template in what an exception came through."""
        places = {self.place(name) for name in self.sources}
        if isinstance(error, jinja2.TemplateSyntaxError):
            # Of a comment without an end, Jinja gives the file in the place of the name.
            file = error.filename or error.name
            if file in places:
                return f"{file}:{error.lineno}"
        found, trace = None, error.__traceback__
        while trace:
            file = trace.tb_frame.f_code.co_filename
            found = f"{file}:{trace.tb_lineno}" if file in places else found
            trace = trace.tb_next
        return found


def _hint(error: Exception) -> str:
    if isinstance(error, jinja2.TemplateSyntaxError):
        return "Fix the template; for the syntax, see https://jinja.palletsprojects.com."
    return "Fix the template; `secretgen templates views` lists what it can use."


def load_overlay(folder: Path, shown: str, root: Path) -> Overlay:
    """Reads templates of a user's own.

    Args:
        folder: where they are.
        shown: that, as it is to be shown.
        root: the project root. Links may lead to files in it, or in the folder.

    Raises:
        FileAccessError: there is no such folder, or a file cannot be read, or is a link that
            leads elsewhere.
        TemplateError: a file overlays no packaged template, or is not made for these views.
    """
    if not folder.is_dir():
        raise FileAccessError(
            f"{shown} is not a folder of templates", "`secretgen templates eject NAME` creates one."
        )
    allowed = [os.path.realpath(place) for place in (folder, root)]
    sources = {}
    for file in _files(folder):
        name = file.relative_to(folder).as_posix()
        place = f"{shown}/{name}"
        if not any(Path(os.path.realpath(file)).is_relative_to(home) for home in allowed):
            raise FileAccessError(
                f"{place} is a link that leads out of the project",
                "Replace the link with the file itself.",
            )
        if name not in template_names():
            raise TemplateError(f"{place} is not a template of secretgen", which(name))
        sources[name] = _checked(_read(file, place), place)
    return Overlay(shown, sources)


def _files(folder: Path) -> list[Path]:
    """Lists files and links without leftovers; links to folders are not entered."""
    found = []
    for entry in folder.iterdir():
        if is_leftover(entry.name):
            continue
        is_folder = entry.is_dir() and not entry.is_symlink()
        found += _files(entry) if is_folder else [entry]
    return sorted(found)


def which(name: str) -> str:
    """Writes a hint at the template that may have been meant: by its path, or its own name."""
    own = name.rpartition("/")[2].removesuffix(".j2")
    alike = [n for n in template_names() if n.rpartition("/")[2] == f"{own}.j2"]
    meant = alike[0] if len(alike) == 1 else closest(name, template_names())
    hint = f"Did you mean {meant}? " if meant else ""
    return f"{hint}`secretgen templates list` prints the names."


def _read(file: Path, place: str) -> str:
    try:
        if not file.is_file():
            raise FileAccessError(f"{place} is not a regular file", "Move it away.")
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise FileAccessError(f"{place} cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise FileAccessError(f"{place} is larger than 1 MiB", "Split the template.")
    try:
        return data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise TemplateError(f"{place} is not UTF-8", "Save it as UTF-8.") from None


def _checked(source: str, place: str) -> str:
    """Refuses a template with a conflict, made for other views, or not telling for which."""
    if conflict := conflict_in(source.encode()):
        raise TemplateError(f"{place}: {conflict}", "Resolve the conflict.")
    made_for = _MARK.match(source)
    if made_for is None:
        raise TemplateError(
            f"{place}:1: the version of the views is missing",
            f"Make {MARK} its first line",
        )
    if int(made_for[1]) != VERSION:
        raise TemplateError(
            f"{place}:1: it is for version {made_for[1]} of the views; this release has {VERSION}",
            "Eject it again into another folder, and carry your changes over.",
        )
    return source
