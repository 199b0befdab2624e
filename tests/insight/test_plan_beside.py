"""What a plan grants beside the policies of the spec, and what it opens."""

import json

import pytest

from secretgen.insight.access.findings import Kind
from secretgen.insight.access.plan import planned_policies
from secretgen.insight.access.plan_file import Plan
from secretgen.insight.access.policies import rendered_policies
from secretgen.model.names import key_module, secret_module
from secretgen.policy.documents import reader_policy
from secretgen.policy.roles import trust_policy
from tests.insight.plans import (
    ENVIRONMENT,
    account_resources,
    environment_resources,
    plan_text,
    report,
    resource,
)

READ = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
SEND = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
SECRET_A = f"module.{secret_module('prod/a')}"
KEY_B = f"module.{key_module('prod/b', dedicated=True)}"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def role_policy(*statements):
    return resource("", "aws_iam_role_policy", "mine", policy={"Statement": list(statements)})


@pytest.mark.parametrize(
    ("extra", "summary"),
    [
        (role_policy(SEND, READ), "is about secrets or keys"),
        (role_policy({**READ, "Action": "*"}), "is about secrets or keys"),
        (role_policy({**READ, "Action": ["events:*", "KMS:Decrypt"]}), "is about secrets or keys"),
        (role_policy({"Effect": "Allow", "NotAction": "iam:*"}), "is about secrets or keys"),
        (resource("", "aws_iam_policy", policy={"Statement": READ}), "is about secrets or keys"),
        (resource("", "aws_iam_user_policy", policy={}), "grants access in a way"),
        (resource("", "aws_iam_role_policy_attachment", policy_arn=ADMIN), "grants access in a"),
        (resource("", "aws_iam_role", managed_policy_arns=[ADMIN]), "brings policies of its own"),
        (
            resource(
                "", "aws_iam_role", inline_policy=[{"policy": json.dumps({"Statement": READ})}]
            ),
            "brings policies of its own",
        ),
        (
            resource(SECRET_A, "aws_secretsmanager_secret_policy", "other", policy={}),
            "is a second resource policy of prod/a",
        ),
        (resource(KEY_B, "aws_kms_key", "other", policy={}), "brings a second policy of the key"),
        (
            resource(SECRET_A, "aws_secretsmanager_secret", kms_key_id=KEY_ARN),
            f"encrypts prod/a in us-east-1 with {KEY_ARN}",
        ),
        (
            resource(SECRET_A, "aws_secretsmanager_secret", kms_key_id=None),
            "encrypts prod/a in us-east-1 with the AWS-managed key",
        ),
        (
            resource(
                SECRET_A,
                "aws_secretsmanager_secret",
                replica=[{"region": "us-west-2", "kms_key_id": KEY_ARN}],
            ),
            f"encrypts prod/a in us-west-2 with {KEY_ARN}",
        ),
    ],
)
def test_what_else_grants_access_to_the_secrets_is_reported(extra, summary):
    plan = Plan("plan.json", plan_text([*environment_resources(), extra]))
    (finding,) = report(plan).findings
    assert finding.policy == f"planned {extra[1]['address']}"
    assert finding.summary.startswith(summary)


@pytest.mark.parametrize(
    "extra",
    [
        role_policy(SEND),
        resource("", "aws_iam_role_policy"),
        resource("", "aws_sns_topic_policy"),
        resource("", "aws_iam_role", inline_policy=[{}], managed_policy_arns=[]),
    ],
)
def test_what_the_alarms_are_made_of_is_no_finding(extra):
    assert report(Plan("plan.json", plan_text([*environment_resources(), extra]))).ok


def test_a_policy_in_the_block_of_the_secret_is_reported():
    plan = plan_text(
        list(environment_resources()),
        arguments={SECRET_A: {"aws_secretsmanager_secret.this": ["name", "policy"]}},
    )
    (finding,) = report(Plan("plan.json", plan)).findings
    assert finding.policy == f"planned {SECRET_A}.aws_secretsmanager_secret.this"


