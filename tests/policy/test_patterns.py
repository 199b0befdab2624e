"""Wildcards: of actions, resources, ARNs in conditions, and texts."""

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretgen.policy.evaluate import (
    Caller,
    Decision,
    Request,
    arns_like,
    judge,
    resources_like,
    texts_like,
)
from secretgen.policy.parse import ANYONE
from tests.policy.statements import OTHER, OWNER, READER, SECRET, allow, attached


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("secretsmanager:*", "secretsmanager:GetSecretValue", True),
        ("*", "secretsmanager:GetSecretValue", True),
        ("secretsmanager:Get*", "secretsmanager:GetSecretValue", True),
        ("secretsmanager:get?ecretvalue", "secretsmanager:GetSecretValue", True),
        ("SECRETSMANAGER:getsecretvalue", "secretsmanager:GetSecretValue", True),
        ("secretsmanager:Get", "secretsmanager:GetSecretValue", False),
        ("kms:*", "secretsmanager:GetSecretValue", False),
        ("secretsmanager:GetSecretValu[e]", "secretsmanager:GetSecretValue", False),
    ],
)
def test_actions_know_no_case(pattern, text, matches):
    policy = attached(allow(pattern, "*", ANYONE))
    judgement = judge(policy, Request(Caller(OTHER, READER), text, SECRET))
    assert (judgement.decision is Decision.ALLOW) is matches


# IAM User Guide, "Resource": wildcards within the parts of an ARN; only a `*` that ends a part
# reaches beyond its colon; ARNs with fewer than six parts are completed with wildcards.
@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*", True),
        (SECRET, True),
        (f"arn:aws:secretsmanager:us-east-1:{OWNER}:secret:prod/x-??????", True),
        (f"arn:aws:secretsmanager:us-east-1:{OWNER}:secret:prod/x-?????", False),
        (f"arn:aws:secretsmanager:us-east-1:{OWNER}:secret:prod/*", True),
        (f"arn:aws:secretsmanager:us-east-1:{OWNER}:secret:PROD/*", False),
        (f"arn:aws:secretsmanager:*:{OWNER}:secret:prod/x-??????", True),
        (f"arn:aws:secretsmanager:us-*-1:{OWNER}:secret:prod/x-??????", True),
        ("arn:aws:secretsmanager:*:secret:prod/x-AbCdEf", True),
        ("arn:aws:secretsmanager:us*d:prod/x-AbCdEf", False),
        ("arn:aws:secretsmanager", True),
        ("arn:aws:secretsmanager:*", True),
        ("arn:aws:secretsmanager:us-east-1", True),
        ("arn:aws:secretsmanager:us-west-2", False),
        ("arn:aws:kms:*", False),
        (f"arn:aws:secretsmanager:us-east-1?{OWNER}:secret:prod/x-AbCdEf", False),
    ],
)
def test_resource_patterns(pattern, matches):
    assert bool(resources_like((pattern,)).fullmatch(SECRET)) is matches


def test_a_wildcard_that_crosses_colons_tries_every_colon():
    pattern = resources_like(("arn:aws:kms:r:1:*:a*z",))
    assert pattern.fullmatch("arn:aws:kms:r:1:x:ab:az")
    assert not pattern.fullmatch("arn:aws:kms:r:1:x:ab:bz")


def glob_by_hand(pattern, text):
    """The definition of a wildcard match, one character at a time."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(glob_by_hand(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and glob_by_hand(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=8), st.text("ab*?", max_size=8))
def test_text_patterns_match_by_definition(pattern, text):
    assert bool(texts_like((pattern,)).fullmatch(text)) is glob_by_hand(pattern, text)


def parts_by_hand(pattern, text):
    """The same for resources: a `*` within a part stops at colons, one that ends it does not."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        ends_part = pattern[1:2] in ("", ":")
        reach = len(text) if ends_part or ":" not in text else text.index(":")
        return any(parts_by_hand(pattern[1:], text[i:]) for i in range(reach + 1))
    matches = bool(text) and (pattern[0] == text[0] or (pattern[0] == "?" and text[0] != ":"))
    return matches and parts_by_hand(pattern[1:], text[1:])


@given(st.text("ab*?:", max_size=9), st.text("ab:", max_size=9))
def test_resource_patterns_match_by_definition(pattern, text):
    assert bool(resources_like((pattern,)).fullmatch(text)) is parts_by_hand(pattern, text)


@pytest.mark.parametrize("like", [texts_like, resources_like, arns_like])
def test_patterns_with_many_wildcards_do_not_backtrack(like):
    """One that goes back to each wildcard would not end: the alarm stops it after a minute."""
    pattern, text = "a:a:a:a:a:" + "*a" * 200, "a:a:a:a:a:" + "a" * 3000
    signal.alarm(60)
    try:
        assert like((pattern,)).fullmatch(text)
        assert like((pattern,)).fullmatch(text + "b") is None
    finally:
        signal.alarm(0)
