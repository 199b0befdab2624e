"""What the shell proposes next to commands and options; where anything is wrong, nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import typer

from secretgen.cli.command_context import project


def specs(ctx: typer.Context) -> list[str]:
    """Proposes the specs of the project, as they are named from here."""
    with suppress(Exception):
        return [os.path.relpath(path) for path in _specs_of(ctx)]
    return []


def secrets(ctx: typer.Context) -> list[str]:
    """Proposes the secrets of the spec that is named, or of all of the project."""
    with suppress(Exception):
        named = ctx.params.get("spec")
        files = [Path(named)] if named else _specs_of(ctx)
        return sorted({name for file in files for name in _secrets_in(file)})
    return []


def rules() -> list[tuple[str, str]]:
    """Proposes the rules, with what they find."""
    from secretgen.rules.catalogue import all_rules

    return [(rule.id, rule.summary) for rule in all_rules().values()]


def templates() -> list[str]:
    """Proposes the templates."""
    from secretgen.render.overlay import template_names

    return list(template_names())


def _specs_of(ctx: typer.Context) -> list[Path]:
    from secretgen.project.spec_files import project_specs

    root = ctx.params.get("root")
    return project_specs(project(Path(root) if root else None))


def _secrets_in(file: Path) -> list[str]:
    """Returns the names of secrets, as far as the file can be read."""
    from secretgen.spec.source import load, read
    from secretgen.spec.yaml_nodes import entries_in, field_of

    with suppress(Exception):
        root, _ = load(read(file), str(file))
        return [key.text for key, _ in entries_in(field_of(root, "secrets"))]
    return []