def with_key_in_state(arn):
    for module, item in environment_resources():
        values = dict(item["values"])
        if item["type"] == "aws_kms_key" and "shared" in module:
            values["arn"] = KEY_ARN
        if item["type"] == "aws_secretsmanager_secret" and module == SECRET_A:
            values["kms_key_id"] = arn
        yield module, {**item, "values": values}


def test_the_key_of_a_state_is_compared_with_the_one_that_encrypts():
    same, other = (
        Plan("state.json", plan_text(list(with_key_in_state(arn)), key="values"))
        for arn in (KEY_ARN, KEY_ARN + "2")
    )
    assert report(same).ok
    (finding,) = report(other).findings
    assert f"with {KEY_ARN}2" in finding.summary


def partner_plan(*extra, arguments=None, **role):
    resources = list(account_resources("partner"))
    module, item = resources[0]
    resources[0] = (module, {**item, "values": {**item["values"], **role}})
    blocks = {"": {"aws_iam_role.reader": arguments}} if arguments else None
    text = plan_text([*resources, *extra], arguments=blocks)
    return Plan("partner.json", text, account="partner")


TRUST = trust_policy(next(a for a in ENVIRONMENT.accounts if a.name == "partner"))
WIDE_TRUST = {
    "Statement": [
        *TRUST["Statement"],
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
    ]
}
SAME_TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "X",
        "Effect": "Allow",
        "Principal": {"Service": ["ec2.amazonaws.com"]},
        "Action": ["sts:AssumeRole"],
    },
}


@pytest.mark.parametrize(
    "plan",
    [
        partner_plan(assume_role_policy=json.dumps(WIDE_TRUST)),
        partner_plan(managed_policy_arns=[ADMIN]),
        partner_plan(arguments=["managed_policy_arns"]),
        partner_plan(arguments=["inline_policy"]),
        partner_plan(inline_policy=[{"policy": json.dumps({"Statement": READ})}]),
        partner_plan(
            resource("", "aws_iam_policy", "admin", policy={"Statement": []}),
            resource(
                "", "aws_iam_role_policy_attachment", "admin", role="reader", policy_arn=ADMIN
            ),
        ),
    ],
)
def test_a_readers_role_that_was_opened_is_reported(plan):
    assert {f.kind for f in report(plan).findings} == {Kind.BEYOND}


def test_a_readers_role_that_means_the_same_is_no_finding():
    document = json.dumps(
        reader_policy(
            ENVIRONMENT, next(a for a in ENVIRONMENT.accounts if a.name == "partner").roles[0]
        )
    )
    plan = partner_plan(
        assume_role_policy=json.dumps(SAME_TRUST),
        inline_policy=[{"name": "read", "policy": document}],
        managed_policy_arns=[],
    )
    assert report(plan).ok


def test_managed_policies_count_through_their_attachments():
    (account,) = (a for a in ENVIRONMENT.accounts if a.name == "partner")
    document = reader_policy(ENVIRONMENT, account.roles[0])
    first = {"Statement": document["Statement"][:1]}
    second = {"Statement": document["Statement"][1:]}
    resources = [
        resource("", "aws_iam_policy", "part_0", policy=first),
        resource("", "aws_iam_policy", "part_1", policy=second),
        resource("", "aws_iam_role_policy_attachment", "part_0", role="reader"),
        resource("", "aws_iam_role_policy_attachment", "part_1", role="reader"),
    ]
    planned = planned_policies(ENVIRONMENT, [Plan("p", plan_text(resources), "partner")])
    arn = "arn:aws:iam::444444444444:role/vendor/reader"
    statements = [s.resources for s in planned.policies.roles[arn].statements]
    assert statements == [s.resources for s in rendered_policies(ENVIRONMENT).roles[arn].statements]
    resources.append(resource("", "aws_iam_role_policy_attachment", "admin", role="reader"))
    planned = planned_policies(ENVIRONMENT, [Plan("p", plan_text(resources), "partner")])
    assert [f.policy for f in planned.findings] == ["planned aws_iam_role_policy_attachment.admin"]
