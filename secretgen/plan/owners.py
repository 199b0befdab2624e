"""What of an environment an address of a plan belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from secretgen.model.changes import (
    KMS_KEY,
    ROTATION,
    SECRET,
    Changes,
    Kind,
    Subject,
    secret,
    shared_key,
)
from secretgen.model.environment import Environment
from secretgen.model.names import label, name_of
from secretgen.plan.document import PlanDocument, without_instances

_SECRET_MODULE = re.compile(r"secret__(?P<label>.+)")
_KEY_MODULE = re.compile(
    r"(?P<shared>shared_)?key(?:_(?P<region>[a-z0-9]+(?:_[a-z0-9]+)*))?__(?P<label>.+)"
)
_ROTATION_MODULE = re.compile(r"rotation__(?P<label>.+)")


class Owner(Struct, frozen=True):
    """What a resource belongs to.

    Args:
        subject: the secret, key, account, or the environment itself.
        region: the Region that it is in.
        is_key: whether it is a KMS key of the environment, with its alias.
    """

    subject: Subject
    region: str
    is_key: bool = False

    @property
    def name(self) -> str:
        """Name of the secret or key."""
        return self.subject.name

    @property
    def dedicated(self) -> bool:
        """Whether it is the key of one secret."""
        return self.is_key and self.subject.kind is Kind.SECRETS


class Owners:
    """Finds owners by the labels of modules.

    Args:
        environment: the environment as the spec describes it.
        plan: the plan; names of secrets that have left the spec are in it.
        others: environments that may know more names, such as the one at the base.
        account: the reader's account, for the plan of a consumer; empty for another plan.
    """

    def __init__(
        self,
        environment: Environment,
        plan: PlanDocument,
        others: Iterable[Environment] = (),
        account: str = "",
    ) -> None:
        known = (environment, *others)
        self._region = environment.aws.region
        self._account = account
        planned = [
            str(values["name"])
            for change in plan.changes
            if change.type == SECRET
            for values in (change.before, change.after)
            if values and values.get("name")
        ]
        gone = {kind: _named(environment.changes, kind) for kind in Kind}
        secrets = (s.name for e in known for s in e.secrets)
        keys = (k.name for e in known for k in e.keys if not k.dedicated)
        services = (service.name for e in known for service in e.service_secrets)
        self._secrets = _by_label([*planned, *gone[Kind.SECRETS], *secrets])
        self._keys = _by_label([*gone[Kind.KEYS], *keys])
        self._services = _by_label([*gone[Kind.SERVICE_SECRETS], *services])

    def of(self, address: str) -> Owner:
        """Returns what an address belongs to; the environment itself if nothing smaller."""
        local = without_instances(address)
        first, _, rest = local.partition(".")
        if self._account:
            return Owner(Subject(Kind.ACCOUNTS, self._account), self._region)
        if first == ROTATION:  # those of the environment's own secrets are in modules
            name = _name(self._services, rest)
            return Owner(Subject(Kind.SERVICE_SECRETS, name), self._region)
        if first == "module":
            return self._of_module(rest.split(".", 1)[0])
        return Owner(Subject(Kind.ENVIRONMENT), self._region)

    def knows(self, address: str) -> bool:
        """Returns whether an address in a module may be of an environment, by the module's name."""
        module = without_instances(address).split(".")[1]
        return any(p.fullmatch(module) for p in (_SECRET_MODULE, _KEY_MODULE, _ROTATION_MODULE))

    def _of_module(self, module: str) -> Owner:
        if found := _KEY_MODULE.fullmatch(module):
            alias = found["region"]
            region = alias.replace("_", "-") if alias else self._region
            if found["shared"]:
                return Owner(shared_key(_name(self._keys, found["label"])), region, is_key=True)
            name = _name(self._secrets, found["label"])
            return Owner(Subject(Kind.SECRETS, name, KMS_KEY), region, is_key=True)
        if found := _SECRET_MODULE.fullmatch(module) or _ROTATION_MODULE.fullmatch(module):
            return Owner(secret(_name(self._secrets, found["label"])), self._region)
        return Owner(Subject(Kind.ENVIRONMENT), self._region)


def _named(changes: Changes, kind: Kind) -> list[str]:
    """Lists what entries of `changes` name of a kind: it may have left the environment."""
    forgotten = [forget.what for forget in changes.forgets]
    destroyed = [destroy.what for destroy in changes.destroys]
    things = [*forgotten, *destroyed, *(move.source for move in changes.moves)]
    return [thing.name for thing in things if isinstance(thing, Subject) and thing.kind is kind]


def _by_label(names: Iterable[str]) -> Mapping[str, str]:
    return {label(name): name for name in names}


def _name(known: Mapping[str, str], label_: str) -> str:
    return known.get(label_) or name_of(label_) or label_
