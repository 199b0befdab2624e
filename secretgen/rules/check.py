"""Applies the rules to a spec."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from secretgen.diagnostics import Diagnostic, Path, Span, fails
from secretgen.rules.catalogue import all_rules
from secretgen.rules.finding import Finding
from secretgen.rules.ignore_rules import UNUSED, apply_environment_ignores, apply_ignores
from secretgen.rules.rule import Rule
from secretgen.rules.rule_context import Context
from secretgen.spec.credentials import CREDENTIAL_RULES
from secretgen.spec.load import LoadedSpec
from secretgen.spec.places import Places


def findings(loaded: LoadedSpec, *, today: str) -> list[Diagnostic]:
    """Returns all that is to be said about a spec, each mistake once.

    Text that must not be there often has the wrong shape, too; that it is a secret is all that
    matters then.

    Args:
        loaded: the spec, with what reading it found.
        today: as for `check`.

    Returns:
        Findings, sorted by place.
    """
    repeated = _Repeated(loaded)
    found = [d for d in loaded.diagnostics if d.rule in CREDENTIAL_RULES or not repeated.has(d)]
    return sorted([*found, *check(loaded, today=today)], key=lambda d: d.sort_key)


_ABOUT_ALL_BELOW = frozenset({"SG101", "SG103"})


class _Repeated:
    """Knows which findings about the shape are about text that is reported as a secret."""

    def __init__(self, loaded: LoadedSpec) -> None:
        self._values = loaded.places.values
        self._spans: dict[Path, list[Span]] = defaultdict(list)
        for found in loaded.diagnostics:
            if found.rule in CREDENTIAL_RULES and found.path:
                self._spans[found.path].append(found.span)
        self._all_spans = {span for spans in self._spans.values() for span in spans}

    def has(self, found: Diagnostic) -> bool:
        """Returns whether a finding is such a one."""
        value = self._values.get(found.path)
        if not self._spans or value is None:
            return False
        if found.path in self._spans or value in self._all_spans:
            return True
        # An unknown key, or one of the wrong kind, in a `value` with text somewhere below it.
        around = self._spans.get(found.path[:-1], ()) if found.rule in _ABOUT_ALL_BELOW else ()
        return any(_contains(value, span) for span in around)


def _contains(outer: Span, inner: Span) -> bool:
    if outer.file != inner.file:
        return False
    begins = (outer.line, outer.column) <= (inner.line, inner.column)
    return begins and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def check(loaded: LoadedSpec, *, today: str) -> list[Diagnostic]:
    """Applies all rules to a spec.

    Args:
        loaded: the spec, as far as it could be understood. Nothing is said about what could
            not: reading it has.
        today: the date, as `2027-03-01`, for `ignore` entries with a last day.

    Returns:
        Findings, sorted by place.
    """
    if loaded.spec is None or loaded.environment is None:
        return []
    context = Context(loaded.spec, loaded.places, loaded.environment, today)
    reported = {d.path for d in loaded.diagnostics if d.path}
    rules = all_rules()
    found = (
        (rule, finding)
        for rule in rules.values()
        if rule.check
        for finding in rule.check(context)
        if loaded.places.knows(finding.path)
    )
    kept = apply_environment_ignores(context, apply_ignores(context, found, rules), rules)
    diagnostics = [d for d in _diagnostics(kept, loaded.places) if d.path not in reported]
    if fails((*loaded.diagnostics, *diagnostics), strict=False):
        # A rule may find nothing only because of an error.
        diagnostics = [d for d in diagnostics if d.rule != UNUSED.id]
    return sorted(diagnostics, key=lambda d: d.sort_key)


def _diagnostics(found: Iterable[tuple[Rule, Finding]], places: Places) -> Iterator[Diagnostic]:
    """Places findings; of those about one text that several secrets share, the first is kept.

    Secrets share the `defaults` of a spec and of a part, and what an alias repeats.
    """
    first: dict[tuple[str, Span], Finding] = {}
    for rule, finding in found:
        path = finding.path
        span = places.key(path) if finding.at_key else places.value(path)
        known = first.setdefault((rule.id, span), finding)
        if known is not finding and _is_shared(path, known.path, places):
            continue
        diagnostic = Diagnostic(
            rule.id,
            rule.severity,
            finding.summary,
            finding.detail,
            span,
            places.written(path),
            finding.suggestion,
        )
        yield diagnostic.allow(finding.allowed) if finding.allowed else diagnostic


def _is_shared(path: Path, first: Path, places: Places) -> bool:
    """Returns whether two findings at one place are about text that two secrets share."""
    if path[0] == "defaults":
        return path == first
    return path[:2] != first[:2] and places.is_written(path[:3])
