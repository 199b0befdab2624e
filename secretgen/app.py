"""The use cases: what a command does, as values. Nothing here prints or exits."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from secretgen import rules
from secretgen.config import Config
from secretgen.diagnostics import Diagnostic, Severity, fails
from secretgen.errors import FileAccessError
from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.progress import Observer, no_progress, with_progress
from secretgen.rendering import own_templates, prove_tree, render_orchestration, render_tree
from secretgen.rules.several import clashes
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.spec.parts import Library
from secretgen.spec.source import read
from secretgen.spec_files import (
    check_inside,
    in_unused_parts,
    other_files,
    part_library,
    spec_files,
)

if TYPE_CHECKING:
    from secretgen.report.drift import FileDrift
    from secretgen.tree import ChangeSet, Root


@dataclass(frozen=True, slots=True)
class Validation:
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
        """Tells whether findings keep the specs from being rendered; if strict, any finding."""
        return fails(self.diagnostics, strict=strict)

    def with_findings(self, found: Iterable[Diagnostic]) -> Validation:
        """Adds findings."""
        both = sorted((*self.diagnostics, *found), key=lambda d: d.sort_key)
        return Validation(self.specs, tuple(both), self.wrong)

    @property
    def sources(self) -> dict[str, str]:
        """Text of each spec and of each part, by its file, for excerpts."""
        return {file: text for spec in self.specs for file, text in spec.texts.items()}


@dataclass(frozen=True, slots=True)
class Checking:
    """What a drift check came to.

    Args:
        validation: the specs and the findings about them.
        drift: the files that are not what the valid specs render to.
        files: how many files were looked at.
    """

    validation: Validation
    drift: tuple[FileDrift, ...]
    files: int


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a render came to.

    Args:
        validation: the specs and the findings about them.
        changes: what was to do; None when the specs have errors.
        written: whether it was done.
        kept: files that somebody wrote while the tree was published, where they are now.
        left: what is still in folders of environments that are no longer rendered, by folder.
    """

    validation: Validation
    changes: ChangeSet | None = None
    written: bool = False
    kept: tuple[str, ...] = ()
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
        today: the date, for rules that are excused until a day.
        allow_none: whether it is fine when there is no spec.
        observer: is told what begins.

    Raises:
        SecretgenError: a file cannot be read.
    """
    files = spec_files(config, named, allow_none=allow_none)
    library = part_library(config)
    specs = tuple(
        load_spec(read(path), shown, library)
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
    once = dict.fromkeys(finding for _, finding in found)
    return Validation(specs, tuple(sorted(once, key=lambda d: d.sort_key)), frozenset(wrong))


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


def render(
    config: Config,
    named: Sequence[Path] | None,
    *,
    today: str,
    force: Collection[str] = (),
    prune: bool = True,
    dry_run: bool = False,
    strict: bool = False,
    verify_all: bool = False,
    observer: Observer = no_progress,
) -> Rendering:
    """Renders specs and publishes the result, all or nothing.

    Args:
        config: settings of the project.
        named: specs that the user named; None for all of the project.
        today: the date, for rules that are excused until a day.
        force: files and folders, relative to the root, that may be written over even though
            they were edited or are not ours.
        prune: delete own files that no spec renders any more.
        dry_run: write nothing.
        strict: let warnings count as errors.
        verify_all: parse every block of every file.
        observer: is told what begins.

    Returns:
        What was to do. It was done unless the specs have errors, a file was refused, or the
        run is dry.

    Raises:
        SecretgenError: a file cannot be read or written; or the rendered files do not say what
            the specs say.
    """
    from secretgen.comparison import compare_tree, left_behind  # noqa: PLC0415
    from secretgen.guard import guard_files  # noqa: PLC0415
    from secretgen.roundtrip.parsing import Parser  # noqa: PLC0415
    from secretgen.roundtrip.proof import Scope  # noqa: PLC0415
    from secretgen.tree import locked_root, publish, recover  # noqa: PLC0415

    outlived = _has_environments(config)
    validation = validate(config, named, today=today, allow_none=outlived, observer=observer)
    if validation.fails(strict=strict):
        return Rendering(validation)
    overlay = own_templates(config)
    specs = validation.specs
    rendered = render_tree(config, specs, overlay, observer) if specs else {}
    check_inside(config, [spec.file for spec in validation.specs])
    if named is None:
        rendered |= render_orchestration(config, validation.specs)
    with locked_root(config.root, shared=dry_run) as root:
        kept = () if dry_run else recover(root).kept
        folders = owned_folders(config, root, is_whole=named is None)
        changes = compare_tree(root, rendered, folders, force=force, prune=prune)
        observer("Comparing with what is committed")
        parser = Parser()
        guarded = guard_files(config, validation.specs, changes, today=today, parser=parser)
        validation = validation.with_findings(guarded)
        if validation.fails(strict=strict):
            return Rendering(validation)
        prove_tree(
            config,
            validation.specs,
            rendered,
            changes,
            overlay,
            scope=Scope.ALL if verify_all else Scope.NEW,
            observer=observer,
            parser=parser,
        )
        if dry_run or changes.refused:
            return Rendering(validation, changes)
        observer("Publishing")
        kept += publish(root, changes)
        left = left_behind(root, changes, config.layout)
    return Rendering(validation, changes, written=True, kept=kept, left=left)


def check(
    config: Config,
    named: Sequence[Path] | None,
    *,
    today: str,
    base: str = "",
    verify_all: bool = False,
    tracked: bool = False,
    observer: Observer = no_progress,
) -> Checking:
    """Compares the committed files with what the valid specs render to; writes nothing.

    Args:
        config: settings of the project.
        named: specs that the user named; None for all of the project.
        today: the date, for rules that are excused until a day.
        base: a Git revision: what the specs change since HEAD left its history is judged, too;
            empty for none.
        verify_all: parse every block of every file.
        tracked: report files that Git does not track as missing.
        observer: is told what begins.

    Raises:
        SecretgenError: a file cannot be read, or Git is needed and not there; or the rendered
            files do not say what the specs say.
    """
    from secretgen.claims import Claims  # noqa: PLC0415
    from secretgen.comparison import compare_tree, stray_files, untracked_files  # noqa: PLC0415
    from secretgen.guard import guard_revision  # noqa: PLC0415
    from secretgen.roundtrip.drift import file_drift  # noqa: PLC0415
    from secretgen.roundtrip.proof import Scope  # noqa: PLC0415
    from secretgen.tree import locked_root  # noqa: PLC0415

    outlived = _has_environments(config)
    validation = validate(config, named, today=today, allow_none=outlived, observer=observer)
    specs = [spec for spec in validation.specs if spec.file not in validation.wrong]
    overlay = own_templates(config)
    rendered = render_tree(config, specs, overlay, observer) if validation.specs else {}
    check_inside(config, [spec.file for spec in specs])
    is_whole = named is None and not validation.wrong
    if is_whole:
        rendered |= render_orchestration(config, specs)
    run = [spec.file for spec in specs]
    claims = Claims(config, run, is_whole=named is None, today=today)
    with locked_root(config.root, shared=True) as root:
        folders = owned_folders(config, root, is_whole=is_whole)
        changes = compare_tree(root, rendered, folders, covers=claims.covers)
        known = {file.path for file in changes.drift if file.origin or file.new is not None}
        strays = stray_files(root, rendered, config.layout, known, claims.folders)
    if base:
        observer(f"Comparing with {base}")
        guarded = guard_revision(config, specs, base, today=today)
        validation = validation.with_findings(d for spec in guarded for d in spec.findings)
    scope = Scope.ALL if verify_all else Scope.DRIFTED
    proof = prove_tree(config, specs, rendered, changes, overlay, scope=scope, observer=observer)
    stray = {file.file for file in strays}
    explained = claims.explained(file_drift(specs, changes, proof))
    drift = (*(file for file in explained if file.file not in stray), *strays)
    if tracked:
        drift = (*drift, *untracked_files(config.root, changes))
    return Checking(validation, drift, len(changes.files))


def owned_folders(config: Config, root: Root, *, is_whole: bool = False) -> set[str]:
    """Returns where files of ours may lie: the project's folders, and those by default.

    What was rendered before the project got folders of its own is an orphan now. The file for
    Atlantis is about all specs, so that a run of some of them does not look at it.
    """
    from secretgen.render.atlantis import ATLANTIS  # noqa: PLC0415

    former = {folder for folder in DEFAULT_LAYOUT.folders if _is_folder(root, folder)}
    return former | set(config.layout.folders) | ({ATLANTIS} if is_whole else set())


def _has_environments(config: Config) -> bool:
    """Returns whether environments are committed, which may have outlived the last spec."""
    from secretgen.roundtrip.record import RECORD  # noqa: PLC0415 -- not needed to validate

    return any((config.root / config.layout.environments).glob(f"*/{RECORD}"))


def _is_folder(root: Root, path: str) -> bool:
    with suppress(FileAccessError):
        found = root.lstat(path)
        return found is not None and stat.S_ISDIR(found.st_mode)
    return False
