"""Findings that the environment's `ignore` allows, and rules about its entries.

What a secret's own `ignore` allows is not reported; what the environment's allows is, as a
warning with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from secretgen.model.excuses import Excuse, excuse_of
from secretgen.rules.context import Context
from secretgen.rules.finding import Finding
from secretgen.rules.ignores import (
    EXPIRED,
    FORBIDDEN,
    UNKNOWN,
    UNUSED,
    Found,
    expired,
    not_needed,
    unknown,
)
from secretgen.rules.rule import Rule


def excuse_environment(
    context: Context, found: Iterable[Found], rules: dict[str, Rule]
) -> Iterator[Found]:
    """Marks the findings that the environment's `ignore` allows, and reports invalid entries.

    Args:
        context: the spec.
        found: all findings.
        rules: all rules, by id.
    """
    excuses = context.environment.excuses
    used: set[int] = set()
    for rule, finding in found:
        about = (finding.of,) if finding.of else ()
        excuse = excuse_of(excuses, rule.id, about, context.today)
        if excuse:
            used.add(excuses.index(excuse))
            yield rule, replace(finding, excused=excuse.reason)
        else:
            yield rule, finding
    for i, excuse in enumerate(excuses):
        yield from _flaw(context, i, excuse, rules, is_used=i in used)


def _flaw(
    context: Context, i: int, excuse: Excuse, rules: dict[str, Rule], *, is_used: bool
) -> Iterator[Found]:
    path, rule = ("ignore", i), rules.get(excuse.rule)
    if rule is None:
        yield UNKNOWN, unknown(path, excuse.rule, rules)
    elif excuse.of.kind not in rule.of:
        yield FORBIDDEN, _forbidden(i, excuse, rule)
    elif excuse.until and not excuse.holds(context.today):
        yield EXPIRED, expired(path, rule.id, excuse.until)
    elif not (is_used or rule.is_about_change or rule.is_about_account or context.places.gaps):
        yield UNUSED, not_needed(path, rule.id)


def _forbidden(i: int, excuse: Excuse, rule: Rule) -> Finding:
    if rule.of:
        kinds = " or ".join(kind.value for kind in rule.of)
        detail = f"Write 'of' with what it is about: {kinds}."
        return Finding(("ignore", i, "of"), f"{rule.id} is not about {excuse.of}", detail)
    where = "in 'ignore' of the secret" if rule.ignorable else "Fix what it is about"
    detail = f"Write this {where}." if rule.ignorable else f"{where}, and delete this entry."
    summary = f"the environment cannot be excused from {rule.id}"
    return Finding(("ignore", i, "rule"), summary, detail)
