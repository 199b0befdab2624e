"""The use case that judges plans: what they do that the spec does not say or allow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from secretgen.change import Change
from secretgen.change.hazards import UNREADABLE
from secretgen.diagnostics import Diagnostic, Span, Stage, fails
from secretgen.errors import UsageError
from secretgen.git import Repository, find_repository
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.plan.access_changes import AccessChange
from secretgen.plan.planned_hazards import Seen
from secretgen.plan.rendered import PlannedRoot, RenderedFiles, root_named
from secretgen.progress import Observer, no_progress, with_progress
from secretgen.project.config import Config
from secretgen.project.guard import committed_at, guard, judged
from secretgen.project.rendered_tree import packaged_files
from secretgen.project.spec_files import spec_names
from secretgen.roundtrip.spec_places import spec_place
from secretgen.spec.load import LoadedSpec, load_spec
from secretgen.spec.parts import Library
from secretgen.tree import open_root, read_sources
from secretgen.usecases.inspection import text_at
from secretgen.usecases.plan_judging import judged_plan
from secretgen.usecases.validation import Validation, validate
from secretgen.user_files import read_json_text, with_name

ENVIRONMENT = "environment"


class PlanFinding(Struct, frozen=True):
    """A finding about a plan, and the change that it is about."""

    root: str
    finding: Diagnostic
    change: Change


class Gating(Struct, frozen=True):
    """What plans come to.

    Args:
        validation: the spec and the findings about it.
        plans: names of the root modules whose plans were judged.
        findings: the findings about the plans; including those that the spec allows.
        plaintext: where plans hold values in plain text.
        access: who gains and who loses what, each with the name of the root module.
        sources: texts of the spec and of its parts, also at the base.
    """

    validation: Validation
    plans: tuple[str, ...] = ()
    findings: tuple[PlanFinding, ...] = ()
    plaintext: tuple[str, ...] = ()
    access: tuple[tuple[str, AccessChange], ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The findings about the plans."""
        return tuple(found.finding for found in self.findings)

    def fails(self, *, strict: bool) -> bool:
        """Returns whether the spec is invalid, or a plan does what is not allowed."""
        return self.validation.fails(strict=False) or fails(self.diagnostics, strict=strict)


class _Base(Struct, frozen=True):
    """The environment at the base: as committed, and its spec where it can be read."""

    environment: Environment | None = None
    spec: LoadedSpec | None = None
    unreadable: tuple[PlanFinding, ...] = ()


def gate(
    config: Config,
    named: Path | None,
    plans: Sequence[str],
    *,
    today: str,
    base: str = "",
    observer: Observer = no_progress,
) -> Gating:
    """Judges plans.

    Args:
        config: settings of the project.
        named: the spec that the user named; None for the only one of the project.
        plans: files, each with `NAME=` before it when it is not the plan of the environment.
        today: the date, for entries that hold until a day.
        base: a Git revision that tells what was before; empty for none.
        observer: called with each step that begins.

    Raises:
        SecretgenError: a file cannot be read, or Git cannot be asked.
        UsageError: there is no plan, or the spec has no root module of that name.
    """
    validation = validate(config, [named] if named else None, today=today, observer=observer)
    if validation.fails(strict=False):
        return Gating(validation)
    spec = _spec_of_plans(config, validation.specs)
    _, environment = spec.parts
    roots = named_roots(environment, config.layout, plans)
    texts = {root: read_json_text(Path(file)) for root, file in roots}
    before = _base(config, spec, base, today) if base else _Base()
    observer("Rendering the spec")
    files = RenderedFiles(packaged_files(environment, config.layout))
    sources = partial(_sources_on_disk, config.root)
    findings = list(before.unreadable)
    plaintext: list[str] = []
    access: list[tuple[str, AccessChange]] = []
    for root, file in with_progress("Checking plans", roots, observer):
        found = judged_plan(
            (file, texts[root]), root, files, environment, before.environment, sources=sources
        )
        plaintext += [f"{file}: {place}" for place in found.plaintext]
        access += [(root.name, change) for change in found.access]
        findings += _findings((spec, before.spec), root.name, found.seen, today)
    old_texts = before.spec.texts if before.spec else {}
    return Gating(
        validation,
        tuple(root.name for root, _ in roots),
        tuple(findings),
        tuple(plaintext),
        tuple(access),
        {**validation.sources, **{f"base:{file}": text for file, text in old_texts.items()}},
    )


