"""Every kind of reader against two evaluators: the right one gets in, and nobody else."""

import importlib.util

import pytest

from secretgen.policy.evaluate import Caller, Decision, Request
from secretgen.policy.parse import parse_policy
from tests.policy import kinds, oracle
from tests.policy.combined import combine

has_oracle = importlib.util.find_spec("ministack") is not None


def decide(case: kinds.Case) -> Decision:
    asked = case.asked
    caller = Caller(case.who.account, case.who.arn, organization=asked["organization"])
    context = {**case.context, "aws:securetransport": "true"}
    return combine(
        Request(caller, case.action, case.resource, context),
        parse_policy("identity", {"Statement": case.who.identity}, identity=True),
        parse_policy("resource", {"Statement": case.policy}),
        owner=kinds.OWNER,
        is_key=case.action.startswith("kms:"),
    )


def told(case: kinds.Case) -> tuple[str, str, str, str]:
    return (case.who.arn, case.action, case.resource, str(case.context))


def test_exactly_the_listed_principals_have_access() -> None:
    wrong = [told(c) for c in kinds.cases() if (decide(c) is Decision.ALLOW) is not c.allowed]
    assert wrong == []
    named = {c.who.named for c in kinds.cases() if c.allowed}
    assert named >= {who for field in ("readers", "writers") for who in _all(field)}


def _all(field: str) -> set[str]:
    return set().union(*kinds.named(field).values())


def test_the_other_evaluator_has_decided_the_same() -> None:
    recorded = kinds.RECORDED.read_text("utf-8").split()
    assert "".join(recorded) == "".join(decide(case)[0] for case in kinds.cases())


@pytest.mark.skipif(not has_oracle, reason="needs: pip install --no-deps ministack==1.5.33")
def test_the_other_evaluator_decides_the_same() -> None:
    cases = kinds.cases()
    assert [oracle.ask(case.asked) for case in cases] == [decide(case) for case in cases]
