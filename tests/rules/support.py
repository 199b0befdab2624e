"""Excerpts of specs, completed and sent through the whole way from text to findings."""

import re
from functools import lru_cache
from pathlib import Path

from secretgen import rules
from secretgen.diagnostics import Diagnostic
from secretgen.spec.load import load_spec

TODAY = "2026-03-01"
FILE = "spec.yaml"
CONTRACT = Path(__file__).parents[1] / "spec" / "contract.yaml"

_REST = {
    "version": "version: 1\n",
    "environment": "environment: staging\n",
    "aws": 'aws: { account_id: "123456789012", region: us-east-1 }\n',
    "backend": "backend: { bucket: my-terraform-state, locking: s3 }\n",
    "secrets": "secrets: { app/base: {} }\n",
}


def complete(excerpt: str) -> str:
    """Adds behind an excerpt the top-level keys that it leaves out, so that its lines stay."""
    body = excerpt if excerpt.endswith("\n") else excerpt + "\n"
    return body + "".join(
        rest for key, rest in _REST.items() if not re.search(rf"^{key}:", excerpt, re.MULTILINE)
    )


def findings_in(text: str, today: str = TODAY) -> list[Diagnostic]:
    """Returns all findings about a spec, by place."""
    return list(_findings_in(text, today))


@lru_cache(maxsize=64)
def _findings_in(text: str, today: str) -> tuple[Diagnostic, ...]:
    loaded = load_spec(text.encode(), FILE)
    return tuple(rules.findings(loaded, today=today))


def brief(found: list[Diagnostic]) -> list[str]:
    """Returns findings as `line:column rule summary`, for comparison and for messages."""
    return [f"{d.span.line}:{d.span.column} {d.rule} {d.summary}" for d in found]
