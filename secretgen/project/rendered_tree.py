"""What specs render to, with whatever templates, and the proof that it says what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from secretgen.errors import RoundTripError, TemplateError
from secretgen.insight.root_modules import root_modules
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.progress import Observer, no_progress, with_progress
from secretgen.project.config import Config
from secretgen.render.atlantis import ATLANTIS, render_atlantis
from secretgen.render.files import render_environment, render_module
from secretgen.render.overlay import Overlay, load_overlay
from secretgen.render.templates import environment as jinja
from secretgen.roundtrip.parsing import Parser
from secretgen.roundtrip.proof import HCL, Proof, Scope, prove
from secretgen.roundtrip.record import RECORD, record
from secretgen.spec.load import LoadedSpec
from secretgen.tree import ChangeSet, Generated

MODULE_ORIGIN = "its module templates"
PROJECT_ORIGIN = "all specs"


def own_templates(config: Config) -> Overlay | None:
    """Reads the project's own templates; None when it has none.

    Raises:
        FileAccessError: a file of them cannot be read.
        TemplateError: a file of them is not what it has to be.
    """
    if config.templates is None:
        return None
    return load_overlay(config.templates, _shown(config.templates, config.root), config.root)


def _shown(folder: Path, root: Path) -> str:
    return str(folder.relative_to(root) if folder.is_relative_to(root) else folder)


def render_tree(
    config: Config,
    specs: Sequence[LoadedSpec],
    overlay: Overlay | None = None,
    observer: Observer = no_progress,
) -> dict[str, Generated]:
    """Renders the module and the environments of valid specs, by path relative to the root.

    Args:
        config: settings of the project, of which the layout counts.
        specs: the specs.
        overlay: templates of the project's own.
        observer: called with each step that begins.

    Raises:
        TemplateError: one of them fails.
    """
    templates = jinja(overlay)
    with overlay.explained() if overlay else nullcontext():
        rendered = _generated(render_module(templates, config.layout), MODULE_ORIGIN)
        for loaded in with_progress("Rendering", specs, observer):
            if loaded.environment:
                bodies = render_environment(loaded.environment, templates, config.layout)
                bodies |= record_of(loaded.environment, bodies, config.layout)
                rendered |= _generated(bodies, loaded.file)
    return rendered


def packaged_files(environment: Environment, layout: Layout) -> dict[str, str]:
    """Renders the module and an environment with the packaged templates.

    Args:
        environment: the environment.
        layout: the output folders.

    Returns:
        Bodies by path relative to the root.
    """
    templates = jinja(None)
    return {
        **render_module(templates, layout),
        **render_environment(environment, templates, layout),
    }


def render_orchestration(config: Config, specs: Sequence[LoadedSpec]) -> dict[str, Generated]:
    """Renders the file for Atlantis, if the project wants it.

    Args:
        config: settings of the project.
        specs: all specs of the project, valid ones.
    """
    if not config.atlantis:
        return {}
    environments = [(spec.file, spec.parts[1]) for spec in specs]
    roots = root_modules(environments, config.layout, config.plan_role)
    text = render_atlantis(roots, config.layout, has_gate=config.atlantis_gate)
    return _generated({ATLANTIS: text}, PROJECT_ORIGIN)


def record_of(
    environment: Environment, bodies: Mapping[str, str], layout: Layout
) -> dict[str, str]:
    """Writes what is on record of an environment, once it is proven.

    Args:
        environment: what its spec says.
        bodies: its files, by path relative to the root; others do not count.
        layout: the output folders.

    Returns:
        The one file, by its path.
    """
    folder = f"{layout.environment(environment.name)}/"
    hcl = {
        path.removeprefix(folder): body
        for path, body in bodies.items()
        if path.startswith(folder) and path.endswith(HCL)
    }
    return {folder + RECORD: record(environment, hcl, layout)}


def _generated(bodies: Mapping[str, str], origin: str) -> dict[str, Generated]:
    return {path: Generated(_ended(body), origin) for path, body in bodies.items()}


def _ended(body: str) -> str:
    """Ends the last line, which a template of one's own may have left open."""
    return body if not body or body.endswith("\n") else f"{body}\n"


def prove_tree(
    config: Config,
    specs: Sequence[LoadedSpec],
    rendered: Mapping[str, Generated],
    changes: ChangeSet,
    overlay: Overlay | None,
    *,
    scope: Scope,
    observer: Observer,
    parser: Parser | None = None,
) -> Proof:
    """Proves that what is rendered says what the specs say, with whatever templates.

    Args:
        config: settings of the project.
        specs: the specs, valid ones.
        rendered: the files as rendered.
        changes: what they change.
        overlay: the templates of the project's own that they were rendered with.
        scope: what is read.
        observer: called with each step that begins.
        parser: parses what is read; None for one that knows nothing yet.

    Raises:
        RoundTripError: it does not.
        TemplateError: it does not, and not by the packaged templates.
    """
    from secretgen.roundtrip.overlay_limits import compare_with_packaged  # noqa: PLC0415

    if overlay is None:
        return prove(specs, changes, config.layout, observer, scope=scope, parser=parser)
    try:
        proof = prove(specs, changes, config.layout, observer, scope=scope, parser=parser)
        compare_with_packaged(rendered, render_tree(config, specs))
    except (RoundTripError, TemplateError) as error:
        raise TemplateError(
            error.summary,
            f"Nothing was written. Fix the templates in {overlay.folder}:"
            " they may change wording and layout, not what is deployed.",
        ) from error
    return proof
