"""The evaluator against cases worked out by hand from AWS's documentation."""

import pytest

from secretgen.policy.evaluate import Caller, Decision, Request, judge
from secretgen.policy.parse import ANYONE
from tests.policy.combined import combine
from tests.policy.statements import (
    GET,
    KEY,
    OTHER,
    OWNER,
    READER,
    SECRET,
    allow,
    attached,
    deny,
    identity,
    root,
)


# IAM User Guide, "Identity-based policies and resource-based policies": four users of one
# account, three resources.
def user(name):
    return Caller(OWNER, f"arn:aws:iam::{OWNER}:user/{name}")


BUCKET = {name: f"arn:aws:s3:::resource-{name}" for name in "XYZ"}
LIST, READ, WRITE = "s3:ListBucket", "s3:GetBucketTagging", "s3:PutBucketTagging"
USERS = {
    "John": identity(allow([LIST, READ], BUCKET["X"])),
    "Carlos": identity(allow([LIST, READ], [BUCKET["Y"], BUCKET["Z"]])),
    "Mary": identity(allow([LIST, READ, WRITE], list(BUCKET.values()))),
    "Zhang": None,
}
BUCKET_POLICY = {
    "X": attached(
        allow([LIST, READ], BUCKET["X"], {"AWS": user("John").arn}),
        allow([LIST, READ], BUCKET["X"], {"AWS": user("Mary").arn}),
    ),
    "Y": attached(allow([LIST, WRITE], BUCKET["Y"], {"AWS": user("Carlos").arn})),
    "Z": attached(
        deny("s3:*", BUCKET["Z"], {"AWS": user("Carlos").arn}),
        allow("s3:*", BUCKET["Z"], {"AWS": user("Zhang").arn}),
    ),
}


@pytest.mark.parametrize(
    ("name", "bucket", "action", "expected"),
    [
        ("John", "X", READ, "allow"),
        ("John", "X", WRITE, "nothing"),
        ("John", "Y", READ, "nothing"),
        ("Carlos", "Y", READ, "allow"),
        ("Carlos", "Y", WRITE, "allow"),
        ("Carlos", "Z", READ, "deny"),
        ("Carlos", "X", LIST, "nothing"),
        ("Mary", "X", WRITE, "allow"),
        ("Mary", "Z", WRITE, "allow"),
        ("Zhang", "Z", WRITE, "allow"),
        ("Zhang", "X", LIST, "nothing"),
    ],
)
def test_same_account_is_the_union_and_a_deny_wins(name, bucket, action, expected):
    request = Request(user(name), action, BUCKET[bucket])
    assert combine(request, USERS[name], BUCKET_POLICY[bucket], owner=OWNER) == expected


ROLE = Caller(OWNER, f"arn:aws:iam::{OWNER}:role/application")


@pytest.mark.parametrize(
    ("principal", "has_identity", "is_key", "expected"),
    [
        # "Key policies in AWS KMS": naming the account lets its IAM policies decide ...
        (root(OWNER), True, True, "allow"),
        (root(OWNER), False, True, "nothing"),
        # ... and without that, IAM policies have no effect on a key.
        (root(OTHER), True, True, "nothing"),
        ({"AWS": ROLE.arn}, False, True, "allow"),
        # Every other resource: an IAM policy of its own account suffices.
        (root(OTHER), True, False, "allow"),
        (root(OWNER), False, False, "nothing"),
        ({"AWS": OWNER}, False, False, "nothing"),
        ({"AWS": ROLE.arn}, False, False, "allow"),
        (ANYONE, False, False, "allow"),
    ],
)
def test_same_account_account_principals_only_delegate(principal, has_identity, is_key, expected):
    policy = attached(allow("kms:Decrypt", "*", principal))
    own = identity(allow("kms:Decrypt", KEY)) if has_identity else None
    request = Request(ROLE, "kms:Decrypt", KEY)
    assert combine(request, own, policy, owner=OWNER, is_key=is_key) == expected


@pytest.mark.parametrize(
    ("by_identity", "by_resource", "expected"),
    [
        ("allow", "allow", "allow"),
        ("allow", "nothing", "nothing"),
        ("nothing", "allow", "nothing"),
        ("allow", "deny", "deny"),
        ("deny", "allow", "deny"),
        ("nothing", "nothing", "nothing"),
    ],
)
@pytest.mark.parametrize("principal", [root(OTHER), {"AWS": READER}, ANYONE])
def test_across_accounts_both_must_allow(by_identity, by_resource, expected, principal):
    statements = {
        "allow": lambda who: [allow(GET, "*", who)],
        "deny": lambda who: [allow(GET, "*", who), deny(GET, "*", who)],
        "nothing": lambda who: [allow("secretsmanager:ListSecrets", "*", who)],
    }
    request = Request(Caller(OTHER, READER), GET, SECRET)
    assert (
        combine(
            request,
            identity(*statements[by_identity](None)),
            attached(*statements[by_resource](principal)),
            owner=OWNER,
        )
        == expected
    )


