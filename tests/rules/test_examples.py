"""Every rule's two examples are run: the wrong one breaks the rule, the right one breaks none."""

import pytest

from secretgen.rules.catalogue import all_rules
from secretgen.rules.rule import Rule
from tests.rules.support import brief, complete, findings_in

# No short excerpt shows these: bytes, sizes, and what several specs do together.
WITHOUT_EXAMPLE = {
    "SG001", "SG007", "SG009", "SG010", "SG014", "SG203", "SG212",
    "SG232", "SG233", "SG234", "SG235", "SG238", "SG240", "SG241", "SG249", "SG405",
    "SG455", "SG456", "SG457", "SG470", "SG471", "SG472", "SG473",
    "SG491", "SG492", "SG493", "SG494", "SG495", "SG496", "SG497",
    "SG511", "SG514", "SG515", "SG516", "SG517", "SG518", "SG520",
}  # fmt: skip
# Those about a change have a spec before it, too: tests/change.
WITH_EXAMPLE = [rule for rule in all_rules().values() if rule.example and not rule.before]


def test_rules_without_example_are_known() -> None:
    rules = [rule for rule in all_rules().values() if not rule.is_about_account]
    assert {r.id for r in rules if not r.example} == WITHOUT_EXAMPLE


def test_examples_are_diffs() -> None:
    for rule in all_rules().values():
        marks = {line[:1] for line in rule.example.splitlines()}
        assert marks <= {"-", "+", " ", ""}, f"{rule.id}: a line has no mark and no space before it"
        assert not rule.example or marks & {"-", "+"}, f"{rule.id}: nothing is wrong, or right"


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.id)
def test_wrong_example_breaks_only_its_rule(rule: Rule) -> None:
    found = findings_in(complete(rule.wrong))
    assert {d.rule for d in found} == {rule.id}, brief(found)
    assert {d.severity for d in found} == {rule.severity}


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.id)
def test_right_example_has_no_finding(rule: Rule) -> None:
    assert brief(findings_in(complete(rule.right))) == []
