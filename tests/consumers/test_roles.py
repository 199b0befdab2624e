"""A reader's role is trusted as its service wants it, and its policies keep IAM's limits."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretgen.model.environment import (
    Account,
    Aws,
    Backend,
    Environment,
    Partition,
    Role,
    SecretInRegion,
)
from secretgen.model.trust import Oidc, PodIdentity, Trust
from secretgen.policy.documents import Document
from secretgen.policy.role_policies import (
    INLINE_LIMIT,
    MANAGED_LIMIT,
    MAX_MANAGED_POLICIES,
    role_policies,
    role_policy,
)
from secretgen.policy.trust_policies import trust_policy

NAME = re.compile(r".*:([a-z0-9-]+|\*):123456789012:secret:(.+)-\?{6}")
CONTEXT = "kms:EncryptionContext:SecretARN"
ENVIRONMENT = Environment(
    name="test",
    aws=Aws("123456789012", "us-east-1", Partition.AWS),
    backend=Backend("bucket", "key", "us-east-1"),
    accounts=(),
    keys=(),
    secrets=(),
    monitoring=None,
    tags={},
)


def role(*names: str, regions: tuple[str, ...] = ("us-east-1",)) -> Role:
    reads = {SecretInRegion(name, region) for name in names for region in regions}
    return Role("reader", tuple(sorted(reads, key=lambda r: (r.secret, r.region))))


def many(count: int) -> list[str]:
    return [f"prod/application-{n:04}/database-password" for n in range(count)]


def characters(document: Document) -> int:
    """As IAM counts: without white space."""
    return len(re.sub(r"\s", "", json.dumps(document)))


def named(document: Document) -> set[tuple[str, str]]:
    """The Region and name of each secret that a policy lets be read, and decrypted."""
    reading = [s for s in document["Statement"] if s.get("Sid", "").startswith("ReadSecrets")]
    decrypting = [s["Condition"] for s in document["Statement"] if s not in reading]
    if "Condition" not in reading[0]:
        read = _secrets(reading[0]["Resource"])
        patterns = [a for c in decrypting for a in c["StringLike"][CONTEXT]]
        assert _secrets(patterns) == read
        return read
    read = set()
    for statement in reading:
        regions = statement["Condition"]["StringEquals"]["aws:RequestedRegion"]
        names = _secrets(statement["Resource"])
        assert {region for region, _ in names} == {"*"}
        read |= {(region, name) for region in regions for _, name in names}
    (condition,) = decrypting
    via = [f"secretsmanager.{region}.amazonaws.com" for region in sorted({r for r, _ in read})]
    assert condition["StringEquals"] == {"kms:ViaService": via}
    assert condition["StringLike"] == {CONTEXT: "arn:aws:secretsmanager:*:123456789012:secret:*"}
    return read


def _secrets(patterns: Any) -> set[tuple[str, str]]:
    matches = [NAME.fullmatch(pattern) for pattern in patterns]
    return {(match[1], match[2]) for match in matches if match}


def trusted(**trust: Any) -> list[dict[str, Any]]:
    """The statements of a trust policy in account 111111111111."""
    reader = Role("reader", (), trust=Trust(**trust))
    account = Account("app", "111111111111", True, (reader,))
    statements: list[dict[str, Any]] = trust_policy(Partition.AWS, account, reader)["Statement"]
    return statements


SAME_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "111111111111"}}


@pytest.mark.parametrize(
    ("service", "condition"),
    [
        ("ec2.amazonaws.com", None),
        ("ec2.amazonaws.com.cn", None),
        ("lambda.amazonaws.com", None),
        (
            "ecs-tasks.amazonaws.com",
            {"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*:111111111111:*"}, **SAME_ACCOUNT},
        ),
        ("codebuild.amazonaws.com", SAME_ACCOUNT),
    ],
)
def test_only_services_that_name_their_account_are_asked_for_it(
    service: str, condition: object
) -> None:
    (statement,) = trusted(service=(service,))
    assert statement["Principal"] == {"Service": service}
    assert statement["Action"] == "sts:AssumeRole"
    assert statement.get("Condition") == condition


def test_pods_are_distinguished_by_session_tags() -> None:
    (anyone,) = trusted(pod_identity=PodIdentity())
    assert anyone["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert anyone["Condition"] == SAME_ACCOUNT
    (one,) = trusted(pod_identity=PodIdentity("main", "mail", "mailer"))
    assert one["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "111111111111",
        "aws:RequestTag/eks-cluster-name": "main",
        "aws:RequestTag/kubernetes-namespace": "mail",
        "aws:RequestTag/kubernetes-service-account": "mailer",
    }


def test_a_subject_with_a_wildcard_is_compared_as_a_pattern() -> None:
    """IRSA as the EKS User Guide has it, and GitHub with any branch."""
    issuer = "oidc.eks.us-east-1.amazonaws.com/id/A"
    (pods,) = trusted(oidc=Oidc(issuer, ("system:serviceaccount:billing:worker",)))
    assert pods == {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::111111111111:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": "system:serviceaccount:billing:worker",
            }
        },
    }
    (workflows,) = trusted(oidc=Oidc("g.example.com", ("repo:a/b:*", "repo:a/c:pull_request")))
    assert workflows["Condition"] == {
        "StringEquals": {"g.example.com:aud": "sts.amazonaws.com"},
        "StringLike": {"g.example.com:sub": ["repo:a/b:*", "repo:a/c:pull_request"]},
    }


def test_roles_have_to_name_the_external_id() -> None:
    hub = "arn:aws:iam::999999999999:role/hub"
    (statement,) = trusted(roles=(hub,), external_id="acme")
    assert statement["Principal"] == {"AWS": hub}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "acme"}}
    assert "Condition" not in trusted(roles=(hub,))[0]


def test_small_policy_is_one_inline_policy() -> None:
    reader = role("prod/a", "prod/b", regions=("us-east-1", "us-west-2"))
    policies = role_policies(ENVIRONMENT, reader)
    assert policies.inline == role_policy(ENVIRONMENT, reader)
    assert not policies.managed


@given(
    st.sets(st.text("abcXYZ019/_+=.@-", min_size=1, max_size=512), min_size=1, max_size=60),
    st.sampled_from([("us-east-1",), ("us-east-1", "eu-central-1", "ap-southeast-2")]),
)
def test_split_policies_fit_and_have_the_same_meaning(
    names: set[str], regions: tuple[str, ...]
) -> None:
    policies = role_policies(ENVIRONMENT, role(*names, regions=regions))
    if policies.inline:
        assert characters(policies.inline) <= INLINE_LIMIT
    for document in policies.managed.values():
        assert characters(document) <= MANAGED_LIMIT
    documents = [policies.inline] if policies.inline else list(policies.managed.values())
    found = [secret for document in documents for secret in named(document)]
    assert len(found) == len(set(found))
    assert set(found) == {(region, name) for region in regions for name in names}


def test_hundreds_of_secrets_fit_what_can_be_attached() -> None:
    """300 secrets in two Regions; a role with fewer has room for policies of others."""
    for count, most in ((150, 5), (300, MAX_MANAGED_POLICIES)):
        policies = role_policies(
            ENVIRONMENT, role(*many(count), regions=("us-east-1", "us-west-2"))
        )
        assert policies.inline is None
        assert 2 <= len(policies.managed) <= most


def test_regions_are_named_once_for_the_secrets_that_have_the_same() -> None:
    here, there = many(150)[:75], many(150)[75:]
    reads = (*role(*here).reads, *role(*there, regions=("us-east-1", "us-west-2")).reads)
    policies = role_policies(ENVIRONMENT, Role("reader", reads))
    found = {secret for document in policies.managed.values() for secret in named(document)}
    assert found == {(read.region, read.secret) for read in reads}


def test_a_new_secret_changes_one_policy_and_moves_no_other_secret() -> None:
    names = many(151)
    before = role_policies(ENVIRONMENT, role(*names[1:])).managed
    after = role_policies(ENVIRONMENT, role(*names)).managed
    assert before.keys() == after.keys()
    changed = [mark for mark in before if before[mark] != after[mark]]
    assert len(changed) == 1
    assert named(after[changed[0]]) - named(before[changed[0]]) == {("us-east-1", names[0])}
