"""What the plan of an environment grants beside the policies of the spec."""

import json

import pytest

from secretgen.insight.access.plan_file import Plan
from secretgen.model.names import key_module
from tests.insight.environments import environment
from tests.insight.plans import (
    ADMIN,
    READ,
    SECRET_A,
    environment_resources,
    plan_text,
    report,
    resource,
)

SEND = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
KEY_B = f"module.{key_module('prod/b', dedicated=True)}"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"


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


ALIAS = "alias/aws/secretsmanager"


@pytest.mark.parametrize("key", [None, "", ALIAS, f"arn:aws:kms:eu-west-1:123456789012:{ALIAS}"])
def test_the_aws_managed_key_has_several_names(key):
    secret = {"kms_key": "aws-managed", "replicas": ["us-west-2"]}
    env = environment(secrets={"prod/a": secret})
    encrypted = {"kms_key_id": key, "replica": [{"region": "us-west-2", "kms_key_id": key}]}
    planned = []
    for module, item in environment_resources(env):
        known = encrypted if item["type"] == "aws_secretsmanager_secret" else {}
        planned.append((module, {**item, "values": item["values"] | known}))
    assert report(Plan("plan.json", plan_text(planned)), env=env).ok


def test_a_policy_in_the_block_of_the_secret_is_reported():
    plan = plan_text(
        list(environment_resources()),
        arguments={SECRET_A: {"aws_secretsmanager_secret.this": {"name": [], "policy": []}}},
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


def elsewhere(arn=None, *, references=(), secret=True):
    """The plan of an environment of which one policy is attached to another secret."""
    policy = "aws_secretsmanager_secret_policy"
    resources = []
    for module, item in environment_resources():
        values = dict(item["values"])
        if module == SECRET_A and item["type"] == policy and arn:
            values["secret_arn"] = arn
        if secret or (module, item["type"]) != (SECRET_A, "aws_secretsmanager_secret"):
            resources.append((module, {**item, "values": values}))
    arguments = {SECRET_A: {f"{policy}.this": {"secret_arn": references}}} if references else None
    return Plan("plan.json", plan_text(resources, arguments=arguments))


@pytest.mark.parametrize(
    "plan",
    [
        elsewhere("arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/b-a1b2c3"),
        elsewhere(references=["var.arn"]),
        elsewhere(references=["aws_secretsmanager_secret.x.arn", "aws_secretsmanager_secret.x"]),
        elsewhere(secret=False),
    ],
)
def test_a_policy_that_is_attached_to_another_secret_is_reported(plan):
    (finding,) = report(plan).findings
    assert finding.policy == f"planned {SECRET_A}.aws_secretsmanager_secret_policy.this"
    assert "attached to another secret" in finding.summary
