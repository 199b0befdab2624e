"""The root modules of an environment: in which order, account and Region each is applied."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from secretgen.model.environment import Environment
from secretgen.model.layout import RootKind
from secretgen.model.names import bootstrap_state_key, consumer_state_key

ORDER = {kind: number for number, kind in enumerate(RootKind, 1)}
"""Place of each kind in the order of applies: those with a lower number come first."""


class Root(Struct, frozen=True):
    """A root module of an environment, wherever its folder is.

    Args:
        kind: what it holds.
        name: `environment`, `bootstrap` or `consumers/<account>`.
        account_id: the account that it changes.
        region: its primary Region.
        state_bucket: bucket of its state; None for a bucket of its account that nothing here names.
        state_key: key of its state.
        account: the spec's name of the account of readers; empty for other kinds.
    """

    kind: RootKind
    name: str
    account_id: str
    region: str
    state_bucket: str | None
    state_key: str
    account: str = ""

    def folder(self, environment: str) -> str:
        """Returns its folder.

        Args:
            environment: folder of the environment.
        """
        return environment if self.kind is RootKind.ENVIRONMENT else f"{environment}/{self.name}"

    @property
    def order(self) -> int:
        """Place in the order of applies: those with a lower number come first."""
        return ORDER[self.kind]


def roots_of(environment: Environment) -> Iterator[Root]:
    """Yields the root modules of an environment in the order in which they are applied."""
    aws, backend = environment.aws, environment.backend
    if backend.bootstrap:
        yield Root(
            RootKind.BOOTSTRAP,
            "bootstrap",
            aws.account_id,
            backend.region,
            backend.bucket,
            bootstrap_state_key(backend.key),
        )
    yield Root(
        RootKind.ENVIRONMENT,
        "environment",
        aws.account_id,
        aws.region,
        backend.bucket,
        backend.key,
    )
    for account in environment.accounts:
        if account.deployed_roles:
            key = consumer_state_key(environment.name, account.name)
            name = f"consumers/{account.name}"
            yield Root(RootKind.CONSUMER, name, account.id, aws.region, None, key, account.name)
