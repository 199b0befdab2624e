"""The root modules of a project: in which order, account and Region each is applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from secretgen.insight.text import table, to_json
from secretgen.model.environment import Environment
from secretgen.model.layout import Layout, RootKind
from secretgen.model.names import role_arn

_ORDER = {kind: number for number, kind in enumerate(RootKind, 1)}


@dataclass(frozen=True, slots=True)
class RootModule:
    """A folder that Terraform is run in.

    Args:
        path: the folder, relative to the project root.
        environment: the environment that it belongs to.
        kind: what it holds.
        name: `environment`, `bootstrap` or `consumers/<account>`.
        account_id: the account that it changes.
        role: ARN of the role that plans it.
        region: its primary Region.
        spec: the spec that it is rendered from.
    """

    path: str
    environment: str
    kind: RootKind
    name: str
    account_id: str
    role: str
    region: str
    spec: str

    @property
    def order(self) -> int:
        """Place in the order of applies: those with a lower number come first."""
        return _ORDER[self.kind]


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
    return tuple(sorted(found, key=lambda root: (root.order, root.path)))


def _of_environment(
    spec: str, environment: Environment, layout: Layout, plan_role: str
) -> Iterator[RootModule]:
    aws, backend = environment.aws, environment.backend
    folder = layout.environment(environment.name)

    def root(kind: RootKind, name: str, account_id: str, region: str) -> RootModule:
        path = folder if kind is RootKind.ENVIRONMENT else f"{folder}/{name}"
        role = role_arn(aws.partition, account_id, plan_role)
        return RootModule(path, environment.name, kind, name, account_id, role, region, spec)

    if backend.bootstrap:
        yield root(RootKind.BOOTSTRAP, "bootstrap", aws.account_id, backend.region)
    yield root(RootKind.ENVIRONMENT, "environment", aws.account_id, aws.region)
    for account in environment.accounts:
        if account.deployed_roles:
            yield root(RootKind.CONSUMER, f"consumers/{account.name}", account.id, aws.region)


def roots_text(roots: Iterable[RootModule], width: int | None = None) -> str:
    """Writes root modules as a table."""
    rows = [(str(r.order), r.path, r.account_id, r.role, r.region) for r in roots]
    return table(
        ("order", "root module", "account", "role", "region"),
        rows,
        below=frozenset({3}),
        width=width,
    )


def roots_json(roots: Iterable[RootModule]) -> str:
    """Writes root modules as JSON."""
    return to_json({
        "roots": [
            {
                "path": root.path,
                "environment": root.environment,
                "kind": root.kind.value,
                "name": root.name,
                "order": root.order,
                "account": root.account_id,
                "role": root.role,
                "region": root.region,
                "spec": root.spec,
            }
            for root in roots
        ]
    })  # fmt: skip
