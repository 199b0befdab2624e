"""All rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import ModuleType

from secretgen.rules import (
    access,
    account_formats,
    backend,
    change_conflicts,
    changes,
    credentials,
    database_rotation,
    databases,
    encryption,
    hazards,
    ignores,
    imports,
    lifecycle,
    limits,
    live,
    monitoring,
    moves,
    naming,
    parts,
    passwords,
    plan_hazards,
    policies,
    reading,
    regions,
    replicas,
    resource_policy,
    role_formats,
    roles,
    rotation,
    secret_formats,
    service_secrets,
    several,
    shape,
    sharing,
    tags,
    timing,
    values,
)
from secretgen.rules.rule import Rule

_GROUPS: tuple[tuple[str, tuple[ModuleType, ...]], ...] = (
    ("Reading the file", (reading,)),
    ("Shape", (shape, parts)),
    (
        "Limits of AWS",
        (
            secret_formats,
            service_secrets,
            account_formats,
            role_formats,
            naming,
            tags,
            timing,
            policies,
            limits,
            regions,
            backend,
        ),
    ),
    (
        "Security",
        (credentials, access, roles, sharing, resource_policy, encryption, lifecycle, passwords),
    ),
    (
        "Meaning",
        (
            replicas,
            rotation,
            values,
            databases,
            database_rotation,
            monitoring,
            several,
            ignores,
        ),
    ),
    ("Changes", (changes, moves, change_conflicts, imports)),
    ("What a change does", (hazards, plan_hazards)),
    ("A live account", (live,)),
)


def _rules_of(module: ModuleType) -> Iterator[Rule]:
    yield from getattr(module, "RULES", ())
    yield from (value for value in vars(module).values() if isinstance(value, Rule))


def grouped_rules() -> list[tuple[str, list[Rule]]]:
    """Returns all rules under headings, in each group by id."""
    return [
        (title, sorted((r for m in modules for r in _rules_of(m)), key=lambda rule: rule.id))
        for title, modules in _GROUPS
    ]


@cache
def all_rules() -> dict[str, Rule]:
    """Returns every rule by its id, sorted."""
    found = {rule.id: rule for _, rules in grouped_rules() for rule in rules}
    return dict(sorted(found.items()))
