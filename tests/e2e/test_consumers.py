"""The root modules of readers' accounts live through all of Terraform, each in its account."""

import json
import shutil
from pathlib import Path

import pytest

from secretgen.access.policies import rendered_policies
from secretgen.model.environment import Account, Environment
from secretgen.plan.planned_access import Plan
from secretgen.policy.role_policies import MAX_MANAGED_POLICIES, role_policy
from secretgen.policy.trust_policies import trust_policy
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
    assert found.keys() == {role.name for role in account.deployed_roles}
    for role in account.deployed_roles:
        name = found[role.name]["RoleName"]
        made = iam.get_role(RoleName=name)["Role"]
        assert made["Arn"].split(":")[4] == account.id
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        if role.existing:
            continue
        expected = trust_policy(environment.aws.partition, account, role)
        assert made["AssumeRolePolicyDocument"] == expected
        boundary = made.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        assert boundary == role.permissions_boundary
        (policy,) = inline
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        assert document == role_policy(environment, role)
    profiles = iam.list_instance_profiles()["InstanceProfiles"]
    assert len(profiles) == sum(role.for_instances for role in account.roles)


# The folders of two Regions and of a hub. One of one Region follows its README below.
@pytest.mark.parametrize(
    ("spec", "name"),
    [(PRODUCTION, "app-primary"), (SPECS / "sharing.yaml", "data")],
    ids=lambda value: getattr(value, "stem", value),
)
def test_complete_lifecycle(
    spec: Path, name: str, tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
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


FOREIGN_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
FOREIGN_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
}
BOUNDARY = "arn:aws:iam::555555555555:policy/their-boundary"


def create_foreign_role(aws: LocalAws) -> None:
    """A role as another team made it: trust, boundary, session length, tags, policies."""
    iam = aws.client("iam")
    for name in ("boundary", "batch", "their-boundary", "their-policy"):
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(FOREIGN_POLICY))
    iam.create_role(
        RoleName="web",
        Path="/apps/",
        AssumeRolePolicyDocument=json.dumps(FOREIGN_TRUST),
        Description="Theirs",
        MaxSessionDuration=7200,
        PermissionsBoundary=BOUNDARY,
        Tags=[{"Key": "Owner", "Value": "web-team"}],
    )
    iam.put_role_policy(
        RoleName="web", PolicyName="theirs", PolicyDocument=json.dumps(FOREIGN_POLICY)
    )
    iam.attach_role_policy(
        RoleName="web", PolicyArn="arn:aws:iam::555555555555:policy/their-policy"
    )


def state_of(aws: LocalAws, name: str) -> dict[str, object]:
    """All that there is to a role but the policies that are attached to it."""
    iam = aws.client("iam")
    return {
        **iam.get_role(RoleName=name)["Role"],
        "inline": iam.list_role_policies(RoleName=name)["PolicyNames"],
        "tags": iam.list_role_tags(RoleName=name)["Tags"],
    }


def attached(aws: LocalAws, name: str) -> set[str]:
    policies = aws.client("iam").list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {policy["PolicyName"] for policy in policies}


def test_an_existing_role_gets_policies_and_stays_as_it_is(
    tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    """All other kinds of roles of that account are created beside it, as the model says."""
    text = (SPECS / "roles.yaml").read_text("utf-8")
    environment, account, root = rendered(text, "workloads", tmp_path)
    there = aws.in_account(account.id)
    create_foreign_role(there)
    before = state_of(there, "web")
    terraform = terraform_of(there, root, scratch)
    terraform.plan()
    planned = planned_policies(environment, [plan_of(terraform, account)])
    assert planned.findings == ()
    terraform.apply(str(terraform.plan_file))
    terraform.assert_no_changes()
    assert_roles(there, environment, account)
    assert state_of(there, "web") == before
    assert attached(there, "web") == {"their-policy", "web-roles-secrets"}
    assert terraform.outputs()["role_arns"]["apps/web"] == before["Arn"]
    terraform.destroy()
    assert state_of(there, "web") == before
    assert attached(there, "web") == {"their-policy"}
    assert [role["RoleName"] for role in there.client("iam").list_roles()["Roles"]] == ["web"]


def test_a_role_that_is_managed_elsewhere_from_now_on_is_not_destroyed(
    tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    text = PRODUCTION.read_text("utf-8")
    _, account, root = rendered(text, "partner", tmp_path)
    there = aws.in_account(account.id)
    terraform = terraform_of(there, root, scratch)
    terraform.apply()
    before = state_of(there, "secrets-reader")
    listed = f'"{account.id}"'
    existing = text.replace(listed, f"{listed}, roles: {{ secrets-reader: {{ existing: true }} }}")
    _, _, other = rendered(existing, "partner", tmp_path / "existing")
    (root / "main.tf").write_text((other / "main.tf").read_text("utf-8"), "utf-8")
    (root / "outputs.tf").write_text((other / "outputs.tf").read_text("utf-8"), "utf-8")
    terraform.apply()
    terraform.assert_no_changes()
    assert {**state_of(there, "secrets-reader"), "inline": before["inline"]} == before
    assert attached(there, "secrets-reader") == {"secrets-reader-production-secrets"}
    profiles = there.client("iam").list_instance_profiles()["InstanceProfiles"]
    assert [profile["Roles"][0]["RoleName"] for profile in profiles] == ["secrets-reader"]
    terraform.destroy()
    assert attached(there, "secrets-reader") == set()


def test_readme_imports_a_role_and_moves_the_state(
    tmp_path: Path, scratch: Path, aws: LocalAws
) -> None:
    text = PRODUCTION.read_text("utf-8")
    environment, account, root = rendered(text, "partner", tmp_path)
    shutil.copytree(tmp_path / "project/specs", tmp_path / "tree/specs")
    readme = (root / "README.md").read_text("utf-8")
    there = aws.in_account(account.id)
    there.create_state_backend("partner-state")
    there.client("iam").create_role(RoleName="secrets-reader", AssumeRolePolicyDocument="{}")
    terraform = terraform_of(there, root, scratch)
    plan, apply, take_over = blocks(readme, "Apply")
    for block in (take_over, plan, apply):
        terraform.shell(block)
    assert_roles(there, environment, account)
    (move,) = blocks(readme, "State")
    terraform.shell(f"STATE_BUCKET=partner-state\n{move}")
    terraform.assert_no_changes()
    (stored,) = there.client("s3").list_objects_v2(Bucket="partner-state")["Contents"]
    assert stored["Key"] == "production/consumers/partner/terraform.tfstate"
    assert not json.loads((root / "terraform.tfstate").read_text() or "{}").get("resources")
    role = f"arn:aws:iam::{account.id}:role/secrets-reader"
    assert terraform.outputs()["role_arns"] == {"secrets-reader": role}
    terraform.destroy()
    assert not there.client("iam").list_roles()["Roles"]


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
