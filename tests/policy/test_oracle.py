"""The evaluator against another implementation of AWS's evaluation logic."""

import importlib.util

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretgen.policy.evaluate import Caller, Request
from secretgen.policy.parse import parse_policy
from tests.policy import oracle
from tests.policy.combined import combine

has_oracle = importlib.util.find_spec("ministack") is not None


def decide(case):
    account, arn = case["caller"]
    action, resource = case["asked"]
    transport = {"aws:securetransport": "true" if case["secure"] else "false"}
    request = Request(
        Caller(account, arn, organization=case["organization"]),
        action,
        resource,
        {**case["context"], **transport},
    )
    return combine(
        request,
        parse_policy("identity", {"Statement": case["identity"]}, identity=True),
        parse_policy("resource", {"Statement": case["resource"]}),
        owner=oracle.OWNER,
        is_key=action.startswith("kms:"),
    )


def test_agrees_with_the_recorded_decisions():
    expected = oracle.recorded()
    assert [decide(case) for case in oracle.CASES] == expected
    assert all(expected.count(decision) > 100 for decision in ("allow", "deny", "nothing"))


def statements(*, identity):
    return st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
            "Action": st.sampled_from(oracle.ACTIONS),
            "Resource": st.sampled_from(oracle.RESOURCES),
            "Condition": st.sampled_from(oracle.CONDITIONS),
        }
        | ({} if identity else {"Principal": st.sampled_from(oracle.PRINCIPALS)})
    )


CASE = st.fixed_dictionaries(
    {
        "identity": st.lists(statements(identity=True), min_size=1, max_size=3),
        "resource": st.lists(statements(identity=False), min_size=1, max_size=3),
        "asked": st.sampled_from(oracle.ASKED),
        "caller": st.sampled_from(oracle.CALLERS),
        "organization": st.sampled_from(oracle.ORGANIZATIONS),
        "secure": st.booleans(),
        "context": st.sampled_from(oracle.CONTEXTS),
    }
)


@pytest.mark.skipif(not has_oracle, reason="needs: pip install --no-deps ministack==1.5.33")
@settings(max_examples=500)
@given(CASE)
def test_agrees_with_the_other_evaluator(case):
    assert decide(case) == oracle.ask(case)