def _spec_of_plans(config: Config, specs: Sequence[LoadedSpec]) -> LoadedSpec:
    """Returns the only spec, or the one of the environment in whose folder the command runs."""
    here = Path.cwd().resolve()
    folders = {s.file: config.root / config.layout.environment(s.parts[1].name) for s in specs}
    around = [s for s in specs if here.is_relative_to(folders[s.file].resolve())]
    found = around or list(specs)
    if len(found) != 1:
        names = ", ".join(spec.file for spec in found)
        raise UsageError("all plans must be of one environment", f"Name one of {names}.")
    return found[0]


def named_roots(
    environment: Environment, layout: Layout, plans: Sequence[str]
) -> list[tuple[PlannedRoot, str]]:
    """Finds the root modules that plans are of.

    Args:
        environment: the environment.
        layout: the output folders.
        plans: files, each with `NAME=` before it when it is not the plan of the environment.

    Returns:
        The root modules with their files.

    Raises:
        UsageError: there is no plan, no such root module, or two plans of one.
    """
    if not plans:
        hint = "Add --plan FILE with the output of `terraform show -json`."
        raise UsageError("no plan given", hint)
    found: dict[PlannedRoot, str] = {}
    for given in plans:
        name, file = with_name(given, ENVIRONMENT)
        root = root_named(environment, layout.environment(environment.name), name)
        if root in found:
            raise UsageError(f"two plans of {name} given", "Name each root module once.")
        found[root] = file
    return list(found.items())


def _sources_on_disk(root: Path, folders: Collection[str]) -> dict[str, str | None]:
    with open_root(root) as opened:
        found = read_sources(opened, folders)
    return {
        path: None if data is None else data.decode("utf-8", errors="replace")
        for path, data in found.items()
    }


def _base(config: Config, spec: LoadedSpec, reference: str, today: str) -> _Base:
    (changes,) = guard([spec], committed_at(config, reference), spec_names(config), today=today)
    unreadable = tuple(
        PlanFinding(ENVIRONMENT, item.finding, item.change)
        for item in changes.changes
        if item.finding and item.change.hazard is UNREADABLE
    )
    environment = changes.baselines[0].environment if changes.baselines else None
    return _Base(environment, _spec_at(config, spec, reference), unreadable)


def _spec_at(config: Config, spec: LoadedSpec, reference: str) -> LoadedSpec | None:
    """Reads the spec as it was at the base; None where it was not there or not valid."""
    repository = find_repository(config.root)
    if not isinstance(repository, Repository):
        return None
    revision = repository.merge_base(reference)
    read_at = partial(text_at, config.root, revision)
    if repository.read(revision, spec.file) is None:
        return None
    found = load_spec(read_at(spec.file), spec.file, Library(read_at))
    return found if found.is_valid and found.environment is not None else None


def _findings(
    specs: tuple[LoadedSpec, LoadedSpec | None], name: str, seen: Iterable[Seen], today: str
) -> list[PlanFinding]:
    spec, before = specs
    found: dict[tuple[object, ...], PlanFinding] = {}
    for item in seen:
        change = item.change
        key = (change.hazard, change.path, change.summary)
        if key in found:
            continue
        finding = judged(spec, change, today, _place(spec, before, change)).finding
        if finding is None:
            continue
        place = f": {item.address}" if item.address else ""
        place += f" ({item.region})" if item.region else ""
        finding = replace(
            finding,
            detail=f"{finding.detail}\nThis finding is about the plan of {name}{place}.",
            stage=Stage.PLAN,
            address=item.address,
            region=item.region,
        )
        found[key] = PlanFinding(name, finding, change)
    return list(found.values())


def _place(spec: LoadedSpec, before: LoadedSpec | None, change: Change) -> Span | None:
    """Finds the place in the spec; of what has left, the place at the base."""
    place = spec_place(spec, change.path)
    if place is None and before is not None:
        old = spec_place(before, change.path)
        return old._replace(file=f"base:{old.file}") if old else None
    return place
