"""The page about rules is made from them."""

import pytest

from secretgen.cli import run
from secretgen.rules.catalogue import all_rules
from tests.docs.generated.rules_page import grouped_rules, rules_page


def test_page_shows_all_of_every_rule() -> None:
    page = rules_page()
    for rule in all_rules().values():
        assert f"{rule.id}: {rule.summary}" in page
        assert rule.why in page
        assert rule.wrong in page
        assert rule.right in page
        assert f"](#{rule.id.lower()})" in page


def test_every_rule_is_in_one_group() -> None:
    ids = [rule.id for _, rules in grouped_rules() for rule in rules]
    assert ids == list(all_rules())


def test_explain_takes_an_id_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", " sg305 "]) == 0
    assert capsys.readouterr().out.startswith(f"SG305: {all_rules()['SG305'].summary} (")
    assert run(["explain", "SG3O5"]) == 2
    assert "Did you mean SG305?" in capsys.readouterr().err
