"""What resource policies mean in the words of a spec, and which have no words there."""

import json
from typing import Any

import pytest

from secretgen.live.account import LiveSecret
from secretgen.spec.load import load_spec
from secretgen.usecases.importing.import_proof import AccessProof
from secretgen.usecases.importing.policy_meaning import Access, Inexpressible, RoleOf, access_of
from secretgen.usecases.importing.spec_entries import Candidate
from tests.importing.brownfield import READ, statement
from tests.importing.project import KEY, SPEC

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-a1b2c3"
APP = "arn:aws:iam::111111111111:role/app"
SSO = "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/"
SUPPORT = f"{SSO}eu-west-1/AWSReservedSSO_Support_0123456789abcdef"
ROOT = "arn:aws:iam::111111111111:root"
NO_TLS = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*",
          "Condition": {"Bool": {"aws:SecureTransport": False}}}  # fmt: skip
VALUE = [
    f"secretsmanager:{name}"
    for name in ("GetSecretValue", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage")
]
ADMIN = "arn:aws:iam::123456789012:role/admin"


def everybody_but(*arns: str) -> dict[str, Any]:
    conditions = {"ArnNotLike": {"aws:PrincipalArn": list(arns)},
                  "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}  # fmt: skip
    return {"Effect": "Deny", "Principal": "*", "Action": VALUE, "Resource": "*",
            "Condition": conditions}  # fmt: skip


WRITE = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]


def _access(*statements: Any) -> Access | Inexpressible:
    return access_of(LiveSecret(ARN, "prod/db", policy={"Statement": list(statements)}))


def _only(key: str, value: Any, operator: str = "ArnEquals") -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("statements", "readers", "writers"),
    [
        ([], [], []),
        ([NO_TLS], [], []),
        ([statement({"AWS": APP}), NO_TLS], ["app"], []),
        ([statement({"AWS": APP}, "secretsmanager:GetSecretValue", Resource=ARN)], ["app"], []),
        ([statement({"AWS": APP}, READ, Resource=f"{ARN[:-6]}*")], ["app"], []),
        ([statement({"AWS": [APP, f"{APP}2"]})], ["app", "app2"], []),
        ([statement({"AWS": ROOT}, **_only("aws:PrincipalArn", APP))], ["app"], []),
        ([statement({"AWS": ROOT}, **_only("AWS:principalarn", [APP], "StringLike"))], ["app"], []),
        ([statement({"AWS": "111111111111"}, **_only("aws:PrincipalArn", APP))], ["app"], []),
        ([statement({"AWS": [ROOT]}, **_only("aws:PrincipalArn", "arn:aws:iam::*:role/app",
                                              "ArnLike"))], ["app"], []),
        ([statement({"AWS": APP}, WRITE)], [], ["app"]),
        ([statement({"AWS": APP}, [*READ, *WRITE])], ["app"], ["app"]),
    ],
)  # fmt: skip
def test_readers_and_writers(statements: Any, readers: list[str], writers: list[str]) -> None:
    access = _access(*statements)
    assert access == Access(
        tuple(RoleOf("111111111111", role) for role in readers),
        tuple(RoleOf("111111111111", role) for role in writers),
    )


