"""What the plans of readers' accounts grant beside the policies of the spec."""

import json

import pytest

from secretgen.insight.access.findings import Kind
from secretgen.insight.access.plan import planned_policies
from secretgen.insight.access.plan_file import Plan, UnreadablePlanError
from secretgen.insight.access.policies import rendered_policies
from secretgen.policy.identity import role_policy
from secretgen.policy.trust import trust_policy
from tests.insight.plans import (
    ADMIN,
    ENVIRONMENT,
    READ,
    SECRET_A,
    account_resources,
    environment_resources,
    plan_text,
    report,
    resource,
)

(ACCOUNT,) = (account for account in ENVIRONMENT.accounts if account.name == "partner")
DOCUMENT = role_policy(ENVIRONMENT, ACCOUNT.roles[0])
READER = "arn:aws:iam::444444444444:role/vendor/reader"
POLICY, ATTACHMENT = "aws_iam_policy", "aws_iam_role_policy_attachment"


def partner_plan(*extra, arguments=None, **role):
    resources = list(account_resources("partner"))
    module, item = resources[0]
    resources[0] = (module, {**item, "values": {**item["values"], **role}})
    blocks = {"": {"aws_iam_role.reader": arguments}} if arguments else None
    text = plan_text([*resources, *extra], arguments=blocks)
    return Plan("partner.json", text, account="partner")


TRUST = trust_policy(ENVIRONMENT.aws.partition, ACCOUNT, ACCOUNT.roles[0])
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
        partner_plan(arguments={"managed_policy_arns": []}),
        partner_plan(arguments={"inline_policy": []}),
        partner_plan(inline_policy=[{"policy": json.dumps({"Statement": READ})}]),
        partner_plan(
            resource("", POLICY, "admin", policy={"Statement": []}),
            resource("", ATTACHMENT, "admin", role="reader", policy_arn=ADMIN),
        ),
    ],
)
def test_a_readers_role_that_was_opened_is_reported(plan):
    assert {f.kind for f in report(plan).findings} == {Kind.BEYOND}


def test_a_readers_role_that_means_the_same_is_no_finding():
    plan = partner_plan(
        assume_role_policy=json.dumps(SAME_TRUST),
        inline_policy=[{"name": "read", "policy": json.dumps(DOCUMENT)}],
        managed_policy_arns=[],
    )
    assert report(plan).ok


def managed(name, *statements, module="", index=""):
    """A policy and its attachment, as they are before they are applied: without ARNs."""
    resources = (
        resource(module, POLICY, name, policy={"Statement": list(statements)}),
        resource(module, ATTACHMENT, name, role="reader"),
    )
    return [(module, {**item, "address": f"{item['address']}{index}"}) for _, item in resources]


def planned_roles(*resources, arguments=None):
    plan = Plan("p", plan_text(resources, arguments=arguments), "partner")
    return planned_policies(ENVIRONMENT, [plan])


def resources_of(policy):
    return [statement.resources for statement in policy.statements]


def test_managed_policies_count_through_their_attachments():
    parts = [managed(f"part_{i}", part) for i, part in enumerate(DOCUMENT["Statement"])]
    resources = [item for part in parts for item in part]
    planned = planned_roles(*resources)
    rendered = rendered_policies(ENVIRONMENT).roles[READER]
    assert resources_of(planned.policies.roles[READER]) == resources_of(rendered)
    assert planned.findings == ()
    planned = planned_roles(*resources, resource("", ATTACHMENT, "admin", role="reader"))
    assert [f.policy for f in planned.findings] == [f"planned {ATTACHMENT}.admin"]


@pytest.mark.parametrize(
    "wide", [managed("reader", READ, module="module.x"), managed("other", READ)]
)
def test_every_policy_that_is_attached_counts(wide):
    planned = planned_roles(*managed("reader", *DOCUMENT["Statement"]), *wide)
    assert ("*",) in resources_of(planned.policies.roles[READER])


@pytest.mark.parametrize(
    ("resources", "references"),
    [
        # Which instance is attached is not known.
        (
            [
                *managed("reader", READ, index="[0]"),
                *managed("reader", *DOCUMENT["Statement"], index="[1]"),
            ],
            [f"{POLICY}.reader", "count.index"],
        ),
        (
            [*managed("reader", *DOCUMENT["Statement"]), resource("", POLICY, "wide")],
            [f"{POLICY}.wide.arn", f"{POLICY}.wide"],
        ),
        (managed("reader", *DOCUMENT["Statement"]), ["var.policy_arn"]),
    ],
)
def test_what_may_attach_another_policy_than_its_own_is_reported(resources, references):
    arguments = {"": {f"{ATTACHMENT}.reader": {"policy_arn": references}}}
    findings = planned_roles(*resources, arguments=arguments).findings
    assert {f.summary for f in findings} >= {"is about no reader and policy of the spec"}


def test_policies_that_are_attached_exclusively_are_reported():
    kind = "aws_iam_role_policy_attachments_exclusive"
    plan = partner_plan(resource("", kind, role_name="reader", policy_arns=[ADMIN]))
    (finding,) = report(plan).findings
    assert finding.policy == f"planned {kind}.this"


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        ([resource("", "aws_iam_role_policy", role=["reader"], policy={})], "role of aws_iam"),
        ([*managed("reader"), resource("", "aws_iam_role", name_={})], "name of aws_iam_role.this"),
        (
            [*managed("reader"), resource("", "aws_iam_role", name_="reader", inline_policy=[1])],
            "inline_policy of aws_iam_role.this",
        ),
        (
            [*managed("reader"), resource("", "aws_iam_role", name_="reader",
             managed_policy_arns=[None])],
            "managed_policy_arns of",
        ),
        (
            [*environment_resources(), resource(SECRET_A, "aws_secretsmanager_secret", replica=7)],
            "replica of module.",
        ),
    ],
)  # fmt: skip
def test_values_that_terraform_does_not_plan_are_refused(resources, told):
    with pytest.raises(UnreadablePlanError, match=told):
        planned_roles(*resources)
