"""The way from the bytes of a spec to the environment it describes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from secretgen.diagnostics import Diagnostic, has_errors
from secretgen.model.environment import Environment
from secretgen.spec import source
from secretgen.spec.credentials import find_credentials, find_in_text
from secretgen.spec.decode import Places, decode
from secretgen.spec.resolve import resolve
from secretgen.spec.schema import Spec


@dataclass(frozen=True)
class LoadedSpec:
    """A spec as far as it could be understood.

    Args:
        file: its name, as it is to be shown.
        text: its text, for excerpts.
        spec: None when its shape is wrong beyond use.
        places: where its values stand.
        diagnostics: what reading it and checking its shape found.
    """

    file: str
    text: str
    spec: Spec | None
    places: Places
    diagnostics: list[Diagnostic] = field(default_factory=list)

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
            raise ValueError(f"{self.file} has no usable shape")
        return self.spec, self.environment

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong with it so far."""
        return self.spec is not None and not has_errors(self.diagnostics)


def load_spec(data: bytes, file: str) -> LoadedSpec:
    """Reads a spec and checks its shape.

    Args:
        data: the bytes of the file.
        file: its name, for findings.
    """
    text = data.decode("utf-8-sig", errors="replace")
    root, diagnostics = source.load(data, file)
    credentials = find_credentials(root) if root else []
    diagnostics = [*diagnostics, *credentials, *find_in_text(text, file, credentials)]
    if root is None:
        return LoadedSpec(file, text, None, Places(file), diagnostics)
    spec, places, shape = decode(root, file)
    return LoadedSpec(file, text, spec, places, [*diagnostics, *shape])
