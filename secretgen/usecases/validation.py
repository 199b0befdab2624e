"""The use case that checks specs alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from secretgen import rules
from secretgen.diagnostics import Diagnostic, Severity, fails
from secretgen.errors import FileAccessError
from secretgen.progress import Observer, no_progress, with_progress
from secretgen.project.config import Config
from secretgen.project.spec_files import in_unused_parts, other_files, part_library, spec_files
from secretgen.rules.several_specs_rules import clashes
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.spec.parts import Library
from secretgen.spec.source import read


class Validation(Struct, frozen=True):
    """What is known of some specs.

    Args:
        specs: the specs.
        diagnostics: all findings about them, sorted by place; one about a part that several
            specs include is there once.
        wrong: the files of the specs that have errors, in their own text or in a part.
    """

    specs: tuple[LoadedSpec, ...]
    diagnostics: tuple[Diagnostic, ...]
    wrong: frozenset[str] = frozenset()

    def fails(self, *, strict: bool) -> bool:
        """Returns whether findings keep the specs from being rendered; if strict, any finding."""
        return fails(self.diagnostics, strict=strict)

    def with_findings(self, found: Iterable[Diagnostic]) -> Validation:
        """Adds findings."""
        both = sorted((*self.diagnostics, *found), key=lambda d: d.sort_key)
        return Validation(self.specs, tuple(both), self.wrong)

    @property
    def sources(self) -> dict[str, str]:
        """Text of each spec and of each part, by its file, for excerpts."""
        return {file: text for spec in self.specs for file, text in spec.texts.items()}


def validate(
    config: Config,
    named: Sequence[Path] | None,
    *,
    today: str,
    allow_none: bool = False,
    observer: Observer = no_progress,
) -> Validation:
    """Reads specs and checks them.

    Args:
        config: settings of the project.
        named: specs that the user named; None for all of the project.
        today: the date, for `ignore` entries with a last day.
        allow_none: whether it is fine when there is no spec.
        observer: called with each step that begins.

    Raises:
        SecretgenError: a file cannot be read.
    """
    files = spec_files(config, named, allow_none=allow_none)
    library, known = part_library(config), [path for path, _ in other_files(config, ())]
    specs = tuple(
        load_spec(read(path, known), shown, library)
        for path, shown in with_progress("Reading specs", files, observer)
    )
    found = [
        (spec.file, finding)
        for spec in with_progress("Checking specs", specs, observer)
        for finding in rules.findings(spec, today=today)
    ]
    others = other_specs(config, [shown for _, shown in files], library)
    if named is None:
        included = {file for spec in (*specs, *others) for file in (spec.file, *spec.texts)}
        found += [(d.span.file, d) for d in in_unused_parts(config, included, library)]
    found += [(spec.file, clash) for spec, clash in clashes(specs, others)]
    wrong = {file for file, finding in found if finding.severity is Severity.ERROR}
    return Validation(specs, tuple(_once(found)), frozenset(wrong))


def _once(found: Iterable[tuple[str, Diagnostic]]) -> list[Diagnostic]:
    """Sorts the findings of specs; one about a part, whose inputs are in its path, is there once.

    Args:
        found: the findings, each with the file of its spec.
    """
    first: dict[Diagnostic, str] = {}
    kept = dict.fromkeys(
        d for spec, d in found if first.setdefault(replace(d, path=()), spec) == spec
    )
    return sorted(kept, key=lambda d: d.sort_key)


def other_specs(
    config: Config, files: Collection[str], library: Library | None = None
) -> list[LoadedSpec]:
    """Reads the specs of the project that are not part of a run, as far as they can be read.

    What is wrong with them is found in a run that they are part of.

    Args:
        config: settings of the project.
        files: the specs of the run.
        library: the parts of the project, if they have been read.
    """
    library = library or part_library(config)
    others = []
    for path, shown in other_files(config, files):
        with suppress(FileAccessError):
            others.append(load_spec(read(path), shown, library))
    return others
