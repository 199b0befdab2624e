"""The file that tells Atlantis the root modules of a project, and in which order they go."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Collection, Iterable

from secretgen.insight.root_modules import RootModule
from secretgen.model.layout import Layout, RootKind

ATLANTIS = "atlantis.yaml"
"""Where Atlantis looks: at the top of the repository."""

_OWN = ("*.tf", ".terraform.lock.hcl")
_NEEDS = {
    RootKind.BOOTSTRAP: (),
    RootKind.ENVIRONMENT: (RootKind.BOOTSTRAP,),
    RootKind.CONSUMER: (RootKind.ENVIRONMENT,),
}
"""The root modules of the same environment that are applied before one."""


_WORKFLOWS = {
    RootKind.BOOTSTRAP: ("secretgen-bootstrap", "bootstrap=$SHOWFILE"),
    RootKind.ENVIRONMENT: ("secretgen-environment", "environment=$SHOWFILE"),
    RootKind.CONSUMER: ("secretgen-consumer", 'consumers/$(basename "$DIR")=$SHOWFILE'),
}
"""The workflow of each kind of root module, and how the gate is told of which one a plan is."""

_STEPS = """\
  {name}:
    plan:
      steps:
        - init
        - plan
        - run: |
            terraform show -json "$PLANFILE" > "$SHOWFILE" &&
              secretgen gate --plan "{plan}"
            code=$?
            rm -f "$SHOWFILE" # it may hold values in plain text
            exit $code
"""


def render_atlantis(roots: Iterable[RootModule], layout: Layout, *, has_gate: bool) -> str:
    """Renders the projects of Atlantis, one for each root module.

    A project is planned when its own files change, and an environment as well when the module
    changes: `when_modified` replaces what Atlantis watches by default.

    Args:
        roots: the root modules of the whole project.
        layout: the output folders.
        has_gate: whether `secretgen gate` judges each plan, in a workflow of Atlantis.
    """
    found = list(roots)
    lines = ["version: 3", "abort_on_execution_order_fail: true", "projects:"]
    for module in found:
        kind = module.root.kind
        before = [
            _name(other)
            for other in found
            if other.environment == module.environment and other.root.kind in _NEEDS[kind]
        ]
        lines += [
            f"  - name: {_name(module)}",
            f"    dir: {module.path}",
            *([f"    workflow: {_WORKFLOWS[kind][0]}"] if has_gate else []),
            f"    execution_order_group: {module.root.order}",
            *([f"    depends_on: [{', '.join(before)}]"] if before else []),
            "    autoplan:",
            f"      when_modified: {json.dumps(_watched(module, layout))}",
        ]
    text = "".join(f"{line}\n" for line in lines)
    return text + _workflows({module.root.kind for module in found}) if has_gate else text


def _workflows(kinds: Collection[RootKind]) -> str:
    used = [_WORKFLOWS[kind] for kind in _WORKFLOWS if kind in kinds]
    return "workflows:\n" + "".join(_STEPS.format(name=name, plan=plan) for name, plan in used)


def _name(module: RootModule) -> str:
    """Returns the name of a project: a dot occurs in no name of an environment or an account."""
    suffix = (
        "" if module.root.kind is RootKind.ENVIRONMENT else f".{module.root.name.replace('/', '.')}"
    )
    return module.environment + suffix


def _watched(module: RootModule, layout: Layout) -> list[str]:
    if module.root.kind is not RootKind.ENVIRONMENT:
        return list(_OWN)
    return [*_OWN, f"{posixpath.relpath(layout.module, module.path)}/**/*.tf"]
