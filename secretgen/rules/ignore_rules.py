"""Findings that a secret ignores, and rules about `ignore` entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from secretgen.diagnostics import Path, Span
from secretgen.model.changes import Kind
from secretgen.rules.finding import Finding
from secretgen.rules.rule import WARNING, Rule, described, like_id
from secretgen.rules.rule_context import Context
from secretgen.spec.secret_schema import IgnoreSpec
from secretgen.spec.suggest import shown

_SOURCE = "The spec language, `ignore`"

UNKNOWN = described(
    "SG461",
    "Unknown rule in an ignore entry",
    why="The id is probably misspelt, and the intended rule still applies.",
    source=_SOURCE,
    example="""
         secrets:
        -  app/key: { ignore: [{ rule: SG999, reason: it was never there }] }
        +  app/client-secret: { ignore: [{ rule: SG202, reason: the name is known to partners }] }
    """,
)
FORBIDDEN = described(
    "SG462",
    "Rule that cannot be ignored",
    why="""
        Only recommendations can be ignored. What AWS refuses, what is invalid, and what concerns
        the whole environment cannot be ignored for one secret.
    """,
    source=_SOURCE,
    example="""
         secrets:
        -  app/key: { ignore: [{ rule: SG404, reason: we want it there }] }
        +  app/client-secret: { ignore: [{ rule: SG202, reason: the name is known to partners }] }
    """,
)
EXPIRED = described(
    "SG463",
    "Expired ignore entry",
    severity=WARNING,
    why="The day in `until` has passed, and the rule applies again.",
    source=_SOURCE,
    example="""
         secrets:
        -  app/key: { ignore: [{ rule: SG202, reason: renamed next year, until: 2020-12-31 }] }
        +  app/client-secret:
        +    ignore: [{ rule: SG202, reason: renamed next year, until: 2999-12-31 }]
    """,
)
UNUSED = described(
    "SG464",
    "Unnecessary ignore entry",
    severity=WARNING,
    why="The secret satisfies the rule. Delete the entry: it would hide a later mistake.",
    source=_SOURCE,
    example="""
         secrets:
        -  app/key: { ignore: [{ rule: SG202, reason: the name is known to partners }] }
        +  app/client-secret: { ignore: [{ rule: SG202, reason: the name is known to partners }] }
    """,
)
Found = tuple[Rule, Finding]


class _IgnoreEntry(Struct):
    """An `ignore` that holds.

    Args:
        path: where it stands.
        rule: id of the rule.
        is_used: whether it had any effect.
    """

    path: Path
    rule: str
    is_used: bool = False


def apply_ignores(
    context: Context, found: Iterable[Found], rules: dict[str, Rule]
) -> Iterator[Found]:
    """Drops the findings that `ignore` entries of secrets allow, and reports invalid entries.

    Args:
        context: the spec.
        found: all findings.
        rules: all rules, by id.
    """
    entries: dict[Path, list[_IgnoreEntry]] = {}
    shared: dict[Span, _IgnoreEntry] = {}
    for owner, ignores in _ignores(context):
        entries[owner] = []
        for i, ignore in enumerate(ignores):
            path, known = (*owner, "ignore", i), rules.get(ignore.rule)
            span = context.places.value(path)
            if span in shared:
                entries[owner].append(shared[span])
            elif not known:
                yield UNKNOWN, unknown(path, ignore.rule, rules)
            elif not known.ignorable:
                yield FORBIDDEN, _forbidden(path, known)
            elif ignore.until and ignore.until < context.today:
                yield EXPIRED, expired(path, ignore.rule, ignore.until)
            else:
                shared[span] = _IgnoreEntry(path, ignore.rule)
                entries[owner].append(shared[span])
    owners = {s.name: s.path("ignore")[:-1] for s in context.secrets}
    by_owner = {(owner, e.rule): e for owner, those in entries.items() for e in those}
    for rule, finding in found:
        entry = by_owner.get((owners.get(finding.secret, ()), rule.id))
        if entry:
            entry.is_used = True
        else:
            yield rule, finding
    yield from _not_needed(context, entries)


def _ignores(context: Context) -> Iterator[tuple[Path, list[IgnoreSpec]]]:
    """Yields the `ignore` entries of the defaults and of each secret that has its own."""
    yield ("defaults",), context.spec.defaults.ignore
    for secret in context.secrets:
        if secret.own.ignore:
            yield ("secrets", secret.name), secret.own.ignore


def _not_needed(context: Context, entries: dict[Path, list[_IgnoreEntry]]) -> Iterator[Found]:
    unused: dict[Path, _IgnoreEntry] = {}
    for those in entries.values():
        unused |= {entry.path: entry for entry in those if not entry.is_used}
    for owner, those in entries.items():
        # What is wrong in a secret, or in any for the defaults, may be what needs the entry.
        known = context.knows("secrets") if owner == ("defaults",) else context.knows(*owner)
        for entry in () if known else those:
            unused.pop(entry.path, None)
    for entry in unused.values():
        yield UNUSED, not_needed(entry.path, entry.rule)


def unknown(path: Path, written: str, rules: dict[str, Rule]) -> Finding:
    """Makes the finding about an entry whose rule does not exist."""
    guess = like_id(written, rules)
    hint = f"Did you mean {guess!r}? " if guess else ""
    detail = f"{hint}`secretgen rules` lists all rules and whether they can be ignored."
    return Finding((*path, "rule"), f"unknown rule {shown(written)}", detail, guess)


def _forbidden(path: Path, rule: Rule) -> Finding:
    summary = f"{rule.id} cannot be ignored for a secret"
    hint = f"{rule.summary}: fix the spec, and delete this entry."
    if Kind.SECRETS in rule.of:
        hint = "Move this entry to `ignore` of the environment, with `of: secrets.NAME`."
    return Finding((*path, "rule"), summary, hint)


def expired(path: Path, rule: str, until: str) -> Finding:
    """Makes the finding about an entry whose last day is over."""
    summary = f"the ignore entry for {rule} expired after {until}"
    return Finding(
        (*path, "until"), summary, "Fix the problem that it ignores, or extend the date."
    )


def not_needed(path: Path, rule: str) -> Finding:
    """Makes the finding about an entry that allows nothing."""
    return Finding(path, f"the ignore entry for {rule} is unnecessary", "Delete it.")
