"""Cases of every rule: an excerpt of a spec, and what is to be found in it, with its place.

Each file of `cases/` holds, by rule, cases with `name`, `spec` (an excerpt that is completed, or
`whole: true`) and `found`: `line:column rule`, and `-> suggestion` where there is one.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from secretgen.diagnostics import Severity
from secretgen.rules.catalogue import all_rules, each_rule
from tests.cases import cases_in
from tests.rules.support import complete, findings_in

CASES = cases_in(Path(__file__).parent / "cases")

# Too large, or of too many bytes, for an excerpt: test_sizes.py, and the tests of the reader.
ELSEWHERE = {
    "SG001", "SG007", "SG009", "SG203", "SG212",
    "SG232", "SG233", "SG234", "SG235", "SG238", "SG240", "SG241", "SG249", "SG405",
    "SG455", "SG456", "SG457", "SG470", "SG471", "SG472", "SG473",
    "SG491", "SG492", "SG493", "SG494", "SG495", "SG496", "SG497",
}  # fmt: skip


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_case(rule: str, case: dict[str, Any]) -> None:
    text = case["spec"] if case.get("whole") else complete(case["spec"])
    found = findings_in(text)
    shown = [
        f"{d.span.line}:{d.span.column} {d.rule}" + (f" -> {d.suggestion}" if d.suggestion else "")
        for d in found
    ]
    assert shown == case["found"], "\n".join(f"{d.summary}: {d.detail}" for d in found)


def test_every_rule_has_a_case_that_breaks_it_and_one_that_does_not() -> None:
    breaking = {c.values[0] for c in CASES if any(c.values[0] in f for f in c.values[1]["found"])}
    passing = {c.values[0] for c in CASES if not c.values[1]["found"]}
    others = {r.id for r in all_rules().values() if r.is_about_change or r.is_about_account}
    assert breaking == passing == set(all_rules()) - ELSEWHERE - others


def test_ids_are_well_formed_and_severities_known() -> None:
    for name, rule in all_rules().items():
        assert name == rule.id
        assert re.fullmatch(r"SG[0-6][0-9]{2}", rule.id)
        assert rule.severity in Severity
        assert rule.summary[0].isupper()
        assert not rule.summary.endswith(".")
        assert rule.why.endswith((".", ":", "!"))
        assert rule.source


def test_no_id_is_used_twice() -> None:
    assert sorted({rule.id: rule for rule in each_rule()}) == sorted(r.id for r in {*each_rule()})


def test_only_advice_about_one_secret_can_be_ignored() -> None:
    assert all(
        rule.severity is Severity.WARNING and rule.check
        for rule in all_rules().values()
        if rule.ignorable
    )
