"""All rules, for `explain` and `rules`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import groupby
from pathlib import Path
from pkgutil import iter_modules

from secretgen.rules.rule import Rule, like_id

_GROUPS = {
    "SG0": "Reading the file",
    "SG1": "Shape",
    "SG2": "Limits of AWS",
    "SG3": "Security",
    "SG4": "Meaning",
    "SG48": "Changes",
    "SG49": "Parts of a spec",
    "SG5": "What a change does",
    "SG6": "A live account",
}
"""Titles of the groups, by how the ids of their rules begin."""


def each_rule() -> Iterator[Rule]:
    """Yields the rules of every module of this package whose name ends like that of rules."""
    for found in iter_modules([str(Path(__file__).parent)]):
        if found.name.endswith("_rules"):
            module = import_module(f"{__package__}.{found.name}")
            yield from getattr(module, "RULES", ())
            yield from (value for value in vars(module).values() if isinstance(value, Rule))


@cache
def all_rules() -> dict[str, Rule]:
    """Returns every rule by its id, sorted."""
    return {rule.id: rule for rule in sorted(each_rule(), key=lambda rule: rule.id)}


def grouped_rules() -> list[tuple[str, list[Rule]]]:
    """Returns all rules under headings, by id."""
    groups = groupby(
        all_rules().values(), lambda rule: _GROUPS.get(rule.id[:4]) or _GROUPS[rule.id[:3]]
    )
    return [(title, list(rules)) for title, rules in groups]


def explain(rule_id: str) -> Rule | None:
    """Returns a rule by its id, in any case; None when there is no such rule."""
    return all_rules().get(rule_id.strip().upper())


def similar_id(rule_id: str) -> str:
    """Returns the id of a rule that was most likely meant, or an empty string."""
    return like_id(rule_id, all_rules())
