"""The root modules of an environment, by the names that commands take."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from secretgen.errors import UsageError
from secretgen.model.environment import Environment
from secretgen.model.layout import RootKind
from secretgen.model.roots import roots_of


class PlannedRoot(Struct, frozen=True):
    """A root module of which there is a plan.

    Args:
        kind: what it holds.
        name: `environment`, `bootstrap` or `consumers/<account>`.
        folder: its folder, relative to the root of the project.
        account: the reader's account; empty for other roots.
    """

    kind: RootKind
    name: str
    folder: str
    account: str = ""


def planned_roots(environment: Environment, folder: str) -> Iterator[PlannedRoot]:
    """Yields the root modules of an environment.

    Args:
        environment: the environment.
        folder: its folder, relative to the root of the project.
    """
    for root in roots_of(environment):
        yield PlannedRoot(root.kind, root.name, root.folder(folder), root.account)


def root_named(environment: Environment, folder: str, name: str) -> PlannedRoot:
    """Returns the root module of a name.

    Raises:
        UsageError: the environment has none of that name.
    """
    roots = {root.name: root for root in planned_roots(environment, folder)}
    if name not in roots:
        raise UsageError(
            f"{environment.name} has no root module {name!r}", f"It has {', '.join(roots)}."
        )
    return roots[name]
