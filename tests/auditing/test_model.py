"""No field of the model is left out of an audit: each is compared, or AWS does not tell it."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

import secretgen.model.environment
import secretgen.model.secret
from secretgen.auditing.judge import audit_environment
from secretgen.auditing.observed import Observed
from secretgen.model.environment import Environment
from secretgen.model.secret import AWS_MANAGED
from secretgen.spec.load import LoadedSpec, load_spec
from tests.auditing.account import applied
from tests.rendered import PRODUCTION, SPECS

TODAY = "2026-11-28"
EVERYTHING = Path(__file__).parents[1] / "spec" / "everything.yaml"
ALL = (PRODUCTION, EVERYTHING, *sorted(SPECS.glob("*.yaml")))

# Fields whose values are not independent of others.
ANOTHER = {"Secret.kms_key": AWS_MANAGED}
REFERENCED = {"Environment.keys", "Key.regions"}

# Part of an environment, and why nothing that an audit reads tells it.
NOT_IN_THE_ACCOUNT = {
    "Environment.backend": "Terraform's own state",
    "Environment.monitoring": "alarms: a scheduled plan compares them",
    "Environment.changes": "what becomes of resources, not what they are",
    "Environment.name": "in the aliases of keys, which follow from it",
    "Account.roles": "policies of a role in the account of a reader; what it may read is in Secret",
    "Account.name": "the spec's own name for an account",
    "Account.id": "in the ARNs of readers and writers",
    "Aws.partition": "in every ARN",
    "Aws.account_id": "whose account is read",
    "Aws.region": "whose Region is read",
    "Key.name": "in its alias",
    "Key.dedicated": "in its alias",
    "Key.deletion_window_days": "AWS tells it only while a key is pending deletion",
    "RegionalKey.region": "where the key is looked for",
    "Secret.name": "what is looked for",
    "Secret.force_overwrite_replica": "what an apply may do, not a state",
    "Secret.recovery_window_days": "AWS tells it only while a secret is pending deletion",
    "Secret.notify_readers": "event rules, which are not read: a scheduled plan compares them",
    "Secret.policy": "where it is unmanaged, the policy that is there is not compared",
    "Value.version": "what Terraform wrote last is in its state",
    "Value.password": "how a value is generated",
    "Value.fields": "a value, which nothing reads",
    "Rotation.immediately": "what an apply does, not a state",
    "RotationSchedule.immediately": "what an apply does, not a state",
    "Rotation.application": "in the ARN of its function; the function itself is not read",
    "Rotation.vpc": "network of the rotation function, which is not read",
    "Rotation.exclude_characters": "a setting of the rotation function, which is not read",
    "ServiceSecret.name": "the spec's own name for it",
    "KeyGrant.role_arn": "follows from the readers and writers of secrets",
    "KeyGrant.secrets": "follows from the readers and writers of secrets",
}

# Classes that stand only where an audit looks at nothing.
NOT_READ = {
    "Backend", "Monitoring", "Notify",  # see Environment
    "Role", "SecretInRegion",  # see Account.roles
    "Field", "Number", "Password", "Vpc",  # see Value and Rotation
    "GrantGroup",  # made of KeyGrant
}  # fmt: skip


def load(spec: Path) -> LoadedSpec:
    return load_spec(spec.read_bytes(), "specs/production.yaml")


def every_spec() -> list[LoadedSpec]:
    """The specs, and one in which a secret of a service rotates by days."""
    rich = (SPECS / "rich.yaml").read_text(encoding="utf-8")
    by_days = rich.replace("{ schedule: rate(7 days), duration: 2h }", "{ every_days: 7 }")
    return [*map(load, ALL), load_spec(by_days.encode(), "specs/production.yaml")]


def found(loaded: LoadedSpec, expected: Environment, live: Environment) -> list[str]:
    observed = Observed(expected, applied(live))
    return [
        f"{f.finding.rule} {f.finding.summary}"
        for f in audit_environment(loaded, observed, today=TODAY)
    ]


@pytest.mark.parametrize("spec", ALL, ids=lambda s: s.stem)
def test_what_was_applied_is_as_the_spec_says(spec: Path) -> None:
    loaded = load(spec)
    environment = loaded.parts[1]
    assert found(loaded, environment, environment) == []


def changed(value: Any) -> Any:  # noqa: PLR0911
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


def mutations(value: Any) -> Iterator[tuple[str, Any]]:
    """Every value with one field changed, and the field: `Secret.description`."""
    if isinstance(value, tuple):
        for i, item in enumerate(value):
            for name, other in mutations(item):
                yield name, (*value[:i], other, *value[i + 1 :])
        return
    if not is_dataclass(value) or isinstance(value, type):
        return
    for field in fields(value):
        name, now = f"{type(value).__name__}.{field.name}", getattr(value, field.name)
        if not field.compare or name in NOT_IN_THE_ACCOUNT:
            continue
        shorter = now[1:] if now and isinstance(now, tuple) and name not in REFERENCED else None
        other = ANOTHER.get(name) or (shorter if isinstance(now, tuple) else changed(now))
        if other is not None:
            yield name, replace(value, **{field.name: other})
        for inner, deeper in mutations(now):
            yield inner, replace(value, **{field.name: deeper})
            yield name, replace(value, **{field.name: deeper})


def every_field() -> set[str]:
    """The fields of every class of the model that an environment is made of."""
    modules = (secretgen.model.environment, secretgen.model.secret)
    classes = {c for module in modules for c in vars(module).values() if is_dataclass(c)}
    classes = {c for c in classes if c.__module__ in {m.__name__ for m in modules}}
    return {f"{c.__name__}.{f.name}" for c in classes for f in fields(c) if f.compare}


def test_every_field_is_compared() -> None:
    """Each field of the model is changed in turn: somewhere, the audit has to see it."""
    seen: set[str] = set()
    for loaded in every_spec():
        environment = loaded.parts[1]
        for name, other in mutations(environment):
            if name not in seen and found(loaded, other, environment):
                seen.add(name)
    excluded = {name for name in every_field() if name.partition(".")[0] in NOT_READ}
    assert every_field() - seen - excluded == set(NOT_IN_THE_ACCOUNT)
