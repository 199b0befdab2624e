"""Findings as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from secretgen.diagnostics import Diagnostic, Severity, Span, path_text
from secretgen.report.redact import Redactor
from secretgen.version import __version__


class Checkout(Struct, frozen=True):
    """Where a project lies in its Git work tree.

    Args:
        folder: its folder, relative to the top; empty for the top itself, or without Git.
        top: the top of the work tree, which files outside the project are relative to; None
            without Git.
    """

    folder: str = ""
    top: Path | None = None

    def path(self, file: str) -> str:
        """Returns a file as seen from the top.

        Args:
            file: a file relative to the root of the project, or an absolute path.
        """
        if not Path(file).is_absolute():
            return f"{self.folder}/{file}" if self.folder and file else file
        if self.top and Path(file).is_relative_to(self.top):
            return Path(file).relative_to(self.top).as_posix()
        return file

    @property
    def category(self) -> str:
        """Name of the project's results in code scanning: the same name replaces them."""
        return f"secretgen/{self.folder}/" if self.folder else "secretgen/"


def checkout(root: Path, top: Path | None) -> Checkout:
    """Returns where a project lies.

    Args:
        root: the project root.
        top: the top of its work tree; None without Git.
    """
    folder = "" if top in (None, root) else root.relative_to(top or root).as_posix()
    return Checkout(folder, top)


_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://pypi.org/project/secretgen/"
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning"}


class RuleText(Struct, frozen=True):
    """What SARIF says about a rule.

    Args:
        summary: what it finds, in a sentence.
        help: why, and what to do, in Markdown.
    """

    summary: str
    help: str = ""


def as_sarif(
    diagnostics: Iterable[Diagnostic],
    sources: Mapping[str, str],
    rules: Mapping[str, RuleText] | None = None,
    place: Checkout | None = None,
) -> str:
    """Writes findings as SARIF.

    Args:
        diagnostics: the findings, in any order.
        sources: text of each file, by its name: tells what must not be repeated.
        rules: texts of the rules, by their ids; those that found nothing are left out.
        place: where the project lies in its work tree.

    Returns:
        A log with one run, in ASCII.
    """
    ordered = sorted(diagnostics, key=lambda d: d.sort_key)
    redactor = Redactor(ordered, sources)
    levels = {d.rule: _LEVEL[d.severity] for d in ordered}
    ids = sorted(levels)
    place = place or Checkout()
    prints = _fingerprints(ordered, place)
    return _log({
        "tool": _tool([_rule(rule, (rules or {}).get(rule), levels[rule]) for rule in ids]),
        "automationDetails": {"id": place.category},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(redactor.finding(d), ids.index(d.rule), place, fingerprint)
            for d, fingerprint in zip(ordered, prints, strict=True)
        ],
    })  # fmt: skip


def failed_run(message: str, code: int, place: Checkout) -> str:
    """Writes the SARIF of a run that could not go on.

    Args:
        message: what is wrong, and what to do.
        code: the exit code.
        place: where the project lies in its work tree.
    """
    notification = {"level": "error", "message": {"text": message}}
    invocation = {
        "executionSuccessful": False,
        "exitCode": code,
        "toolExecutionNotifications": [notification],
    }
    return _log({
        "tool": _tool([]),
        "automationDetails": {"id": place.category},
        "invocations": [invocation],
        "results": [],
    })  # fmt: skip


def _log(run: Mapping[str, Any]) -> str:
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _tool(rules: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    driver = {
        "name": "secretgen",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": _HOME,
        "rules": rules,
    }
    return {"driver": driver}


def _rule(rule: str, text: RuleText | None, level: str) -> dict[str, Any]:
    text = text or RuleText(rule)
    full = text.help or text.summary
    return {
        "id": rule,
        "shortDescription": {"text": text.summary},
        "fullDescription": {"text": full},
        "help": {"text": full, "markdown": full},
        "defaultConfiguration": {"level": level},
    }


def _fingerprints(ordered: Sequence[Diagnostic], place: Checkout) -> Iterator[str]:
    """Yields what each finding is known by, also after lines have moved.

    Those that share rule, file and path are numbered.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in ordered:
        subject = (finding.rule, place.path(finding.span.file), path_text(finding.path))
        yield sha256("\0".join((*subject, str(seen[subject]))).encode()).hexdigest()
        seen[subject] += 1


def _result(
    finding: Diagnostic, rule_index: int, place: Checkout, fingerprint: str
) -> dict[str, Any]:
    span = finding.span
    sentences = [f"{finding.summary}.", finding.detail, finding.input_note]
    if finding.suggestion and finding.suggestion not in finding.detail:
        sentences.append(f"Did you mean `{finding.suggestion}`?")
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVEL[finding.severity],
        "message": {"text": " ".join(filter(None, sentences))},
        "locations": [_location(span, place)],
        "partialFingerprints": {"secretgenFinding/v1": fingerprint},
    }
    if finding.allowed:
        suppression = {"kind": "external", "status": "accepted", "justification": finding.allowed}
        result["suppressions"] = [suppression]
    if span.includes:
        result["relatedLocations"] = [_location(include, place) for include in span.includes]
    return result


def _location(span: Span, place: Checkout) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    file = _uri(place.path(span.file))
    return {"physicalLocation": {"artifactLocation": {"uri": file}, "region": region}}


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
