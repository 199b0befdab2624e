"""Differences between two environments, attribute by attribute, in the words of the spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from secretgen.model.address import Address
from secretgen.model.changes import Destroy, Forget, Import, Move, Subject
from secretgen.model.documented import compared_fields
from secretgen.model.environment import Account, Environment, KeyGrant, RegionalKey, Role
from secretgen.model.secret import DEDICATED, Field, Number, Replica, Secret, ServiceSecret

Path = tuple[str, ...]


class Code(Struct, frozen=True):
    """HCL code where a spec has a value: equal to the same code, but to nothing a spec can say.

    Args:
        text: the code.
    """

    text: str


BLOCK = Code("a block")
"""Stands for a whole block where a spec has nothing of the kind, or HCL has not."""

Leaf = str | int | bool | Number | list[Any] | dict[str, Any] | Code | None


class Difference(Struct, frozen=True):
    """One attribute that two environments do not agree on.

    Args:
        path: the attribute, such as `("secrets", "prod/x", "rotation", "every_days")`; the
            path of a whole secret, key or account that only one of them has ends at its name.
        expected: value in the first environment; None when it is absent.
        found: value in the second environment; None when it is absent.
    """

    path: Path
    expected: Leaf
    found: Leaf

    @property
    def secret(self) -> str | None:
        """The secret that differs, if it is one."""
        return self.path[1] if self.path[0] == "secrets" else None

    @property
    def attribute(self) -> str:
        """The attribute in the spec's words: of the secret, or of the whole environment."""
        words = self.path[2:] if self.secret is not None else self.path
        return ".".join(words).replace(".[", "[")


_IDENTITY: dict[type, str] = {
    Account: "name",
    Destroy: "name",
    Field: "name",
    Forget: "name",
    Import: "name",
    KeyGrant: "role_arn",
    Move: "name",
    RegionalKey: "region",
    Replica: "region",
    Role: "name",
    Secret: "name",
    ServiceSecret: "name",
}
"""The field that tells the members of a sequence apart."""


_SPEC_WORDS: dict[str, Path] = {
    "exempt": ("except",),
    "source": ("from",),
    "password": (),
    "moves": ("move",),
    "forgets": ("forget",),
    "destroys": ("destroy",),
    "imports": ("import",),
}
"""Fields that the spec calls otherwise; the options of a password are next to its `from`."""

_TEXTS = (Address, Subject)
"""Types whose values are one word of the spec."""

_LEAVES = (Number, Code)
"""Types whose values are compared whole."""

_UNDIVIDED = _TEXTS + _LEAVES


class _Flat(Struct):
    """An environment as attributes.

    Args:
        leaves: every attribute that is set, by its path.
        parts: what may be there or not, by its path: a secret, a replica, a rotation. Its
            name, or else its attributes, stand for it.
    """

    leaves: dict[Path, Leaf] = field(default_factory=dict)
    parts: dict[Path, Leaf] = field(default_factory=dict)

    def add(self, value: Any, path: Path) -> None:
        """Adds a value and all that is in it."""
        if isinstance(value, _TEXTS):
            self.leaves[path] = str(value)
        elif isinstance(value, Struct) and not isinstance(value, _LEAVES):
            self._add_fields(value, path)
        elif isinstance(value, Mapping):
            for key, item in value.items():
                self.add(item, (*path, key))
        elif isinstance(value, tuple):
            self._add_items(value, path)
        elif value is not None:
            self.leaves[path] = value

    def _add_fields(self, value: Struct, path: Path) -> None:
        for name in compared_fields(type(value)):
            item = getattr(value, name)
            inner = path + _SPEC_WORDS.get(name, (name,))
            if isinstance(item, Struct) and not isinstance(item, _UNDIVIDED) and inner != path:
                self.parts[inner] = _plain(item)
            self.add(item, inner)

    def _add_items(self, items: tuple[Any, ...], path: Path) -> None:
        identity = _IDENTITY.get(type(items[0])) if items else None
        if identity:
            for item in items:
                name = getattr(item, identity)
                self.parts[*path, name] = name
                self.add(item, (*path, name))
        elif items:
            self.leaves[path] = [_plain(item) for item in items]

    def part_of(self, path: Path, other: _Flat) -> Path | None:
        """Finds the outermost part around a path that only this environment has."""
        around = (path[:length] for length in range(1, len(path) + 1))
        return next((p for p in around if p in self.parts and p not in other.parts), None)


