"""What Terraform plans for every kind of role is what the model says, policy by policy."""

import json
from pathlib import Path
from typing import Any

import pytest

from secretgen.model.environment import Role
from secretgen.model.names import label, secret_module
from secretgen.policy.documents import key_policy, secret_policy
from secretgen.policy.role_policies import role_policies
from secretgen.policy.trust_policies import trust_policy
from tests.consumers.test_agreement import Halves, Planned, plan_both
from tests.policy import kinds

ENVIRONMENT = kinds.environment()


def policies(planned: Planned, kind: str) -> dict[str, Any]:
    return {
        name: json.loads(values["policy"])
        for (name, found), values in planned.items()
        if found == kind
    }


def secrets_and_keys(halves: Halves) -> None:
    assert policies(halves.secrets, "aws_secretsmanager_secret_policy") == {
        secret_module(secret.name): secret_policy(ENVIRONMENT, secret)
        for secret in ENVIRONMENT.secrets
    }
    planned = policies(halves.secrets, "aws_kms_key").values()
    expected = [key_policy(ENVIRONMENT.aws, r) for key in ENVIRONMENT.keys for r in key.regions]
    assert sorted(planned, key=str) == sorted(expected, key=str)


def role_is_planned(planned: Planned, account: str, role: Role) -> None:
    name, made = label(role.name), planned.get((label(role.name), "aws_iam_role"))
    (document,) = role_policies(ENVIRONMENT, role).documents
    if role.existing:
        assert made is None
        assert json.loads(planned[f"{name}_secrets", "aws_iam_policy"]["policy"]) == document
        attachment = planned[f"{name}_secrets", "aws_iam_role_policy_attachment"]
        assert attachment["role"] == role.name.rpartition("/")[2]
        return
    assert made
    (of,) = (a for a in ENVIRONMENT.accounts if a.name == account)
    trust = trust_policy(ENVIRONMENT.aws.partition, of, role)
    assert json.loads(made["assume_role_policy"]) == trust
    assert made["permissions_boundary"] == role.permissions_boundary
    assert json.loads(planned[name, "aws_iam_role_policy"]["policy"]) == document
    assert ((name, "aws_iam_instance_profile") in planned) == role.for_instances


# One test, for one plan.
@pytest.mark.terraform
@pytest.mark.slow
def test_terraform_plans_what_the_model_says(tmp_path: Path) -> None:
    halves = plan_both(tmp_path, "roles")
    secrets_and_keys(halves)
    for account in ENVIRONMENT.accounts:
        for role in account.deployed_roles:
            role_is_planned(halves.readers[account.name], account.name, role)
    assert halves.readers.keys() == {a.name for a in ENVIRONMENT.accounts if a.deployed_roles}
    for account in ENVIRONMENT.accounts:
        folder = tmp_path / "project/environments/roles/consumers" / account.name
        for role in account.roles:
            if role.permission_set:
                text = (folder / f"permission-set-{role.name}.json").read_text("utf-8")
                (document,) = role_policies(ENVIRONMENT, role).documents
                assert json.loads(text) == document
