"""The use case that writes what specs render to, all or nothing."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from secretgen.errors import UsageError
from secretgen.progress import Observer, no_progress
from secretgen.project.committed_tree import (
    compare_tree,
    have_outlived_specs,
    left_behind,
    owned_folders,
)
from secretgen.project.config import Config
from secretgen.project.guard import guard_files
from secretgen.project.rendered_tree import (
    own_templates,
    prove_tree,
    render_orchestration,
    render_tree,
)
from secretgen.project.spec_files import check_inside, path_from_root
from secretgen.roundtrip.parsing import Parser
from secretgen.roundtrip.proof import Scope
from secretgen.tree import ChangeSet, is_within, locked_root, publish, recover
from secretgen.tree.paths import shown
from secretgen.usecases.validation import Validation, validate


class Rendering(Struct, frozen=True):
    """What a render came to.

    Args:
        validation: the specs and the findings about them.
        changes: what was to do; None when the specs have errors.
        written: whether it was done.
        kept: files that a user wrote while the tree was published, where they are now.
        left: what is still in folders of environments that are no longer rendered, by folder.
    """

    validation: Validation
    changes: ChangeSet | None = None
    written: bool = False
    kept: tuple[str, ...] = ()
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
        today: the date, for `ignore` entries with a last day.
        force: files and folders, relative to the root or absolute, that may be written over even
            though they were edited or are not ours.
        prune: delete own files that no spec renders any more.
        dry_run: write nothing.
        strict: let warnings count as errors.
        verify_all: parse every file, whatever is on record.
        observer: called with each step that begins.

    Returns:
        What was to do. It was done unless the specs have errors, a file was refused, or the
        run is dry.

    Raises:
        SecretgenError: a file cannot be read or written; or the rendered files do not say what
            the specs say; or `force` names what is not generated.
    """
    places = _places(config, force)
    outlived = have_outlived_specs(config)
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
        changes = compare_tree(root, rendered, folders, force=places.values(), prune=prune)
        _expect_files(places, changes)
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


def _places(config: Config, force: Collection[str]) -> dict[str, str]:
    """Returns where files may be written over, by how the user named it."""
    named = {name: config.root / os.path.normpath(name) for name in force}
    return {name: path_from_root(path, config.root) for name, path in named.items()}


def _expect_files(places: Mapping[str, str], changes: ChangeSet) -> None:
    """Checks that each place holds a generated file, or one in its way."""
    for name, place in places.items():
        if not any(is_within(file.path, place) for file in changes.files):
            hint = "Name a file or folder relative to the project root, as this command shows it."
            raise UsageError(f"--force {shown(name)} names no generated file", hint)
