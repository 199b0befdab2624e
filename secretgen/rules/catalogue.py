"""All rules, for `explain` and `rules`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from secretgen.rules.rule import Rule


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
