"""The root modules of readers' accounts live through all of Terraform, each in its account."""

import json
from pathlib import Path

import pytest

from secretgen.insight.access.plan import Plan
from secretgen.insight.access.policies import rendered_policies
from secretgen.model.environment import Account, Environment
from secretgen.policy.identity import role_policy
from secretgen.policy.roles import MAX_MANAGED_POLICIES
from secretgen.policy.trust import trust_policy
from secretgen.spec.load import load_spec
from tests.commands import blocks
from tests.harness.aws import LocalAws
from tests.harness.terraform import Terraform
from tests.harness.workspace import copy_tree
from tests.insight.plans import planned_policies
from tests.rendered import PRODUCTION, SPECS, render

pytestmark = [pytest.mark.terraform, pytest.mark.slow]

MANY = """\
version: 1
environment: many
aws: {account_id: 123456789012, region: us-east-1}
backend: {bucket: many-terraform-state, locking: s3}
accounts: {app: {id: 111111111111, role: team/reader}}
defaults: {readers: [app], kms_key: shared}
keys: {shared: {}}
secrets:
"""


def rendered(text: str, name: str, tmp_path: Path) -> tuple[Environment, Account, Path]:
    """The environment of a spec, one of its accounts, and that account's root module."""
    folder = render(tmp_path / "project", text)
    environment = load_spec(text.encode(), "spec").environment
    assert environment
    (account,) = (account for account in environment.accounts if account.name == name)
    copy = copy_tree(tmp_path / "project", tmp_path / "tree")
    return environment, account, copy / "environments" / folder.name / "consumers" / name


def terraform_of(aws: LocalAws, root: Path, scratch: Path) -> Terraform:
    terraform = Terraform(root, scratch, environment=aws.environment())
    terraform.init()
    return terraform


def plan_of(terraform: Terraform, account: Account) -> Plan:
    """The last plan, as `secretgen access` reads it."""
    return Plan("plan.json", json.dumps(terraform.show_json()), account.name)


def assert_roles(aws: LocalAws, environment: Environment, account: Account) -> None:
    """The account holds exactly the roles of the model, with their policies."""
    iam = aws.client("iam")
    found = {role["Path"][1:] + role["RoleName"]: role for role in iam.list_roles()["Roles"]}
    assert found.keys() == {role.name for role in account.roles}
    for role in account.roles:
        made = found[role.name]
        assert made["Arn"].split(":")[4] == account.id
        expected = trust_policy(environment.aws.partition, account, role)
        assert made["AssumeRolePolicyDocument"] == expected
        (name,) = iam.list_role_policies(RoleName=made["RoleName"])["PolicyNames"]
        policy = iam.get_role_policy(RoleName=made["RoleName"], PolicyName=name)
        assert policy["PolicyDocument"] == role_policy(environment, role)
    profiles = iam.list_instance_profiles()["InstanceProfiles"]
    for_instances = [r for r in account.roles if r.trust and "ec2.amazonaws.com" in r.trust.service]
    assert len(profiles) == len(for_instances)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (PRODUCTION, "app-primary"),
        (PRODUCTION, "app-secondary"),
        (PRODUCTION, "monitoring"),
        (SPECS / "sharing.yaml", "data"),
    ],
    ids=lambda value: getattr(value, "stem", value),
)
def test_whole_life(spec: Path, name: str, tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    environment, account, root = rendered(spec.read_text("utf-8"), name, tmp_path)
    there = aws.in_account(account.id)
    terraform = terraform_of(there, root, scratch)
    terraform.apply()
    terraform.assert_no_changes()
    assert_roles(there, environment, account)
    roles = {role.name: f"arn:aws:iam::{account.id}:role/{role.name}" for role in account.roles}
    assert terraform.outputs()["role_arns"] == roles
    terraform.destroy()
    assert not there.client("iam").list_roles()["Roles"]


def test_the_readme_takes_a_role_over_and_moves_the_state(
    tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    text = PRODUCTION.read_text("utf-8")
    environment, account, root = rendered(text, "partner", tmp_path)
    readme = (root / "README.md").read_text("utf-8")
    there = aws.in_account(account.id)
    there.create_state_backend("partner-state")
    there.client("iam").create_role(RoleName="secrets-reader", AssumeRolePolicyDocument="{}")
    terraform = terraform_of(there, root, scratch)
    apply, take_over = blocks(readme, "Apply")
    terraform.shell(take_over)
    terraform.shell(apply)
    assert_roles(there, environment, account)
    (move,) = blocks(readme, "State")
    terraform.shell(f"STATE_BUCKET=partner-state\n{move}")
    terraform.assert_no_changes()
    (stored,) = there.client("s3").list_objects_v2(Bucket="partner-state")["Contents"]
    assert stored["Key"] == "production/consumers/partner/terraform.tfstate"
    assert not json.loads((root / "terraform.tfstate").read_text() or "{}").get("resources")


def test_nothing_happens_in_another_account(tmp_path: Path, scratch: Path, aws: LocalAws) -> None:
    _, _, root = rendered(PRODUCTION.read_text("utf-8"), "partner", tmp_path)
    terraform = terraform_of(aws.in_account("999999999999"), root, scratch)
    assert "AWS account ID not allowed" in terraform.plan(expect=(1,)).text


def test_a_role_with_many_secrets_gets_several_policies(
    tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    """300 secrets in two Regions are within the limits of IAM."""
    names = [f"prod/application-{n:03}/database-password" for n in range(300)]
    environment, account, root = rendered(
        MANY + "".join(f"  {name}: {{ replicas: [us-west-2] }}\n" for name in names),
        "app",
        tmp_path,
    )
    there = aws.in_account(account.id)
    terraform = terraform_of(there, root, scratch)
    terraform.plan()
    before = planned_policies(environment, [plan_of(terraform, account)])
    terraform.apply(str(terraform.plan_file))
    terraform.assert_no_changes()
    after = planned_policies(environment, [plan_of(terraform, account)])
    for planned in (before, after):
        assert planned.findings == ()
        assert planned.policies.roles == rendered_policies(environment).roles
    iam = there.client("iam")
    assert not iam.list_role_policies(RoleName="reader")["PolicyNames"]
    attached = iam.list_attached_role_policies(RoleName="reader")["AttachedPolicies"]
    assert 1 < len(attached) <= MAX_MANAGED_POLICIES
    read: list[str] = []
    for policy in attached:
        arn = policy["PolicyArn"]
        assert arn.startswith(f"arn:aws:iam::{account.id}:policy/team/")
        version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
        read += version["Document"]["Statement"][0]["Resource"]
    arns = f"arn:aws:secretsmanager:*:{environment.aws.account_id}:secret:"
    assert sorted(read) == [f"{arns}{name}-??????" for name in names]