def test_exclusive() -> None:
    access = _access(statement({"AWS": APP}), everybody_but(APP, ADMIN), NO_TLS)
    assert access == Access((RoleOf("111111111111", "app"),), (), ("admin",))
    for others in ([APP], [APP, ADMIN.replace("123456789012", "999999999999")], ["role/admin"]):
        assert isinstance(_access(statement({"AWS": APP}), everybody_but(*others)), Inexpressible)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (statement({"AWS": ROOT}), "a whole account"),
        (statement("*"), "not a role"),
        (statement({"AWS": "arn:aws:iam::111111111111:user/ann"}), "user/ann is not a role"),
        (statement({"Service": "ec2.amazonaws.com"}), "not a role"),
        (statement({"AWS": APP}, "secretsmanager:*"), "allows secretsmanager:*"),
        (statement({"AWS": APP}, "secretsmanager:Get*"), "allows secretsmanager:get*"),
        (statement({"AWS": APP}, [*READ, "secretsmanager:DeleteSecret"]), "deletesecret"),
        (statement({"AWS": APP}, "secretsmanager:DescribeSecret"), "only DescribeSecret"),
        (statement({"AWS": APP}, Resource=ARN.replace("db", "x")), "another secret"),
        (statement({"AWS": APP}, **_only("aws:PrincipalOrgID", "o-1", "StringEquals")),
         "on more than its roles"),
        (statement({"AWS": ROOT}, **_only("aws:PrincipalOrgID", "o-1", "StringEquals")),
         "condition on aws:principalorgid"),
        (statement({"AWS": ROOT}, **_only("aws:PrincipalArn", f"{APP}*", "ArnLike")), "not a role"),
        (statement({"AWS": ROOT}, **_only("aws:PrincipalArn", APP, "ArnNotEquals")), "condition"),
        (statement({"AWS": APP}, **_only("secretsmanager:VersionStage", "AWSCURRENT",
                                         "StringEquals")), "cannot be evaluated"),
        ({**statement({"AWS": APP}), "NotAction": "x"}, "cannot be evaluated"),
        ({**NO_TLS, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, "evaluated"),
        ({**NO_TLS, "Condition": {}}, "a Deny"),
        ({**NO_TLS, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, "a Deny"),
        ("text", "cannot be evaluated"),
        (statement({"AWS": "AROAEXAMPLEID12345678"}), "is not an account, role or user"),
        ({**NO_TLS, "Principal": None, "NotPrincipal": {"AWS": APP}}, "'NotPrincipal'"),
        (statement({"AWS": ROOT}, **_only("aws:PrincipalArn", SUPPORT[:-16] + "*", "ArnLike")),
         "not a role"),
    ],
)  # fmt: skip
def test_the_statement_without_words_is_named(wrong: Any, words: str) -> None:
    found = _access(statement({"AWS": APP}), wrong, NO_TLS)
    assert isinstance(found, Inexpressible)
    assert words in found.reason
    assert json.dumps(found.statement) == json.dumps(wrong)


OTHER = APP.replace("111111111111", "222222222222")


def _reads(*arns: str) -> dict[str, Any]:
    return statement({"AWS": ROOT}, **_only("aws:PrincipalArn", list(arns), "StringLike"))


def _lost(*arns: str) -> list[str]:
    """What the proof says of a policy if only the role `app` were imported as a reader."""
    secret = f"secrets: {{ a: {{ kms_key: '{KEY}', readers: [partner] }} }}\n"
    spec = SPEC.partition("secrets:")[0] + secret
    environment = load_spec(spec.encode(), "spec.yaml").environment
    assert environment
    candidate = Candidate(LiveSecret(ARN, "a", policy={"Statement": [_reads(*arns)]}))
    differing, _ = AccessProof(environment).compare(candidate, environment.secrets[0])
    return differing


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "*/app2",
        "*:role/app-*",
        "*role/team/app-?",
        "arn:aws:iam::*role/app2",
        "arn:aws:iam::1111*",
        "arn:aws:iam::1111*:role/app2",
        "arn:aws:iam::1111111*1111:role/app2",
        "arn:aws:iam::????????????:role/app2",
    ],
)
def test_pattern_of_several_accounts_is_not_skipped(pattern: str) -> None:
    """Only a literal account that is not a principal is. The proof is independent of the guess."""
    assert _access(_reads(APP, OTHER)) == Access((RoleOf("111111111111", "app"),))
    assert _lost(APP, OTHER) == []
    assert isinstance(_access(_reads(APP, OTHER, pattern)), Inexpressible)
    assert any("would lose secretsmanager:GetSecretValue" in d for d in _lost(APP, pattern))
