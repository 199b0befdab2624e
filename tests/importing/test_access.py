"""What an import makes of policies: readers, writers, and what a spec cannot say."""

import json
from typing import Any

import pytest

from tests.importing.brownfield import READ, policy, statement
from tests.importing.project import ACCOUNT, KEY, READER, SPEC, Project, described


def test_accounts_and_roles_get_names(project: Project) -> None:
    project.spec.write_text(SPEC)
    other = "arn:aws:iam::222222222222:role/team/reader"
    dump = [
        described(f"new/{number}", KmsKeyId=KEY, ResourcePolicy=policy(statement({"AWS": roles})))
        for number, roles in enumerate([[READER], [READER, other], [other, f"{READER}-2"]])
    ]
    project.import_(dump)
    found = {
        name: [(r.account, r.account_id, r.role) for r in secret.readers]
        for name, secret in project.secrets().items()
    }
    partner = ("partner", "111111111111")
    reader = ("account-222222222222", "222222222222", "team/reader")
    text = project.spec.read_text()
    assert "partner: { id: '111111111111', role: app, roles: { app: { existing: true }" in text
    assert "roles: { team/reader: { existing: true } }" in text
    assert found == {
        "old/one": [],
        "new/0": [(*partner, "app")],
        "new/1": [(*partner, "app"), reader],
        "new/2": [(*partner, "app-2"), reader],
    }


@pytest.mark.parametrize(
    "roles", ["", ", roles: {}", ", roles:", ", roles: { old: { existing: true } }"]
)
def test_new_roles_of_an_account_with_or_without_roles(project: Project, roles: str) -> None:
    known = "readers: [{ account: partner, role: old }], " if "old" in roles else ""
    spec = SPEC.replace("role: app }", f"role: app{roles} }}").replace("{ desc", f"{{ {known}desc")
    project.spec.write_text(spec.replace("aws-managed", f"'{KEY}'"))
    allowed = policy(statement({"AWS": f"{READER}-2"}))
    project.import_([described("new/one", KmsKeyId=KEY, ResourcePolicy=allowed)])
    assert [r.role for r in project.secrets()["new/one"].readers] == ["app-2"]
    assert "app-2: { existing: true } }" in project.spec.read_text()


SET = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/"
SUPPORT = f"{SET}eu-west-1/AWSReservedSSO_Support_0123456789abcdef"
EVERY = [f"{SET}{region}AWSReservedSSO_Support_{'?' * 16}" for region in ("*/", "")]


def _if(*arns: str) -> dict[str, Any]:
    condition = {"ArnLike": {"aws:PrincipalArn": list(arns)}}
    return statement({"AWS": "arn:aws:iam::222222222222:root"}, Condition=condition)


@pytest.mark.parametrize(
    ("allowed", "comes_in"),
    [
        (statement({"AWS": SUPPORT}), True),
        (statement({"AWS": [SUPPORT, READER]}), True),
        (_if(*EVERY), True),
        (_if(EVERY[0]), False),  # not where Identity Center is in us-east-1
        (_if(SUPPORT), False),  # AWS does not check that a condition names a role that exists
        (_if(f"{SET}*/AWSReservedSSO_Support_*"), False),  # Support_Other as well
    ],
)
def test_permission_set_has_the_same_access(
    project: Project, allowed: dict[str, Any], comes_in: bool
) -> None:
    project.spec.write_text(SPEC)
    project.import_([described("new/one", KmsKeyId=KEY, ResourcePolicy=policy(allowed))])
    secret = project.secrets().get("new/one")
    assert (secret is not None) is comes_in, project.told
    if secret:
        assert secret.readers[-1].permission_set
        assert secret.readers[-1].role == "Support"
    else:
        assert "AWSReservedSSO_Support" in project.told or "Support would gain" in project.told


def test_inexpressible_policy_stays_unmanaged(project: Project) -> None:
    """Readers of another account need a key of their own: SG306 is about what the policy names."""
    project.spec.write_text(SPEC)
    dump = [described("new/one", ResourcePolicy=policy(statement({"AWS": READER})))]
    project.import_(dump)
    assert "SG306" in project.told
    text = project.import_(dump, "--policy", "unmanaged")
    assert "new/one: { kms_key: aws-managed, policy: unmanaged }" in text


@pytest.mark.parametrize("wrong", ["aws-service-role/ecs.amazonaws.com/Ecs", f"{'a' * 600}/x"])
def test_wrong_role_concerns_only_secrets_that_name_it(project: Project, wrong: str) -> None:
    """In a new account and in one of the spec, as reader and as writer."""
    write = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    dump = [
        described(f"{account}/{name}", KmsKeyId=KEY, ResourcePolicy=policy(
            statement({"AWS": f"arn:aws:iam::{account}:role/{role}"}, actions)))
        for account in ("111111111111", "222222222222")
        for name, role, actions in (("reads", wrong, READ), ("writes", wrong, write),
                                    ("other", "zebra", READ))
    ]  # fmt: skip
    project.spec.write_text(SPEC)
    project.import_(dump)
    assert set(project.secrets()) == {"old/one", "111111111111/other", "222222222222/other"}
    project.spec.write_text(SPEC)
    project.import_(dump, "--policy", "unmanaged")
    secrets = project.secrets()
    unmanaged = {secret.name for secret in secrets.values() if not secret.manages_policy}
    assert unmanaged == {f"{n * 12}/{name}" for n in "12" for name in ("reads", "writes")}
    assert len(secrets) == 7


def test_deny_of_callers_outside_the_organization(project: Project) -> None:
    """It is in every policy of a spec with an organization, and in no other."""
    deny = {
        "Effect": "Deny", "Principal": "*", "Action": ["secretsmanager:*"], "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:PrincipalAccount": [ACCOUNT, "111111111111"],
                                "aws:PrincipalOrgID": "o-abcde12345"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}  # fmt: skip
    others = json.loads(json.dumps(deny).replace(ACCOUNT, "222222222222"))
    dump = [
        described(name, KmsKeyId=KEY, ResourcePolicy=policy(statement({"AWS": READER}), *denied))
        for name, denied in (("new/ours", [deny]), ("new/others", [others]))
    ]
    project.spec.write_text(SPEC)
    project.import_(dump)
    assert set(project.secrets()) == {"old/one"}
    assert "it has a Deny statement" in project.told
    region = "region: us-east-1"
    spec = SPEC.replace(region, f"{region}, organization_id: o-abcde12345")
    project.spec.write_text(spec.replace("role: app", "in_organization: false"))
    project.import_(dump)
    assert set(project.secrets()) == {"old/one", "new/ours"}, project.told
