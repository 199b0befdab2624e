"""Cases of each rule about a change: a spec, the same spec changed, and what is found.

Each case of `cases/` has `name`, `before` and `after` (excerpts that are completed) and `found`:
`severity rule path` for each finding. `says` is text of the details. `allow` is added to the spec
after the change; everything that is an error is allowed by it then, and so is what the case is of.
"""

from pathlib import Path
from typing import Any

import pytest

from secretgen.change import Hazard, hazards
from secretgen.rules.catalogue import all_rules
from secretgen.rules.rule import Rule
from tests.cases import cases_in
from tests.change.support import brief, change

CASES = cases_in(Path(__file__).parent / "cases")
ELSEWHERE = {"SG511", "SG514", "SG515", "SG516", "SG517", "SG518", "SG520"}
WITH_EXAMPLE = [rule for rule in all_rules().values() if rule.before]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_case(rule: str, case: dict[str, Any]) -> None:
    changes = change(case["before"], case["after"])
    assert brief(changes.findings) == case["found"]
    details = "\n".join(f"{d.summary}\n{d.detail}" for d in changes.findings)
    for text in case.get("says", ()):
        assert text in details
    if "allow" in case:
        allowed = change(case["before"], f"{case['after']}\n{case['allow']}")
        found = brief(allowed.findings)
        assert not any(line.startswith("error") for line in found), found
        assert any(line.startswith(f"allowed {rule} ") for line in found), found


def test_each_hazard_has_cases() -> None:
    rules = {
        hazard.rule for hazard in vars(hazards).values() if isinstance(hazard, Hazard)
    } - ELSEWHERE
    assert {case.values[0] for case in CASES} - {"none"} == rules
    assert {case.values[0] for case in CASES if "allow" in case.values[1]} == rules


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.id)
def test_example(rule: Rule) -> None:
    wrong = change(rule.before, rule.wrong).findings
    assert rule.id in {d.rule for d in wrong if not d.allowed}
    right = change(rule.before, rule.right).findings
    assert rule.id not in {d.rule for d in right if not d.allowed}
    assert not any(d.severity == "error" for d in right)
