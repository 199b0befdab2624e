"""What is protected stays: each way to destroy, unprotect or untag it, tried on the policies."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from secretgen.model.environment import Environment
from secretgen.policy.deployment.deployment_roles import deployment_policies
from secretgen.policy.evaluate import Caller, Decision, Request, judge
from secretgen.policy.parse import parse_policy
from secretgen.spec.load import load_spec
from tests.harness.aws import REPOSITORY
from tests.harness.calls import Call
from tests.policy.calls import Tags, refused
from tests.policy.deployment import KEYS, TAG, allows, allows_elsewhere, policies_of
from tests.policy.statements import allow, document
from tests.policy.test_oracle import has_oracle
from tests.rendered import PRODUCTION, render

SCP_LIMIT = 5_120  # AWS Organizations User Guide, "Quotas for AWS Organizations"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/database/master-password-AbCdEf"
REPLICA = SECRET.replace("us-east-1", "us-west-2")
KEY = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
PROTECTED = {f"aws:ResourceTag/{TAG}": "true", "aws:RequestedRegion": "us-east-1"}
OVERWRITE = {"secretsmanager:ForceOverwriteReplicaSecret": "true"}


def untag(*keys: str) -> dict[str, object]:
    return {"aws:TagKeys": keys}


def retag(value: str, *others: str) -> dict[str, object]:
    return {f"aws:RequestTag/{TAG}": value, "aws:TagKeys": (TAG, *others)}


WAYS = {
    "delete": ("secretsmanager:DeleteSecret", SECRET, {}),
    "delete the replica": ("secretsmanager:DeleteSecret", REPLICA, {}),
    "delete the resource policy": ("secretsmanager:DeleteResourcePolicy", SECRET, {}),
    "remove replicas": ("secretsmanager:RemoveRegionsFromReplication", SECRET, {}),
    "promote the replica": ("secretsmanager:StopReplicationToReplica", REPLICA, {}),
    "untag": ("secretsmanager:UntagResource", SECRET, untag(TAG)),
    "untag with others": ("secretsmanager:UntagResource", SECRET, untag("Owner", TAG)),
    "untag in capitals": ("secretsmanager:UntagResource", SECRET, untag(TAG.upper())),
    "retag": ("secretsmanager:TagResource", SECRET, retag("false")),
    "retag with nothing": ("secretsmanager:TagResource", SECRET, retag("")),
    "retag in capitals": ("secretsmanager:TagResource", SECRET, retag("True", "Owner")),
    "overwrite elsewhere": ("secretsmanager:ReplicateSecretToRegions", SECRET, OVERWRITE),
    "overwrite by a new one": ("secretsmanager:CreateSecret", SECRET, OVERWRITE),
    "delete the key": ("kms:ScheduleKeyDeletion", KEY, {}),
    "disable the key": ("kms:DisableKey", KEY, {}),
    "delete key material": ("kms:DeleteImportedKeyMaterial", KEY, {}),
    "stop rotating the key": ("kms:DisableKeyRotation", KEY, {}),
    "move the primary key": ("kms:UpdatePrimaryRegion", KEY, {}),
    "untag the key": ("kms:UntagResource", KEY, untag(TAG)),
    "retag the key": ("kms:TagResource", KEY, retag("false")),
    "retag a key without a name": ("kms:TagResource", KEY, retag("no", "Owner")),
}
"""What the role for it may do, and no other: action, resource, condition keys."""

HOLES = {
    "public policy": (
        "secretsmanager:PutResourcePolicy",
        SECRET,
        {"secretsmanager:BlockPublicPolicy": "false"},
    ),
    "policy not checked": ("secretsmanager:PutResourcePolicy", SECRET, {}),
    "lockout": ("kms:PutKeyPolicy", KEY, {"kms:BypassPolicyLockoutSafetyCheck": "true"}),
    "key of another account": (
        "secretsmanager:UpdateSecret",
        SECRET,
        {"secretsmanager:KmsKeyArn": KEY.replace("123456789012", "999999999999")},
    ),
    "function of another account": (
        "secretsmanager:RotateSecret",
        SECRET,
        {
            "secretsmanager:RotationLambdaARN": "arn:aws:lambda:us-east-1:999999999999:function:x",
            "secretsmanager:BlockPublicPolicy": "true",
        },
    ),
    "other account's replica": ("secretsmanager:AssociateCrossAccountReplica", SECRET, {}),
    "copy of the key": ("kms:ReplicateKey", KEY, {}),
    "grant": ("kms:CreateGrant", KEY, {}),
    "custom key material": ("kms:ImportKeyMaterial", KEY, {}),
    "value without Secrets Manager": ("kms:Decrypt", KEY, {}),
    "secret of others": ("secretsmanager:DeleteSecret", SECRET.replace("prod/", "other/"), {}),
    "value that Terraform does not write": ("secretsmanager:PutSecretValue", SECRET, {}),
    "foreign key made ours": (
        "kms:TagResource",
        KEY,
        {f"aws:ResourceTag/{TAG}": (), **retag("false"), "kms:ResourceAliases": ("alias/other",)},
    ),
    "foreign key": ("kms:ScheduleKeyDeletion", KEY, {f"aws:ResourceTag/{TAG}": ()}),
    "role that destroys": (
        "iam:CreateRole",
        "arn:aws:iam::123456789012:role/production-secrets-destroy",
        {},
    ),
}
"""What no role that runs Terraform may do."""

ONLY_GUARDED = ("lockout", "policy not checked")
"""What the guard alone denies."""


@pytest.fixture(scope="module")
def environment() -> Environment:
    found = load_spec(PRODUCTION.read_bytes(), "spec").environment
    assert found
    return found


@pytest.mark.parametrize("way", WAYS)
def test_only_the_role_that_destroys_may(environment: Environment, way: str) -> None:
    action, resource, context = WAYS[way]
    given = {**PROTECTED, **context}
    for role in ("apply", "plan"):
        assert not allows(policies_of(environment, role), action, resource, given)
    assert allows(policies_of(environment, "destroy"), action, resource, given)


@pytest.mark.parametrize("hole", HOLES)
def test_no_role_may(environment: Environment, hole: str) -> None:
    action, resource, context = HOLES[hole]
    given = {**PROTECTED, **context}
    roles = ("apply", "plan") if hole in ONLY_GUARDED else ("apply", "destroy", "plan")
    for role in roles:
        assert not allows(policies_of(environment, role), action, resource, given), role


@pytest.mark.skipif(not has_oracle, reason="needs: pip install --no-deps ministack==1.5.33")
@pytest.mark.parametrize("role", ["apply", "destroy", "plan"])
def test_another_evaluator_agrees(environment: Environment, role: str) -> None:
    policies = policies_of(environment, role)
    for name, (action, resource, context) in {**WAYS, **HOLES}.items():
        asked = (action, resource, {**PROTECTED, **context})
        found = allows_elsewhere(environment, role, *asked)
        assert found is allows(policies, *asked), name


def test_everyday_changes_are_allowed(environment: Environment) -> None:
    policies = policies_of(environment, "apply")
    for action, resource, context in [
        ("secretsmanager:UpdateSecret", SECRET, {"secretsmanager:KmsKeyArn": KEY}),
        ("secretsmanager:TagResource", SECRET, {"aws:TagKeys": ("Owner",)}),
        ("secretsmanager:TagResource", SECRET, retag("true", "Owner")),
        ("secretsmanager:UntagResource", SECRET, untag("Owner")),
        (
            "secretsmanager:PutResourcePolicy",
            SECRET,
            {"secretsmanager:BlockPublicPolicy": "true"},
        ),
        ("kms:PutKeyPolicy", KEY, {}),
        ("kms:TagResource", KEY, {"aws:TagKeys": ("Owner",)}),
        ("kms:UntagResource", KEY, untag("Owner")),
        ("kms:ScheduleKeyDeletion", KEY, {f"aws:ResourceTag/{TAG}": "false"}),
        ("secretsmanager:DeleteSecret", SECRET, {f"aws:ResourceTag/{TAG}": ()}),
    ]:
        assert allows(policies, action, resource, {**PROTECTED, **context}), action


@pytest.mark.parametrize("given", [{"Name": "eu/a", "AddReplicaRegions": []}, {"SecretId": "eu/a"}])
def test_only_the_role_that_destroys_lets_replicas_overwrite(
    given: dict[str, object], tmp_path: Path
) -> None:
    """The README and the page of the field say so: the apply would fail in AWS."""
    spec = """
        version: 1
        environment: eu
        aws: { account_id: "123456789012", region: eu-west-1 }
        backend: { bucket: state-bucket, locking: s3 }
        secrets: { eu/a: { replicas: [eu-central-1], force_overwrite_replica: true } }
        """
    environment = load_spec(spec.encode(), "x.yaml").environment
    assert environment
    operation = "CreateSecret" if "Name" in given else "ReplicateSecretToRegions"
    call = Call("secretsmanager", operation, "eu-west-1", given)
    forced = replace(call, parameters={**given, "ForceOverwriteReplicaSecret": True})
    assert not refused(environment, "apply", [call], Tags())
    assert refused(environment, "apply", [forced], Tags())
    assert not refused(environment, "destroy", [forced], Tags())
    readme = (render(tmp_path, spec) / "README.md").read_text(encoding="utf-8")
    roles = readme.partition("## Roles that run Terraform")[2].partition("\n## ")[0]
    assert "`force_overwrite_replica`" in roles
    field = (REPOSITORY / "docs/reference/spec.md").read_text(encoding="utf-8")
    (row,) = [r for r in field.splitlines() if r.startswith("| `force_overwrite_replica`")]
    assert "Only the role that may destroy" in row


def test_the_service_control_policy_denies_everybody_else(environment: Environment) -> None:
    policy = deployment_policies(environment)["guard"]
    # The AWS CLI counts spaces and line breaks as well.
    assert len(json.dumps(policy, indent=2)) <= SCP_LIMIT
    guard = parse_policy("guard", policy, identity=True, keys=KEYS)
    account = "123456789012"
    for name, allowed in (("admin", False), ("production-secrets-destroy", True)):
        caller = Caller(account, f"arn:aws:iam::{account}:role/{name}")
        for action, resource, context in WAYS.values():
            given = {key.lower(): value for key, value in {**PROTECTED, **context}.items()}
            decision = judge(guard, Request(caller, action, resource, given)).decision
            assert (decision is Decision.DENY) is not allowed, (name, action)


TWO = """
version: 1
environment: {name}
aws: {{ account_id: "123456789012", region: us-east-1, organization_id: o-a1b2c3d4e5 }}
backend: {{ bucket: {name}-state, locking: s3 }}
secrets: {{ {name}/a: {{}} }}
"""
NAMES = ("production", "production-secrets")
DESTROYING = {
    "delete": ("secretsmanager:DeleteSecret", {}),
    "untag": ("secretsmanager:UntagResource", untag(TAG)),
    "delete the key": ("kms:ScheduleKeyDeletion", {}),
    "untag the key": ("kms:UntagResource", untag(TAG)),
    "retag the key": ("kms:TagResource", retag("false")),
}


@pytest.mark.parametrize("way", DESTROYING)
def test_the_guards_of_two_environments_let_each_destroy_its_own(way: str) -> None:
    """Both are attached to the account, where each role has the policies of its environment."""
    environments = {}
    for name in NAMES:
        found = load_spec(TWO.format(name=name).encode(), "x.yaml").environment
        assert found
        environments[name] = found
    guards = [
        parse_policy("guard", deployment_policies(e)["guard"], identity=True, keys=KEYS)
        for e in environments.values()
    ]
    administrator = parse_policy("all", document(allow("*")), identity=True)
    action, context = DESTROYING[way]
    for owner, environment in environments.items():
        of_secret = SECRET.replace("prod/database/master-password", f"{owner}/a")
        resource = KEY if action.startswith("kms:") else of_secret
        alias = {"kms:ResourceAliases": (f"alias/{owner}-secrets/secret/{owner}/a",)}
        given = {**PROTECTED, **context, **(alias if resource == KEY else {})}
        may = {f"{name}-secrets-{role}": policies_of(e, role)
               for name, e in environments.items() for role in ("apply", "destroy")}  # fmt: skip
        may |= {"admin": [administrator], "secrets-destroy": [administrator]}
        allowed = {
            role
            for role, policies in may.items()
            if allows([*policies, *guards], action, resource, given, role=role)
        }
        assert allowed == {f"{environment.name}-secrets-destroy"}
