"""Which files the specs render that are not part of a run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from functools import cached_property

from msgspec.structs import replace

from secretgen import rules
from secretgen.diagnostics import has_errors
from secretgen.errors import SecretgenError
from secretgen.project.config import Config
from secretgen.project.rendered_tree import own_templates, render_tree
from secretgen.project.spec_files import part_library, spec_names
from secretgen.report.drift_report import FileDrift
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.spec.parts import Library
from secretgen.spec.source import read
from secretgen.tree import with_manifests

_DELETE = "Delete it; or change its spec, or `specs` in the settings, so that it is rendered."
_NAME = re.compile(r"^environment:\s*[\"']?([a-z0-9-]+)", re.MULTILINE)


class UnselectedSpecs:
    """The files of the specs that are not part of a run; each spec is read when needed.

    Args:
        config: the project.
        run: the specs of the run that are rendered.
        is_whole: whether the run is about all specs of the project. A spec that is none of them
            then renders nothing.
        today: the date, for rules that are ignored until a day.
    """

    def __init__(self, config: Config, run: Collection[str], *, is_whole: bool, today: str) -> None:
        self._config = config
        self._run = run
        self._is_whole = is_whole
        self._today = today
        self._loaded: dict[str, LoadedSpec | None] = {}
        self._paths: dict[str, frozenset[str]] = {}

    @cached_property
    def folders(self) -> frozenset[str]:
        """The environment folders of the project's specs that are not rendered in this run."""
        names = (self._environment_of(self._load(spec)) for spec in self._specs - {*self._run})
        return frozenset(self._config.layout.environment(name) for name in names if name)

    def covers(self, origin: str, path: str) -> bool:
        """Returns whether a spec renders a file.

        Args:
            origin: the spec, as the header of the file names it.
            path: the file.
        """
        if origin not in self._specs and self._is_whole:
            return False
        loaded = self._load(origin)
        name = self._environment_of(loaded)
        if not name or not path.startswith(f"{self._config.layout.environment(name)}/"):
            return False
        return loaded is None or not self._is_valid(loaded) or path in self._rendered(loaded)

    def explained(self, drift: Iterable[FileDrift]) -> Iterator[FileDrift]:
        """Adds to orphans that name an existing file as their spec that it does not render them."""
        for file in drift:
            if file.state == "orphan" and (self._config.root / file.origin).is_file():
                note = f"{file.origin} exists, but does not render it"
                if self._is_whole and file.origin not in self._specs:
                    note = f"{file.origin} exists, but is not one of the project's specs"
                yield replace(file, note=note, advice=_DELETE)
            else:
                yield file

    @cached_property
    def _specs(self) -> set[str]:
        return spec_names(self._config)

    @cached_property
    def _library(self) -> Library:
        return part_library(self._config)

    def _load(self, spec: str) -> LoadedSpec | None:
        if spec not in self._loaded:
            self._loaded[spec] = None
            with suppress(SecretgenError):
                data = read(self._config.root / spec)
                self._loaded[spec] = load_spec(data, spec, self._library)
        return self._loaded[spec]

    def _is_valid(self, loaded: LoadedSpec) -> bool:
        """Returns whether a spec can be rendered: what others renders is in the same folder."""
        return loaded.is_valid and not has_errors(list(rules.findings(loaded, today=self._today)))

    def _environment_of(self, loaded: LoadedSpec | None) -> str:
        """Returns the name of the environment of a spec, whatever else is wrong with it."""
        if loaded is None:
            return ""
        if loaded.spec:
            return loaded.spec.environment
        found = _NAME.search(loaded.text)
        return found[1] if found else ""

    def _rendered(self, loaded: LoadedSpec) -> frozenset[str]:
        if loaded.file not in self._paths:
            tree = render_tree(self._config, [loaded], own_templates(self._config))
            self._paths[loaded.file] = frozenset(with_manifests(tree))
        return self._paths[loaded.file]
