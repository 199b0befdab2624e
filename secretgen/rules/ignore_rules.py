"""Findings that `ignore` entries allow, and rules about these entries.

What a secret's own `ignore` allows is not reported; what the environment's allows is, as a
warning with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from secretgen.diagnostics import Path, Span
from secretgen.model.changes import Kind
from secretgen.model.ignores import IgnoreEntry, IgnoreIndex
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
    why="""
        The secret satisfies the rule. Delete the entry: it would hide a later mistake. Reported
        only if the spec has no error, because an error can hide what the entry ignores.
    """,
    source=_SOURCE,
    example="""
         secrets:
        -  app/key: { ignore: [{ rule: SG202, reason: the name is known to partners }] }
        +  app/client-secret: { ignore: [{ rule: SG202, reason: the name is known to partners }] }
    """,
)
Found = tuple[Rule, Finding]


class _SecretEntry(Struct):
    """An entry of a secret, or of the defaults, that holds.

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
    entries: dict[Path, list[_SecretEntry]] = {}
    shared: dict[Span, _SecretEntry] = {}
    for owner, ignores in _ignores(context):
        entries[owner] = []
        for i, ignore in enumerate(ignores):
            path, known = (*owner, "ignore", i), rules.get(ignore.rule)
            span = context.places.value(path)
            if span in shared:
                entries[owner].append(shared[span])
            elif not known:
                yield _unknown(path, ignore.rule, rules)
            elif not known.ignorable:
                yield FORBIDDEN, _not_for_secrets(path, known)
            elif ignore.until and ignore.until < context.today:
                yield _expired(path, ignore.rule, ignore.until)
            else:
                shared[span] = _SecretEntry(path, ignore.rule)
                entries[owner].append(shared[span])
    owners = {s.name: s.path("ignore")[:-1] for s in context.secrets}
    by_owner = {(owner, e.rule): e for owner, those in entries.items() for e in those}
    for rule, finding in found:
        entry = by_owner.get((owners.get(finding.secret, ()), rule.id))
        if entry:
            entry.is_used = True
        else:
            yield rule, finding
    yield from _unused(entries)


def _ignores(context: Context) -> Iterator[tuple[Path, list[IgnoreSpec]]]:
    """Yields the `ignore` entries of the defaults and of each secret that has its own."""
    yield ("defaults",), context.spec.defaults.ignore
    for secret in context.secrets:
        if secret.own.ignore:
            yield ("secrets", secret.name), secret.own.ignore


def _unused(entries: dict[Path, list[_SecretEntry]]) -> Iterator[Found]:
    unused = {e.path: e.rule for those in entries.values() for e in those if not e.is_used}
    for path, rule in unused.items():
        yield _unnecessary(path, rule)


def _not_for_secrets(path: Path, rule: Rule) -> Finding:
    summary = f"{rule.id} cannot be ignored for a secret"
    hint = f"{rule.summary}: fix the spec, and delete this entry."
    if Kind.SECRETS in rule.of:
        hint = "Move this entry to `ignore` of the environment, with `of: secrets.NAME`."
    return Finding((*path, "rule"), summary, hint)


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
        yield _unknown(path, entry.rule, rules)
    elif entry.of.kind not in rule.of:
        yield FORBIDDEN, _not_for_it(i, entry, rule)
    elif entry.until and not entry.holds(context.today):
        yield _expired(path, rule.id, entry.until)
    elif not (is_used or rule.is_about_change or rule.is_about_account):
        yield _unnecessary(path, rule.id)


def _not_for_it(i: int, entry: IgnoreEntry, rule: Rule) -> Finding:
    if rule.of:
        kinds = " or ".join(kind.value for kind in rule.of)
        detail = f"Set 'of' to a subject of this kind: {kinds}."
        return Finding(("ignore", i, "of"), f"{rule.id} does not apply to {entry.of}", detail)
    detail = "Fix the problem, and delete this entry."
    if rule.ignorable:
        detail = "Write this in 'ignore' of the secret."
    summary = f"{rule.id} cannot be ignored for the environment"
    return Finding(("ignore", i, "rule"), summary, detail)


def _unknown(path: Path, written: str, rules: dict[str, Rule]) -> Found:
    guess = like_id(written, rules)
    hint = f"Did you mean {guess!r}? " if guess else ""
    detail = f"{hint}`secretgen rules` lists all rules and whether they can be ignored."
    return UNKNOWN, Finding((*path, "rule"), f"unknown rule {shown(written)}", detail, guess)


def _expired(path: Path, rule: str, until: str) -> Found:
    summary = f"the ignore entry for {rule} expired after {until}"
    detail = "Fix the problem that it ignores, or extend the date."
    return EXPIRED, Finding((*path, "until"), summary, detail)


def _unnecessary(path: Path, rule: str) -> Found:
    return UNUSED, Finding(path, f"the ignore entry for {rule} is unnecessary", "Delete it.")
