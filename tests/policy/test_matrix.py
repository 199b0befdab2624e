"""Who may do what, by the policies of a reference spec: two evaluators, and what is wanted."""

from functools import cache

from tests.policy import matrix
from tests.policy.test_oracle import decide


@cache
def decided():
    return [(case, decide(case)) for case in matrix.cases()]


def allowed(action, secret, **given):
    """Names the callers to whom something is allowed in the primary Region, over TLS."""
    return {
        case["caller"][1].split(":", 5)[4] + ":" + case["caller"][1].split("role/")[1]
        for case, decision in decided()
        if decision == "allow"
        and case["asked"][0].endswith(f":{action}")
        and f":us-east-1:{matrix.AWS.account_id}:secret:{secret}-" in case["asked"][1]
        and case["secure"]
        and case["organization"]
        and all(case[name] == value for name, value in given.items())
    }


def test_both_evaluators_agree_on_every_case():
    assert [decision for _, decision in decided()] == matrix.recorded()
    assert len(decided()) > 1000


OWN = "123456789012"
EXEMPT = {f"{OWN}:terraform", f"{OWN}:ops/break-glass"}
ADMINISTRATORS = {f"{OWN}:{name}" for name in matrix.OWN}


def test_exclusive_value_is_only_for_listed_roles():
    assert allowed("GetSecretValue", "app/token") == {"111111111111:sharing-reader"} | EXEMPT
    writers = {"111111111111:publisher", "222222222222:team/data-reader"}
    assert allowed("PutSecretValue", "app/token") == writers | EXEMPT
    assert allowed("UpdateSecret", "app/token") == EXEMPT


def test_an_administrator_can_take_an_exclusive_secret_back():
    assert allowed("PutResourcePolicy", "app/token") == ADMINISTRATORS
    assert allowed("DeleteSecret", "app/token") == ADMINISTRATORS


def test_other_secrets_are_open_to_what_iam_allows_in_their_account():
    readers = {
        "111111111111:sharing-reader",
        "222222222222:team/data-reader",
        "222222222222:audit/all/reader",
    }
    writers = {"111111111111:sharing-reader", "111111111111:publisher"}
    assert allowed("GetSecretValue", "db/main") == readers | ADMINISTRATORS
    assert allowed("PutSecretValue", "db/main") == writers | ADMINISTRATORS


def test_other_accounts_use_a_key_only_through_secrets_manager_for_its_secret():
    for case, decision in decided():
        action = case["asked"][0]
        through = case["context"].get("kms:encryptioncontext:secretarn", "other")
        if action.startswith("kms:") and case["caller"][0] != OWN:
            assert decision != "allow" or ("other" not in through and "Grant" not in action)
