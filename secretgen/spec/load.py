"""The way from the bytes of a spec to the environment it describes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct, field

from secretgen.diagnostics import Diagnostic, Span, has_errors
from secretgen.errors import FileAccessError
from secretgen.model.environment import Environment
from secretgen.model.ignores import IgnoreIndex
from secretgen.spec import source, yaml_nodes
from secretgen.spec.credentials import CREDENTIAL_RULES, find_credentials, find_in_text
from secretgen.spec.decode_spec import decode
from secretgen.spec.include import include, with_undeclared
from secretgen.spec.part_findings import part_as_spec
from secretgen.spec.parts import Library, is_part
from secretgen.spec.places import Places
from secretgen.spec.resolve import resolve
from secretgen.spec.schema import PART_FIELDS, Spec
from secretgen.spec.yaml_nodes import Node


class LoadedSpec(Struct, frozen=True, dict=True):
    """A spec as far as it could be understood, with the parts that it includes.

    Args:
        file: its name, as it is to be shown.
        text: its text, for excerpts.
        spec: None when its shape is wrong beyond use.
        places: where its values stand, in its own file or in one of a part.
        diagnostics: what reading it and checking its shape found.
        part_texts: the text of each part, by its file.
        part_defaults: where parts give all of their own secrets a field or a tag: the keys of it.
    """

    file: str
    text: str
    spec: Spec | None
    places: Places
    diagnostics: list[Diagnostic] = field(default_factory=list)
    part_texts: Mapping[str, str] = field(default_factory=dict)
    part_defaults: frozenset[Span] = frozenset()

    @property
    def texts(self) -> dict[str, str]:
        """The text of the spec and of its parts, by file."""
        return {**self.part_texts, self.file: self.text}

    @cached_property
    def environment(self) -> Environment | None:
        """The resolved environment; None when the spec has no usable shape."""
        return resolve(self.spec) if self.spec else None

    @property
    def parts(self) -> tuple[Spec, Environment]:
        """The spec and its environment.

        Raises:
            ValueError: the spec has no usable shape.
        """
        if self.spec is None or self.environment is None:
            raise ValueError(f"{self.file} is not valid")
        return self.spec, self.environment

    @cached_property
    def ignores(self) -> IgnoreIndex:
        """The entries of its `ignore`; none when the spec has no usable shape."""
        return IgnoreIndex(self.environment.ignores if self.environment else ())

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong with it so far."""
        return self.spec is not None and not has_errors(self.diagnostics)


def _no_file(file: str) -> bytes:
    raise FileAccessError(f"{file} cannot be read outside a project")


def load_spec(data: bytes, file: str, library: Library | None = None) -> LoadedSpec:
    """Reads a spec with the parts that it includes, and checks its shape.

    Args:
        data: the bytes of the file.
        file: its name, as it is to be shown.
        library: the parts of the project; None where there is no project.
    """
    text = data.decode("utf-8-sig", errors="replace")
    root, diagnostics = source.load(data, file)
    credentials = find_credentials(root) if root else []
    diagnostics = [*diagnostics, *credentials, *find_in_text(text, file, credentials)]
    if not isinstance(root, yaml_nodes.Mapping):
        return LoadedSpec(file, text, None, Places(file), diagnostics)
    if is_part(root):
        diagnostics.append(part_as_spec(root, file))
        return LoadedSpec(file, text, None, Places(file), diagnostics)
    included = include(root, file, library or Library(_no_file))
    diagnostics += included.diagnostics
    if included.texts:
        diagnostics += _replaced_credentials(included.root, diagnostics)
    unknown = () if included.is_whole else PART_FIELDS
    spec, places, shape = decode(included.root, file, Spec, unknown)
    diagnostics += with_undeclared(shape, included.undeclared, places)
    return LoadedSpec(file, text, spec, places, diagnostics, included.texts, included.defaults)


def _replaced_credentials(root: Node, known: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Finds credentials that only the replacement of inputs made."""
    places = {d.span.written for d in known if d.rule in CREDENTIAL_RULES}
    return [d for d in find_credentials(root) if d.span.written not in places]
