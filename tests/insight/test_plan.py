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
from secretgen.model.names import key_module, secret_module
from secretgen.policy.documents import key_policy, reader_policy, secret_policy
from secretgen.policy.parse import UnsupportedPolicyError
from secretgen.policy.roles import trust_policy
from secretgen.render.files import render_environment, render_module
from secretgen.render.templates import environment as jinja
from tests.harness.cycle import offline_plan
from tests.insight.environments import environment, in_organization

ENVIRONMENT = in_organization(
    secrets={
        "prod/a": {"kms_key": "database", "readers": ["app-primary"], "replicas": ["us-west-2"]},
        "prod/b": {"readers": ["app-primary", "partner"]},
    }
)
A, B = ENVIRONMENT.secrets


def resource(module, kind, name="this", **values):
    """A resource; an argument that is taken already is given with a `_` behind it."""
    address = ".".join(part for part in (module, kind, name) if part)
    item = {"address": address, "mode": "managed", "type": kind, "name": name}
    known = {k.rstrip("_"): json.dumps(v) if k == "policy" else v for k, v in values.items()}
    # Terraform leaves the key out when no value is known before the apply.
    return module, {**item, "values": known} if known else item


def plan_text(resources, *, key="planned_values", accounts=(), arguments=None):
    """The JSON of a plan in the shape of `terraform show -json`.

    Args:
        resources: with their modules.
        key: `values` for a state.
        accounts: what the provider is limited to.
        arguments: for each module, the arguments that blocks set.
    """
    root = {"resources": [r for module, r in resources if not module]}
    modules = dict.fromkeys(module for module, _ in resources if module)
    root["child_modules"] = [
        {"address": module, "resources": [r for m, r in resources if m == module]}
        for module in modules
    ]
    limits = {"constant_value": list(accounts)} if accounts else {"references": ["local.x"]}
    providers = {"aws": {"name": "aws", "expressions": {"allowed_account_ids": limits}}}
    blocks = {
        module: [{"address": a, "expressions": {name: {} for name in n}} for a, n in block.items()]
        for module, block in (arguments or {}).items()
    }
    calls = {
        m.removeprefix("module."): {"module": {"resources": b}} for m, b in blocks.items() if m
    }
    configuration = {
        "provider_config": providers,
        "root_module": {"resources": blocks.get("", []), "module_calls": calls},
    }
    return json.dumps({key: {"root_module": root}, "configuration": configuration})


def environment_resources(env=ENVIRONMENT):
    for secret in env.secrets:
        module = f"module.{secret_module(secret.name)}"
        yield resource(module, "aws_secretsmanager_secret", name_="x")
        document = secret_policy(env, secret)
        yield resource(module, "aws_secretsmanager_secret_policy", policy=document)
    for key in env.keys:
        module = f"module.{key_module(key.name, dedicated=key.dedicated)}"
        document = key_policy(env.aws, env.aws.region, key.grants)
        yield resource(module, "aws_kms_key", policy=document)
        for replica in key.replicas:
            name = key_module(key.name, dedicated=key.dedicated, region=replica.region)
            document = key_policy(env.aws, replica.region, replica.grants)
            yield resource(f"module.{name}", "aws_kms_replica_key", policy=document)


def account_resources(name, env=ENVIRONMENT):
    (account,) = (a for a in env.accounts if a.name == name)
    for role in account.roles:
        plain = role.name.split("/")[-1]
        trust = json.dumps(trust_policy(account))
        yield resource("", "aws_iam_role", "reader", name_=plain, assume_role_policy=trust)
        yield resource(
            "", "aws_iam_role_policy", "reader", role=plain, policy=reader_policy(env, role)
        )


def environment_plan(env=ENVIRONMENT, **options):
    return Plan("plan.json", plan_text(list(environment_resources(env)), **options))


def account_plan(name, **options):
    return Plan(f"{name}.json", plan_text(list(account_resources(name)), **options))


def report(*plans, env=ENVIRONMENT):
    planned = planned_policies(env, plans)
    return access_report(env, planned.policies, findings=planned.findings, notes=planned.notes)


PARTNER = account_plan("partner", accounts=["444444444444"])
APP = Plan("app.json", account_plan("app-primary").text, account="app-primary")


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
    assert {f.secret for f in found.findings} == {"prod/a"}


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
