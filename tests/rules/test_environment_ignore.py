"""What the environment's `ignore` allows is still reported, and fails nothing."""

import json

from secretgen.diagnostics import Severity, fails
from secretgen.report.json_report import as_json
from secretgen.report.sarif import as_sarif
from secretgen.report.text import as_text
from tests.rules.support import FILE, complete, findings_in

SPEC = complete("""\
keys: { old: {} }
accounts: { partner: { id: "111111111111" } }
ignore:
  - { rule: SG407, of: keys.old, reason: Its secrets come in March }
  - { rule: SG408, of: accounts.partner, reason: The contract begins in March }
""")


def test_allowed_finding_is_a_warning_with_its_reason() -> None:
    found = findings_in(SPEC)
    assert [(d.rule, d.severity, d.allowed) for d in found] == [
        ("SG407", Severity.WARNING, "Its secrets come in March"),
        ("SG408", Severity.WARNING, "The contract begins in March"),
    ]
    assert not fails(found, strict=True)
    assert fails(findings_in(SPEC.replace("keys.old", "keys.new")), strict=True)
    assert not fails(findings_in(SPEC.replace("keys.old", "keys.new")), strict=False)


def test_every_format_shows_the_reason() -> None:
    found, sources = findings_in(SPEC), {FILE: SPEC}
    reason = "The contract begins in March"
    assert reason in as_text(found, sources, width=200, color=False)
    assert json.loads(as_json(found, sources))["diagnostics"][1]["allowed"] == reason
    (run,) = json.loads(as_sarif(found, sources))["runs"]
    assert run["results"][1]["suppressions"][0]["justification"] == reason
