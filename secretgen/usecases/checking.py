"""The use case that looks for drift: committed files that are not what the specs render to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from secretgen.progress import Observer, no_progress
from secretgen.project.committed_tree import (
    compare_tree,
    foreign_files,
    have_outlived_specs,
    owned_folders,
    untracked_files,
)
from secretgen.project.config import Config
from secretgen.project.rendered_tree import (
    own_templates,
    prove_tree,
    render_orchestration,
    render_tree,
)
from secretgen.project.spec_files import check_inside, spec_names
from secretgen.project.unselected_specs import UnselectedSpecs
from secretgen.report.drift_report import FileDrift
from secretgen.roundtrip.proof import Scope
from secretgen.tree import locked_root
from secretgen.usecases.validation import Validation, validate


class Checking(Struct, frozen=True):
    """What a drift check came to.

    Args:
        validation: the specs and the findings about them.
        drift: the files that are not what the valid specs render to.
        files: how many files were looked at.
    """

    validation: Validation
    drift: tuple[FileDrift, ...]
    files: int


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
        today: the date, for `ignore` entries with a last day.
        base: a Git revision: what the specs change since HEAD left its history is judged, too;
            empty for none.
        verify_all: parse every file, whatever is on record.
        tracked: report files that Git does not track as missing.
        observer: called with each step that begins.

    Raises:
        SecretgenError: a file cannot be read, or Git is needed and not there; or the rendered
            files do not say what the specs say.
    """
    outlived = have_outlived_specs(config)
    validation = validate(config, named, today=today, allow_none=outlived, observer=observer)
    specs = [spec for spec in validation.specs if spec.file not in validation.wrong]
    overlay = own_templates(config)
    rendered = render_tree(config, specs, overlay, observer) if validation.specs else {}
    check_inside(config, [spec.file for spec in specs])
    is_whole = named is None and not validation.wrong
    if is_whole:
        rendered |= render_orchestration(config, specs)
    run = [spec.file for spec in specs]
    unselected = UnselectedSpecs(config, run, is_whole=named is None, today=today)
    with locked_root(config.root, shared=True) as root:
        folders = owned_folders(config, root, is_whole=is_whole)
        changes = compare_tree(root, rendered, folders, covers=unselected.covers)
        known = {file.path for file in changes.drift if file.origin or file.new is not None}
        foreign = foreign_files(root, rendered, config.layout, known, unselected.folders)
    if base:
        from secretgen.project import guard as guards  # noqa: PLC0415 -- loaded when needed

        observer(f"Comparing with {base}")
        committed = guards.committed_at(config, base)
        names = spec_names(config)
        guarded = guards.guard(specs, committed, names, today=today)
        validation = validation.with_findings(d for spec in guarded for d in spec.findings)
        if is_whole:
            left = guards.environments_without_spec(guarded, committed, names).values()
            validation = validation.with_findings(item.finding for item in left if item.finding)
    scope = Scope.ALL if verify_all else Scope.DRIFTED
    proof = prove_tree(config, specs, rendered, changes, overlay, scope=scope, observer=observer)
    drifted: tuple[FileDrift, ...] = ()
    if changes.drift:
        from secretgen.roundtrip.drift import file_drift  # noqa: PLC0415 -- loaded when needed

        drifted = file_drift(specs, changes, proof)
    foreign_names = {file.file for file in foreign}
    explained = unselected.explained(drifted)
    drift = (*(file for file in explained if file.file not in foreign_names), *foreign)
    if tracked:
        drift = (*drift, *untracked_files(config.root, changes))
    looked_at = {change.path for change in changes.files} | {file.file for file in drift}
    return Checking(validation, drift, len(looked_at))
