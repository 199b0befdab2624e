"""Every field of the model, changed in turn."""

from collections.abc import Container, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

import secretgen.model.environment
import secretgen.model.secret
from secretgen.model.documented import compared_fields
from secretgen.model.secret import AWS_MANAGED
from secretgen.spec.load import LoadedSpec, load_spec
from tests.rendered import PRODUCTION, SPECS

ALL = (
    PRODUCTION,
    Path(__file__).parents[1] / "spec" / "everything.yaml",
    *sorted(SPECS.glob("*.yaml")),
)

# Fields whose values are not independent of others.
_ANOTHER = {"Secret.kms_key": AWS_MANAGED}
_REFERENCED = {"Environment.keys", "Key.regions"}


def load(spec: Path) -> LoadedSpec:
    """Loads a spec as that of production."""
    return load_spec(spec.read_bytes(), "specs/production.yaml")


def every_spec() -> list[LoadedSpec]:
    """The specs, and one in which a secret of a service rotates by days."""
    rich = (SPECS / "rich.yaml").read_text(encoding="utf-8")
    by_days = rich.replace("{ schedule: rate(7 days), duration: 2h }", "{ every_days: 7 }")
    return [*map(load, ALL), load_spec(by_days.encode(), "specs/production.yaml")]


def _changed(value: Any) -> Any:  # noqa: PLR0911
    """Another value of the same kind; None where there is none."""
    match value:
        case bool():
            return not value
        case StrEnum():
            return next((other for other in type(value) if other != value), None)
        case int():
            return value + 1
        case str() if value.isdigit():
            return value[::-1]
        case str():
            return f"{value}x"
        case Mapping():
            return {**value, "Another": "x"}
    return None


def mutations(value: Any, without: Container[str] = ()) -> Iterator[tuple[str, Any]]:
    """Every value with one field changed, and the field: `Secret.description`.

    Args:
        value: a part of the model.
        without: fields that are left as they are.
    """
    if isinstance(value, tuple):
        for i, item in enumerate(value):
            for name, other in mutations(item, without):
                yield name, (*value[:i], other, *value[i + 1 :])
        return
    if not isinstance(value, Struct):
        return
    for field in compared_fields(type(value)):
        name, now = f"{type(value).__name__}.{field}", getattr(value, field)
        if name in without:
            continue
        shorter = now[1:] if now and isinstance(now, tuple) and name not in _REFERENCED else None
        other = _ANOTHER.get(name) or (shorter if isinstance(now, tuple) else _changed(now))
        if other is not None:
            yield name, replace(value, **{field: other})
        for inner, deeper in mutations(now, without):
            yield inner, replace(value, **{field: deeper})
            yield name, replace(value, **{field: deeper})


def _is_value(item: object) -> bool:
    return isinstance(item, type) and issubclass(item, Struct)


def every_field() -> set[str]:
    """The fields of every class of the model that an environment is made of."""
    modules = (secretgen.model.environment, secretgen.model.secret)
    classes = {c for module in modules for c in vars(module).values() if _is_value(c)}
    classes = {c for c in classes if c.__module__ in {m.__name__ for m in modules}}
    classes -= {secretgen.model.secret.PlainFields}  # part of `Secret`
    return {f"{c.__name__}.{f}" for c in classes for f in compared_fields(c)}