def _plain(item: Any) -> Any:
    """Returns a value as data: a mapping of the attributes that are set, and not false."""
    if isinstance(item, tuple):
        return [_plain(i) for i in item]
    if isinstance(item, _TEXTS):
        return str(item)
    if not isinstance(item, Struct) or isinstance(item, _LEAVES):
        return item
    values = ((name, getattr(item, name)) for name in compared_fields(type(item)))
    return {
        name: _plain(value) for name, value in values if value is not None and value is not False
    }


def _flat(environment: Environment) -> _Flat:
    flat = _Flat()
    for name in compared_fields(Environment):
        value = getattr(environment, name)
        if name != "keys":
            flat.add(value, (name,))
    for key in environment.keys:
        # A dedicated key is an attribute of its secret; a shared one stands on its own.
        path = ("secrets", key.name, "kms_key") if key.dedicated else ("keys", key.name)
        flat.parts[path] = DEDICATED if key.dedicated else key.name
        flat.add(key, path)
    if environment.monitoring:
        flat.parts["monitoring",] = _plain(environment.monitoring)
    return flat


def leaves(environment: Environment) -> dict[Path, Leaf]:
    """Lists every attribute of an environment that is set, by its path."""
    return _flat(environment).leaves


def differences(expected: Environment, found: Environment) -> list[Difference]:
    """Compares two environments.

    Args:
        expected: what the spec describes.
        found: what was read back.

    Returns:
        One difference an attribute, sorted by path; what only one of them has, such as a
        secret, a replica or a rotation, is one difference. Empty if and only if the two are
        equal, the order of what has a name aside.
    """
    if expected == found:
        return []
    left, right = _flat(expected), _flat(found)
    result: dict[Path, Difference] = {}
    for path in sorted(left.leaves.keys() | right.leaves.keys()):
        if left.leaves.get(path) == right.leaves.get(path) or _follows(path, left, right):
            continue
        part = left.part_of(path, right) or right.part_of(path, left)
        sides = (left.parts, right.parts) if part else (left.leaves, right.leaves)
        where = part or path
        result[where] = Difference(where, sides[0].get(where), sides[1].get(where))
    return list(result.values())


def _follows(path: Path, left: _Flat, right: _Flat) -> bool:
    """Returns whether an attribute has no say, because the value comes from somewhere else."""
    is_option = path[-1] not in ("from", "version")
    return is_option and _differs_in_origin(path[:-1], left, right)


def _differs_in_origin(path: Path, left: _Flat, right: _Flat) -> bool:
    origin = (*path, "from")
    return left.leaves.get(origin) != right.leaves.get(origin)


class PartDifference(Struct, frozen=True):
    """What two environments do not agree on, without anything left out.

    Args:
        path: an attribute; a part that only one of them has; or a value that comes from
            somewhere else.
        before: the attributes of the first environment, at the path or below it, that differ.
        after: those of the second environment.
    """

    path: Path
    before: dict[Path, Leaf] = field(default_factory=dict)
    after: dict[Path, Leaf] = field(default_factory=dict)


def part_differences(before: Environment, after: Environment) -> list[PartDifference]:
    """Compares two environments so that the first and the differences give the second.

    Args:
        before: the first environment.
        after: the second environment.

    Returns:
        The differences, sorted by path; each attribute that differs is in exactly one of them.
        Empty if and only if the two are equal, the order of what has a name aside.
    """
    if before == after:
        return []
    left, right = _flat(_without(before, after)), _flat(_without(after, before))
    result: dict[Path, PartDifference] = {}
    for path in sorted(left.leaves.keys() | right.leaves.keys()):
        if left.leaves.get(path) == right.leaves.get(path):
            continue
        where = left.part_of(path, right) or right.part_of(path, left) or path
        if where == path and _differs_in_origin(path[:-1], left, right):
            where = path[:-1]
        found = result.setdefault(where, PartDifference(where))
        for side, leaves_ in ((found.before, left.leaves), (found.after, right.leaves)):
            if path in leaves_:
                side[path] = leaves_[path]
    return list(result.values())


def _without(environment: Environment, other: Environment) -> Environment:
    """Leaves out the secrets and keys that another environment has alike."""
    secrets = {secret.name: secret for secret in other.secrets}
    keys = {(key.name, key.dedicated): key for key in other.keys}
    return replace(
        environment,
        secrets=tuple(s for s in environment.secrets if secrets.get(s.name) != s),
        keys=tuple(k for k in environment.keys if keys.get((k.name, k.dedicated)) != k),
    )
