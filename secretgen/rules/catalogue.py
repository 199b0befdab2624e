"""All rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import ModuleType

from secretgen.rules import (
    access_rules,
    account_format_rules,
    alteration_rules,
    backend_rules,
    change_conflict_rules,
    change_rules,
    credential_rules,
    database_rotation_rules,
    database_rules,
    encryption_rules,
    ignore_rules,
    import_rules,
    lifecycle_rules,
    limit_rules,
    live_rules,
    loss_rules,
    monitoring_rules,
    move_rules,
    naming_rules,
    part_rules,
    password_rules,
    plan_rules,
    policy_rules,
    reading_rules,
    region_rules,
    replica_rules,
    resource_policy_rules,
    role_format_rules,
    role_rules,
    rotation_rules,
    secret_format_rules,
    service_secret_rules,
    several_specs_rules,
    shape_rules,
    sharing_rules,
    tag_rules,
    timing_rules,
    value_rules,
)
from secretgen.rules.rule import Rule

_GROUPS: tuple[tuple[str, tuple[ModuleType, ...]], ...] = (
    ("Reading the file", (reading_rules,)),
    ("Shape", (shape_rules, part_rules)),
    (
        "Limits of AWS",
        (
            secret_format_rules,
            service_secret_rules,
            account_format_rules,
            role_format_rules,
            naming_rules,
            tag_rules,
            timing_rules,
            policy_rules,
            limit_rules,
            region_rules,
            backend_rules,
        ),
    ),
    (
        "Security",
        (
            credential_rules,
            access_rules,
            role_rules,
            sharing_rules,
            resource_policy_rules,
            encryption_rules,
            lifecycle_rules,
            password_rules,
        ),
    ),
    (
        "Meaning",
        (
            replica_rules,
            rotation_rules,
            value_rules,
            database_rules,
            database_rotation_rules,
            monitoring_rules,
            several_specs_rules,
            ignore_rules,
        ),
    ),
    ("Changes", (change_rules, move_rules, change_conflict_rules, import_rules)),
    ("What a change does", (loss_rules, alteration_rules, plan_rules)),
    ("A live account", (live_rules,)),
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
