"""The access report of a real plan."""

import json
from dataclasses import replace

import pytest

from secretgen.errors import UsageError
from secretgen.insight.access.findings import Kind
from secretgen.insight.access.plan import planned_policies
from secretgen.insight.access.plan_file import Plan, UnreadablePlanError
from secretgen.insight.access.policies import rendered_policies
from secretgen.insight.access.report import access_report
from secretgen.policy.parse import UnsupportedPolicyError
from secretgen.render.files import render_environment, render_module
from secretgen.render.templates import environment as jinja
from tests.harness.cycle import offline_plan
from tests.insight.environments import environment
from tests.insight.plans import (
    APP,
    ENVIRONMENT,
    PARTNER,
    account_plan,
    environment_plan,
    environment_resources,
    plan_text,
    report,
    resource,
)


@pytest.mark.parametrize("key", ["planned_values", "values"])
def test_a_plan_of_the_rendered_environment_is_the_spec(key):
    planned = planned_policies(ENVIRONMENT, [environment_plan(key=key), PARTNER, APP])
    assert planned.policies == rendered_policies(ENVIRONMENT)
    assert planned.findings == ()
    assert planned.notes == ()


def test_what_no_plan_was_given_for_is_the_spec_and_a_note_says_so():
    only_environment = planned_policies(ENVIRONMENT, [environment_plan()])
    assert only_environment.policies == rendered_policies(ENVIRONMENT)
    (note,) = only_environment.notes
    roles = ("111111111111:role/secrets-reader", "444444444444:role/vendor/reader")
    assert note.endswith(": " + ", ".join(f"arn:aws:iam::{role}" for role in roles) + ".")
    only_account = planned_policies(ENVIRONMENT, [PARTNER])
    assert len(only_account.notes) == 2
    assert only_account.policies == rendered_policies(ENVIRONMENT)


def changed(text, old, new):
    assert old in text
    return text.replace(old, new)


def test_a_widened_plan_is_reported():
    plan = environment_plan()
    old = '\\"aws:PrincipalArn\\": [\\"arn:aws:iam::111111111111:role/secrets-reader\\"]'
    new = '\\"aws:PrincipalArn\\": [\\"arn:aws:iam::111111111111:role/*\\"]'
    found = report(Plan("plan.json", changed(plan.text, old, new)))
    assert not found.ok
    # The policy of the secret, and the one of its key, which belongs to several.
    assert {f.secret for f in found.findings} == {"", "prod/a"}


def test_a_widened_plan_of_a_reader_is_reported():
    text = changed(APP.text, "secret:prod/a-??????", "secret:*")
    found = report(environment_plan(), Plan("app.json", text, "app-primary"))
    assert any(f.policy.endswith("111111111111:role/secrets-reader") for f in found.findings)


def test_what_a_plan_lacks_is_missing():
    resources = [r for r in environment_resources() if "secret__prod__b" not in r[0]]
    resources = [r for r in resources if "key_us_west_2" not in r[0]]
    found = report(Plan("plan.json", plan_text(resources)))
    missing = [f.policy for f in found.findings if f.summary == "is not in the plan"]
    assert missing == [
        "policy of the shared key database in us-west-2",
        "resource policy of prod/b",
    ]
    assert any(f.kind is Kind.BROKEN and f.secret == "prod/b" for f in found.findings)
    other = resource("", "aws_iam_role_policy", role="x", policy={})
    lacking = report(Plan("p", plan_text([other]), "partner"))
    assert "identity policy of arn:aws:iam::444444444444:role/vendor/reader" in {
        f.policy for f in lacking.findings if f.summary == "is not in the plan"
    }


@pytest.mark.parametrize(
    ("extra", "summary"),
    [
        (("module.other", "aws_secretsmanager_secret_policy"), "is a policy of no secret"),
        (("", "aws_kms_grant"), "grants access in a way that is not evaluated"),
        (("", "aws_kms_key_policy"), "grants access in a way that is not evaluated"),
    ],
)
def test_what_the_spec_does_not_explain_is_reported(extra, summary):
    plan = Plan("plan.json", plan_text([*environment_resources(), resource(*extra, policy={})]))
    (finding,) = report(plan).findings
    assert (finding.kind, finding.policy.split(" ")[0]) == (Kind.BEYOND, "planned")
    assert finding.summary.startswith(summary)


def test_policies_split_for_their_size_are_all_evaluated():
    many = {f"prod/{'x' * 80}/{i:03}": {"readers": ["app-primary"]} for i in range(60)}
    assert access_report(environment(secrets=many)).ok


def without_policy():
    module, item = resource("module.secret__prod__a", "aws_secretsmanager_secret_policy")
    return plan_text([(module, item)])


def with_doubles():
    effect = '\\"Effect\\": \\"Allow\\",'
    return changed(environment_plan().text, effect, 2 * effect)


@pytest.mark.parametrize("text", [without_policy(), with_doubles()])
def test_policies_that_are_not_known_are_refused(text):
    with pytest.raises(UnsupportedPolicyError) as error:
        report(Plan("plan.json", text))
    assert "(module." in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"planned_values": {}}',
        '{"planned_values": {"root_module": []}}',
        '{"planned_values": {"root_module": {"resources": [{}]}}}',
        '{"planned_values": {"root_module": {"child_modules": 1}}}',
        "[" * 100_000,
        '{"planned_values": {"root_module": {}}, "configuration": []}',
    ],
)
def test_what_is_no_plan_is_refused(text):
    with pytest.raises(UnreadablePlanError, match=r"x\.json is not the JSON of a Terraform plan"):
        report(Plan("x.json", text))


def test_a_plan_of_something_else_is_refused():
    with pytest.raises(UsageError, match="plans no policy"):
        report(Plan("x.json", plan_text([])))


@pytest.mark.parametrize("plan", [account_plan("app-primary"), Plan("x", APP.text, "nobody")])
def test_a_readers_plan_that_names_no_account_is_refused(plan):
    with pytest.raises(UsageError, match="which reader's account"):
        report(plan)


ALARMS = {
    "notify": {"email": ["security@example.com"]},
    "rotation_failures": "true",
    "unauthorized_access": "true",
    "kms_anomalies": "true",
    "cloudtrail": "true",
}


@pytest.mark.slow
@pytest.mark.terraform
def test_terraform_plans_the_documents_that_are_evaluated(tmp_path, scratch):
    templates = jinja()
    watched = replace(ENVIRONMENT, monitoring=environment(monitoring=ALARMS).monitoring)
    bodies = render_module(templates) | render_environment(watched, templates)
    for path, body in bodies.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body, encoding="utf-8")
    folder = tmp_path / "environments" / "production"
    account_folder = folder / "consumers" / "partner"
    (scratch / "account").mkdir()
    plans = [
        Plan("environment", json.dumps(offline_plan(folder, scratch))),
        Plan("partner", json.dumps(offline_plan(account_folder, scratch / "account")), "partner"),
    ]
    planned = planned_policies(ENVIRONMENT, plans)
    assert planned.findings == ()
    assert planned.policies == rendered_policies(ENVIRONMENT)
