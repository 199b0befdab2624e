"""Evidence for an audit: each control of a standard, whether AWS meets it, and by what.

The same accounts as of the same day give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct, to_builtins

from secretgen.diagnostics import Diagnostic
from secretgen.insight.plain_text import to_json
from secretgen.live.account import LiveSecret
from secretgen.model import controls
from secretgen.model.controls import Control
from secretgen.model.words import counted
from secretgen.render.markdown import text
from secretgen.rules import live_rules as rules
from secretgen.rules.rule import Rule
from secretgen.usecases.auditing import evidence_gaps
from secretgen.usecases.auditing.account_audit import Audit, Auditing
from secretgen.usecases.auditing.usage_facts import last_read
from secretgen.version import __version__

_MET, _NOT_MET, _NOT_JUDGED = "met", "not met", "not judged"
_AWS_TAGS = "aws:"

_UNCHANGED = Control("Configuration in AWS is the reviewed one", "NIST 800-53 CM-2 and CM-3")
_LEAST_PRIVILEGE = Control("Access is limited to the roles in the spec", "NIST 800-53 AC-6")
_KEYS_USABLE = Control("Keys are enabled")
_COPIES = Control("Replicas are in sync", "NIST 800-53 CP-9")
_INVENTORY = Control("Every secret of the account is in a spec", "NIST 800-53 CM-8")


class Answer(Struct, frozen=True):
    """How an environment meets a control.

    Args:
        control: the control.
        related: requirements of other standards.
        result: `met`, `not met`, or `not judged` where something was not looked at.
        evidence: what was looked at.
        exceptions: what does not meet it, and why; or else what was not looked at.
    """

    control: str
    related: str
    result: str
    evidence: str
    exceptions: tuple[str, ...]


def evidence(auditing: Auditing, *, as_json: bool, as_of: str = "") -> str:
    """Writes evidence by control.

    Args:
        auditing: the audit.
        as_json: whether to write JSON instead of Markdown.
        as_of: the day that the user named; empty for none, so that no clock is in the report.
    """
    if as_json:
        return to_json({
            "secretgen": __version__,
            "as_of": as_of or None,
            "environments": [
                {
                    **dict(_facts(audit)),
                    "controls": to_builtins(list(answers(audit))),
                    "findings": [_finding_row(found.finding) for found in audit.findings],
                }
                for audit in auditing.audits
            ],
        })  # fmt: skip
    return "\n".join(
        [
            "# Audit of secrets in AWS\n",
            *(line for a in auditing.audits for line in _page(a, as_of)),
        ]
    )


def answers(audit: Audit) -> Iterator[Answer]:
    """Answers every control for one environment."""
    observed = audit.observed
    secrets = [live for _, live in (*observed.present, *observed.present_services)]
    looked = f"{counted(len(secrets), 'secret')} (DescribeSecret)"
    rotating = [s for s in secrets if s.rotates]
    today = date.fromisoformat(audit.today)
    described = [key for place in observed.keys if (key := observed.key(place))]
    keys = f"{counted(len(described), 'key')} of the environment"

    def by_rules(control: Control, seen: str, gaps: Iterable[str], *broken: Rule) -> Answer:
        return _answer(audit, control, seen, _summaries(audit, broken), gaps)

    def by_secret(
        control: Control, why: Callable[[LiveSecret], str], gaps: Iterable[str] = ()
    ) -> Answer:
        found = [f"{s.name}: {reason}" for s in secrets if (reason := why(s))]
        missing = _summaries(audit, [rules.SECRET_MISSING])
        return _answer(audit, control, looked, [*found, *missing], gaps)

    yield by_secret(controls.ROTATION_ON, lambda s: "" if s.rotates else "rotation is off")
    yield by_rules(
        controls.ROTATIONS_SUCCEED,
        f"{counted(len(rotating), 'rotating secret')} (staging labels, NextRotationDate)",
        evidence_gaps.unlabelled(rotating),
        rules.ROTATION_FAILED,
    )
    yield by_secret(
        controls.NO_UNUSED_SECRETS,
        lambda s: _idle(last_read(s), s.created, today, "read"),
        evidence_gaps.undated(secrets, last_read),
    )
    yield by_secret(
        controls.ROTATED_IN_TIME,
        lambda s: _idle(_last_rotated(s), s.created, today, "rotated"),
        evidence_gaps.undated(secrets, _last_rotated),
    )
    yield by_secret(controls.TAGGED, _untagged)
    yield _answer(
        audit,
        controls.KEYS_ROTATE,
        f"{keys} (GetKeyRotationStatus)",
        [
            f"{observed.keys[place][0].alias} in {place.region}: rotation is off"
            for place in observed.keys
            if (key := observed.key(place)) and key.rotation_enabled is False
        ],
        evidence_gaps.unrotated_keys(observed),
    )
    yield _answer(
        audit,
        controls.KEYS_NOT_DELETED,
        f"{keys} (DescribeKey)",
        [
            f"{key.arn}: deletion on {key.deletion.date()}"
            for key in observed.account.keys
            if key.deletion
        ],
        evidence_gaps.absent_keys(observed),
    )
    yield by_rules(
        _KEYS_USABLE,
        f"{keys} (DescribeKey)",
        evidence_gaps.absent_keys(observed),
        rules.KEY_UNUSABLE,
    )
    yield by_rules(
        _LEAST_PRIVILEGE,
        "resource policies and key policies, evaluated; grants (ListGrants)",
        evidence_gaps.unjudged_access(observed),
        rules.ACCESS_BEYOND,
        rules.GRANT,
    )
    yield by_rules(
        _COPIES,
        "ReplicationStatus",
        evidence_gaps.unsynced(secrets),
        rules.REPLICA_FAILED,
        rules.REPLICAS_DIFFER,
    )
    yield by_rules(
        _UNCHANGED,
        f"every attribute that AWS returns, compared with {audit.spec.file}",
        (),
        *rules.DIFFERENCES,
        rules.SECRET_MISSING,
        rules.SECRET_PENDING_DELETION,
    )
    listed = "ListSecrets" if observed.account.is_listed else "no list of all secrets"
    yield by_rules(_INVENTORY, listed, evidence_gaps.unlisted(observed), rules.NOT_MANAGED)


def _summaries(audit: Audit, broken: Iterable[Rule]) -> list[str]:
    ids = {rule.id for rule in broken}
    return [_with_reason(f.finding) for f in audit.findings if f.finding.rule in ids]


def _not_known(audit: Audit, control: Control) -> list[str]:
    """Returns what is not known. A policy that cannot be evaluated concerns access alone."""
    return [
        _with_reason(f.finding)
        for f in audit.findings
        if f.finding.rule == rules.NOT_KNOWN.id
        and (control == _LEAST_PRIVILEGE or f.fact.path[-1] != "policy")
    ]


def _with_reason(finding: Diagnostic) -> str:
    return f"{finding.summary} (allowed: {finding.allowed})" if finding.allowed else finding.summary


def _answer(
    audit: Audit,
    control: Control,
    seen: str,
    exceptions: Sequence[str],
    gaps: Iterable[str] = (),
) -> Answer:
    unknown = [*gaps, *_not_known(audit, control)]
    result = _NOT_MET if exceptions else _NOT_JUDGED if unknown else _MET
    return Answer(control.name, control.related, result, seen, tuple(exceptions or unknown))


def _idle(last: datetime | None, created: datetime | None, today: date, words: str) -> str:
    """Returns for how long something has not happened, `read` or `rotated`; empty if not long."""
    since = last or created
    if since is None or today - since.date() <= timedelta(days=controls.MAX_DAYS):
        return ""
    return f"last {words} on {last.date()}" if last else f"not {words} since {since.date()}"


def _last_rotated(live: LiveSecret) -> datetime | None:
    return live.rotation.last_rotated if live.rotation else None


def _untagged(live: LiveSecret) -> str:
    own = [key for key in live.tags if not key.startswith(_AWS_TAGS)]
    return "" if own else "no tag"


def _facts(audit: Audit) -> Iterator[tuple[str, str]]:
    account = audit.observed.account
    yield "environment", audit.observed.environment.name
    yield "spec", audit.spec.file
    yield "account", account.account_id
    yield "region", account.region
    yield "source", "AWS" if account.is_asked else "a dump"


def _finding_row(finding: Diagnostic) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "summary": finding.summary,
        "allowed": finding.allowed,
    }


def _page(audit: Audit, as_of: str) -> Iterator[str]:
    facts = dict(_facts(audit))
    yield f"## {facts['environment']}\n"
    day = f", as of {as_of}" if as_of else ""
    yield (
        f"Account {facts['account']}, {facts['region']}, read from {facts['source']}{day},"
        f" compared with `{facts['spec']}`. Made by secretgen {__version__}.\n"
    )
    yield _table(
        ("control", "result", "examined", "exceptions", "evidence for"),
        (
            (a.control, a.result, a.evidence, "<br>".join(map(text, a.exceptions)), a.related)
            for a in answers(audit)
        ),
    )
    yield "### Findings\n"
    rows = [_finding_row(found.finding) for found in audit.findings]
    if rows:
        yield _table(
            ("rule", "severity", "finding", "allowed because"),
            ((r["rule"], r["severity"], text(r["summary"]), text(r["allowed"])) for r in rows),
        )
    else:
        yield "None. AWS matches the spec.\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
