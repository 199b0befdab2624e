"""What a rule is: an id, words about it, two examples, and a function that finds mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from textwrap import dedent

from msgspec import Struct
from msgspec.structs import replace

from secretgen.change.hazards import Hazard
from secretgen.diagnostics import Severity
from secretgen.model.changes import Kind
from secretgen.rules.finding import Findings
from secretgen.rules.rule_context import Context
from secretgen.spec.suggest import is_slip

ERROR = Severity.ERROR
WARNING = Severity.WARNING


Check = Callable[[Context], Findings]


class Rule(Struct, frozen=True):
    """A rule.

    Args:
        id: such as `SG305`, unique.
        severity: of all its findings.
        summary: what it finds, as a title.
        why: what happens otherwise, and what to do.
        source: the document that the rule follows.
        example: an excerpt of a spec that breaks it, as YAML, and how to put it right: a diff,
            each line of which begins with `-`, `+` or a space; empty where none can be shown.
        check: finds mistakes; None for a rule that is checked while a spec is read.
        ignorable: whether `ignore` of a secret can allow it.
        of: what an entry of the environment's `ignore` about it may be of; nothing if that
            cannot allow it.
        before: for a rule about a change, an excerpt of the spec before that change.
        verbs: for a rule about a change, the entries of `changes` that allow it.
    """

    id: str
    severity: Severity
    summary: str
    why: str
    source: str
    example: str = ""
    check: Check | None = None
    ignorable: bool = False
    of: tuple[Kind, ...] = ()
    before: str = ""
    verbs: tuple[str, ...] = ()

    @property
    def wrong(self) -> str:
        """The excerpt that breaks the rule."""
        return _lines(self.example, besides="+")

    @property
    def right(self) -> str:
        """The same, as it should be."""
        return _lines(self.example, besides="-")

    @property
    def is_about_change(self) -> bool:
        """Whether it is about a change: an entry that allows it may be needed by the next one."""
        return self.id.startswith("SG5")

    @property
    def is_about_account(self) -> bool:
        """Whether it is about a live account, of which a spec alone knows nothing."""
        return self.id.startswith("SG6")

    @property
    def can_be_ignored(self) -> str:
        """Returns which entries of a spec can allow it, in words; empty for none."""
        if self.verbs:
            return f"allowed by {', '.join(f'`{verb}`' for verb in self.verbs)} in `changes`"
        if self.ignorable:
            return "can be ignored"
        return "can be ignored in the environment" if self.of else ""


def _lines(example: str, *, besides: str) -> str:
    return "".join(f"{line[1:]}\n" for line in example.splitlines() if line[:1] != besides)


def described(
    id: str,  # noqa: A002 -- the word for it
    summary: str,
    *,
    why: str,
    source: str,
    example: str = "",
    severity: Severity = ERROR,
    of: tuple[Kind, ...] = (),
    before: str = "",
    verbs: tuple[str, ...] = (),
) -> Rule:
    """Describes a rule that is checked elsewhere: while a spec is read, or about a change."""
    return Rule(
        id,
        severity,
        summary,
        " ".join(why.split()),
        source,
        _dedented(example),
        of=of,
        before=_dedented(before),
        verbs=verbs,
    )


def about_hazard(
    hazard: Hazard, *, why: str, source: str, before: str = "", example: str = ""
) -> Rule:
    """Describes the rule about a hazard."""
    return described(
        hazard.rule,
        hazard.title,
        why=why,
        source=source,
        before=before,
        example=example,
        severity=hazard.severity,
        of=hazard.kinds,
        verbs=tuple(sorted(hazard.verbs)),
    )


def rule(
    id: str,  # noqa: A002 -- the word for it
    severity: Severity,
    summary: str,
    *,
    why: str,
    source: str,
    example: str = "",
    ignorable: bool = False,
    of: tuple[Kind, ...] = (),
) -> Callable[[Check], Rule]:
    """Makes a rule of a function that finds mistakes."""
    about = described(
        id, summary, why=why, source=source, example=example, severity=severity, of=of
    )
    return lambda check: replace(about, check=check, ignorable=ignorable)


def _dedented(text: str) -> str:
    return dedent(text).strip("\n") + "\n" if text else ""


def like_id(written: str, ids: Iterable[str]) -> str:
    """Returns the id that was most likely meant, or an empty string.

    Any number is one slip away from several others: a guess counts only if there is no second.
    """
    number = re.sub("[^0-9]", "", written.upper().replace("O", "0").replace("L", "1"))
    exact = [rule for rule in ids if rule == f"SG{number}"]
    like = exact or [rule for rule in ids if is_slip(written, rule)]
    return like[0] if len(like) == 1 else ""
