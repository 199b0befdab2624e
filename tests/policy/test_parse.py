"""What the evaluator understands of a policy document, and what it refuses."""

import pytest

from secretgen.policy.evaluate import Caller, Request, judge
from secretgen.policy.parse import ANYONE, UnsupportedPolicyError, parse_policy
from tests.policy.statements import GET, OTHER, READER, SECRET, allow, attached, document, identity


@pytest.mark.parametrize("sid", ["\x1b[31m", "a b", "", None, 7, "\u202e"])
def test_invalid_sid_is_not_used_as_a_name(sid):
    policy = attached({**allow(GET, "*", ANYONE), "Sid": sid})
    assert policy.statements[0].label == "statement 1"


BASE = {"Effect": "Allow", "Principal": "*", "Action": GET, "Resource": "*"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"NotPrincipal": {"AWS": READER}}, "element 'NotPrincipal'"),
        ({"NotAction": GET}, "element 'NotAction'"),
        ({"NotResource": "*"}, "element 'NotResource'"),
        ({"Effect": "allow"}, "effect is 'allow'"),
        ({"Effect": None}, "it has no `Effect`"),
        ({"Action": None}, "`Action`"),
        ({"Action": []}, "`Action`"),
        ({"Action": [1]}, "`Action`"),
        ({"Resource": {}}, "`Resource`"),
        ({"Resource": "secret:x"}, "not an ARN"),
        ({"Resource": "arn:aws:s3:::home/${aws:username}"}, "policy variable"),
        ({"Principal": {"Federated": "x"}}, "kind 'Federated'"),
        ({"Principal": {"CanonicalUser": "x"}}, "kind 'CanonicalUser'"),
        ({"Principal": {}}, "`Principal`"),
        ({"Principal": {"AWS": "arn:aws:iam::*:root"}}, "not an account, role or user"),
        ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/*"}}, "not an account, role or user"),
        ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:group/x"}}, "not an account, role or user"),
        ({"Principal": {"AWS": "AROAEXAMPLE"}}, "not an account, role or user"),
        ({"Principal": {"AWS": f"arn:aws:sts::{OTHER}:assumed-role/r/s"}}, "not an account, role"),
        ({"Condition": {"NumericEquals": {"aws:x": "1"}}}, "operator 'NumericEquals'"),
        ({"Condition": {"ForSomeValue:StringLike": {"kms:ViaService": "1"}}}, "operator 'ForSome"),
        ({"Condition": {"Null": {"kms:ViaService": "absent"}}}, "other than true or false"),
        ({"Condition": {"StringEquals": {"aws:SourceIp": "1"}}}, "key 'aws:SourceIp'"),
        ({"Condition": {"StringEquals": {"kms:ViaService": "${x}"}}}, "policy variable"),
        ({"Condition": {"StringEquals": {"kms:ViaService": 1}}}, "`Condition`"),
        ({"Condition": {"StringEquals": []}}, "not an object"),
        ({"Condition": []}, "not an object"),
        ({"Condition": {"Bool": {"aws:PrincipalArn": READER}}}, "other than true or false"),
        ({"Condition": {"BoolIfExists": {"aws:SecureTransport": ["false", "*"]}}}, "than true"),
        ({"Condition": {"StringEquals": {"kms:viaservice": "a", "kms:ViaService": "b"}}}, "twice"),
    ],
)  # fmt: skip
def test_unknown_element_is_refused(change, reason):
    with pytest.raises(UnsupportedPolicyError) as error:
        parse_policy("resource policy of prod/x", document({**BASE, "Sid": "Mine", **change}))
    assert reason in str(error.value)
    assert "resource policy of prod/x, Mine," in str(error.value)
    assert error.value.hint


@pytest.mark.parametrize(
    "data",
    [None, [], "x", {}, {"Statement": "x"}, {"Statement": [1]}, {"Statement": [], "Extra": 1}],
)
def test_invalid_document_is_refused(data):
    with pytest.raises(UnsupportedPolicyError):
        parse_policy("key policy", data)


def test_principals_belong_to_resource_policies_only():
    with pytest.raises(UnsupportedPolicyError, match="names a principal"):
        identity(BASE)
    with pytest.raises(UnsupportedPolicyError, match="has no `Principal`"):
        attached(allow(GET))


def test_a_single_statement_needs_no_list_and_an_account_id_is_its_root():
    policy = parse_policy("p", {"Statement": allow(GET, "*", {"AWS": OTHER})})
    assert judge(policy, Request(Caller(OTHER, READER), GET, SECRET)).delegated
