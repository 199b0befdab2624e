"""The file that tells Atlantis the root modules of a project, and in which order they go."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable

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


def render_atlantis(roots: Iterable[RootModule], layout: Layout) -> str:
    """Renders the projects of Atlantis, one for each root module.

    A project is planned when its own files change, and an environment as well when the module
    changes: `when_modified` replaces what Atlantis watches by default.

    Args:
        roots: the root modules of the whole project.
        layout: the output folders.
    """
    found = list(roots)
    lines = ["version: 3", "abort_on_execution_order_fail: true", "projects:"]
    for root in found:
        before = [
            _name(other)
            for other in found
            if other.environment == root.environment and other.kind in _NEEDS[root.kind]
        ]
        lines += [
            f"  - name: {_name(root)}",
            f"    dir: {root.path}",
            f"    execution_order_group: {root.order}",
            *([f"    depends_on: [{', '.join(before)}]"] if before else []),
            "    autoplan:",
            f"      when_modified: {json.dumps(_watched(root, layout))}",
        ]
    return "".join(f"{line}\n" for line in lines)


def _name(root: RootModule) -> str:
    """Returns the name of a project: a dot occurs in no name of an environment or an account."""
    suffix = "" if root.kind is RootKind.ENVIRONMENT else f".{root.name.replace('/', '.')}"
    return root.environment + suffix


def _watched(root: RootModule, layout: Layout) -> list[str]:
    if root.kind is not RootKind.ENVIRONMENT:
        return list(_OWN)
    module = posixpath.relpath(layout.module, root.path)
    return [*_OWN, f"{module}/**/*.tf"]
