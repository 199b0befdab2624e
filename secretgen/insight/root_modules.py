"""The root modules of a project: in which order, account and Region each is applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from secretgen.insight.plain_text import table, to_json
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout
from secretgen.model.names import role_arn
from secretgen.model.roots import Root, roots_of


class RootModule(Struct, frozen=True):
    """A folder that Terraform is run in, in a project.

    Args:
        path: the folder, relative to the project root.
        environment: the environment that it belongs to.
        role: ARN of the role that plans it.
        spec: the spec that it is rendered from.
        root: the rest of it.
    """

    path: str
    environment: str
    role: str
    spec: str
    root: Root


def root_modules(
    environments: Iterable[tuple[str, Environment]], layout: Layout, plan_role: str
) -> tuple[RootModule, ...]:
    """Lists the root modules of environments, in the order in which they are applied.

    Args:
        environments: each with the file of its spec.
        layout: the output folders.
        plan_role: name of the role that plans, the same in each account.
    """
    found = (
        root
        for spec, environment in environments
        for root in _of_environment(spec, environment, layout, plan_role)
    )
    return tuple(sorted(found, key=lambda found: (found.root.order, found.path)))


def _of_environment(
    spec: str, environment: Environment, layout: Layout, plan_role: str
) -> Iterator[RootModule]:
    folder = layout.environment(environment.name)
    for root in roots_of(environment):
        role = role_arn(environment.aws.partition, root.account_id, plan_role)
        yield RootModule(root.folder(folder), environment.name, role, spec, root)


def roots_text(roots: Iterable[RootModule], width: int | None = None) -> str:
    """Writes root modules as a table."""
    rows = [
        (str(r.root.order), r.path, r.root.account_id, r.role, r.root.region, _state(r.root))
        for r in roots
    ]
    return table(
        ("order", "root module", "account", "role", "region", "state"),
        rows,
        below=frozenset({3, 5}),
        width=width,
    )


def _state(root: Root) -> str:
    return f"{root.state_bucket or '(of the account)'}/{root.state_key}"


def roots_json(roots: Iterable[RootModule]) -> str:
    """Writes root modules as JSON."""
    return to_json({
        "roots": [
            {
                "path": root.path,
                "environment": root.environment,
                "kind": root.root.kind.value,
                "name": root.root.name,
                "order": root.root.order,
                "account": root.root.account_id,
                "role": root.role,
                "region": root.root.region,
                "state": {"bucket": root.root.state_bucket, "key": root.root.state_key},
                "spec": root.spec,
            }
            for root in roots
        ]
    })  # fmt: skip