def test_callers_without_an_identity_policy_need_only_the_resource_policy():
    service = Caller(service="lambda.amazonaws.com")
    for caller, principal in [
        (service, {"Service": "lambda.amazonaws.com"}),
        (service, ANYONE),
        (Caller(), ANYONE),
    ]:
        policy = attached(allow(GET, "*", principal))
        assert combine(Request(caller, GET, SECRET), None, policy, owner=OWNER) == "allow"
    for caller, principal in [
        (service, {"Service": "ec2.amazonaws.com"}),
        (Caller(), root(OTHER)),
        (Caller(), {"AWS": READER}),
    ]:
        policy = attached(allow(GET, "*", principal))
        assert combine(Request(caller, GET, SECRET), None, policy, owner=OWNER) == "nothing"


# IAM User Guide, "Condition operators": how each compares, and what a missing key means.
@pytest.mark.parametrize(
    ("operator", "values", "value", "holds"),
    [
        ("StringEquals", "s3.amazonaws.com", "s3.amazonaws.com", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a*", "abc", False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", None, True),
        ("StringNotEqualsIfExists", "a", None, True),
        ("StringNotEqualsIfExists", "a", "a", False),
        ("StringLike", "a?c*", "abcdef", True),
        ("StringLike", "a?c", "ac", False),
        ("StringLike", "*:secret:prod/x-??????", SECRET, True),
        ("StringLike", "a*", None, False),
        ("StringNotLike", ["a*", "b*"], "c", True),
        ("StringNotLike", ["a*", "b*"], "bc", False),
        ("StringNotLike", "a*", None, True),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("Bool", "false", None, False),
        ("BoolIfExists", "false", None, True),
        ("BoolIfExists", "false", "true", False),
        ("ArnEquals", "arn:aws:iam::111111111111:role/*", READER, True),
        ("ArnLike", "arn:aws:iam::*:role/secrets-reader", READER, True),
        ("ArnLike", "arn:aws:iam::11111111111?:role/secrets-reader", READER, True),
        ("ArnLike", "arn:aws:iam::*", READER, False),
        ("ArnLike", "arn:*:role/secrets-reader", READER, False),
        ("ArnLike", "*", READER, False),
        ("ArnLike", READER, None, False),
        ("ArnLikeIfExists", READER, None, True),
        ("ArnNotEquals", READER, READER, False),
        ("ArnNotLike", "arn:aws:iam::*:role/x", READER, True),
        ("ArnNotLike", READER, None, True),
    ],
)  # fmt: skip
def test_condition_operators(operator, values, value, holds):
    policy = attached(allow(GET, "*", ANYONE, {operator: {"kms:ViaService": values}}))
    keys = {} if value is None else {"kms:viaservice": value}
    decision = judge(policy, Request(Caller(OTHER, READER), GET, SECRET, keys)).decision
    assert (decision is Decision.ALLOW) is holds


def test_operators_and_keys_are_anded_and_key_names_know_no_case():
    condition = {
        "StringEquals": {"AWS:principalaccount": OTHER, "kms:VIASERVICE": "s"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    policy = attached(allow(GET, "*", ANYONE, condition))
    full = {"kms:viaservice": "s", "aws:securetransport": "true"}

    def decide(account=OTHER, **changed):
        keys = {**full, **{k.replace("_", ":"): v for k, v in changed.items()}}
        caller = Caller(account, f"arn:aws:iam::{account}:role/r")
        return judge(policy, Request(caller, GET, SECRET, keys)).decision

    assert decide() == "allow"
    assert decide(account=OWNER) == "nothing"
    assert decide(kms_viaservice="t") == "nothing"
    assert decide(aws_securetransport="false") == "nothing"


@pytest.mark.parametrize(
    ("caller", "keys"),
    [
        (
            Caller(OTHER, READER, organization="o-abcde12345"),
            {
                "aws:principalaccount": OTHER,
                "aws:principalarn": READER,
                "aws:principalisawsservice": "false",
                "aws:principalorgid": "o-abcde12345",
            },
        ),
        (
            Caller(OTHER, READER),
            {
                "aws:principalaccount": OTHER,
                "aws:principalarn": READER,
                "aws:principalisawsservice": "false",
            },
        ),
        # "Global condition keys": PrincipalAccount is there for anonymous requests as well.
        (Caller(), {"aws:principalaccount": "anonymous"}),
        (Caller(service="s3.amazonaws.com"), {"aws:principalisawsservice": "true"}),
    ],
)
def test_keys_of_a_caller(caller, keys):
    assert caller.context == keys


def test_evaluation_names_the_deciding_statement():
    policy = attached(
        allow("kms:*", "*", root(OTHER)),
        {**allow(GET, "*", root(OTHER)), "Sid": "Second"},
        {**allow(GET, "*", {"AWS": READER}), "Sid": "Third"},
        {**deny(GET, "*", ANYONE, {"Bool": {"aws:SecureTransport": "false"}}), "Sid": "Tls"},
    )
    caller = Caller(OTHER, READER)
    for secure, expected in [("true", ("allow", "Third")), ("false", ("deny", "Tls"))]:
        request = Request(caller, GET, SECRET, {"aws:securetransport": secure})
        judgement = judge(policy, request)
        assert (judgement.decision, judgement.statement) == expected
