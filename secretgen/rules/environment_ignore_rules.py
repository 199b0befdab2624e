"""Findings that the environment's `ignore` allows, and rules about its entries.

What a secret's own `ignore` allows is not reported; what the environment's allows is, as a
warning with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from secretgen.model.ignores import IgnoreEntry, IgnoreIndex
from secretgen.rules.finding import Finding
from secretgen.rules.ignore_rules import (
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
from secretgen.rules.rule_context import Context


def apply_environment_ignores(
    context: Context, found: Iterable[Found], rules: dict[str, Rule]
) -> Iterator[Found]:
    """Marks the findings that the environment's `ignore` allows, and reports invalid entries.

    Args:
        context: the spec.
        found: all findings.
        rules: all rules, by id.
    """
    ignores = context.environment.ignores
    index = IgnoreIndex(ignores)
    used: set[int] = set()
    for rule, finding in found:
        about = (finding.of,) if finding.of else ()
        allowed = index.find(rule.id, about, context.today)
        if allowed:
            number, entry = allowed
            used.add(number)
            yield rule, replace(finding, allowed=entry.reason)
        else:
            yield rule, finding
    for i, entry in enumerate(ignores):
        yield from _flaw(context, i, entry, rules, is_used=i in used)


def _flaw(
    context: Context, i: int, entry: IgnoreEntry, rules: dict[str, Rule], *, is_used: bool
) -> Iterator[Found]:
    path, rule = ("ignore", i), rules.get(entry.rule)
    if rule is None:
        yield UNKNOWN, unknown(path, entry.rule, rules)
    elif entry.of.kind not in rule.of:
        yield FORBIDDEN, _forbidden(i, entry, rule)
    elif entry.until and not entry.holds(context.today):
        yield EXPIRED, expired(path, rule.id, entry.until)
    elif not (is_used or rule.is_about_change or rule.is_about_account or context.places.gaps):
        yield UNUSED, not_needed(path, rule.id)


def _forbidden(i: int, entry: IgnoreEntry, rule: Rule) -> Finding:
    if rule.of:
        kinds = " or ".join(kind.value for kind in rule.of)
        detail = f"Set 'of' to a subject of this kind: {kinds}."
        return Finding(("ignore", i, "of"), f"{rule.id} does not apply to {entry.of}", detail)
    where = "in 'ignore' of the secret" if rule.ignorable else "Fix the problem"
    detail = f"Write this {where}." if rule.ignorable else f"{where}, and delete this entry."
    summary = f"{rule.id} cannot be ignored for the environment"
    return Finding(("ignore", i, "rule"), summary, detail)
