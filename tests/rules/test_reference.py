"""The page about rules is made from them."""

from secretgen.rules.catalogue import all_rules, explain, similar_id
from tests.docs.generated.rules_page import rules_page


def test_page_shows_all_of_every_rule() -> None:
    page = rules_page()
    for rule in all_rules().values():
        assert f"{rule.id}: {rule.summary}" in page
        assert rule.why in page
        assert rule.wrong in page
        assert rule.right in page
        assert f"](#{rule.id.lower()})" in page


def test_explain_takes_an_id_in_any_case() -> None:
    assert explain(" sg305 ") is all_rules()["SG305"]
    assert explain("SG999") is None
    assert similar_id("SG3O5") == "SG305"
