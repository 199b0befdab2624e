"""The policies of the roles that run Terraform: each action has a reason, each policy fits."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

import botocore.session  # type: ignore[import-untyped]
import pytest

from secretgen.live.permissions import LIST, READ_KEYS, READ_SECRETS
from secretgen.model.environment import Environment
from secretgen.policy.deployment.deployment_roles import deployment_policies
from secretgen.policy.deployment.key_permissions import MAX_IMPORTED_KEYS
from secretgen.policy.documents import exempt_roles
from secretgen.policy.role_policies import MANAGED_LIMIT, MAX_MANAGED_POLICIES, policy_size
from secretgen.spec.load import load_spec
from tests.policy.called import called_in
from tests.policy.deployment import TAG, allows, policies_of
from tests.rendered import PRODUCTION, SPECS

LIVES = {
    "production": PRODUCTION.read_bytes(),
    "rich": (SPECS / "rich.yaml").read_bytes(),
    "small": (SPECS / "small.yaml").read_bytes(),
    "watched": (SPECS / "watched.yaml").read_bytes(),
}

# What AWS checks besides the action that is called: the operation whose documentation says so.
DEPENDENT = {
    "kms:Decrypt": ("secretsmanager", "ReplicateSecretToRegions"),
    "kms:Encrypt": ("secretsmanager", "ReplicateSecretToRegions"),
    "kms:GenerateDataKey": ("secretsmanager", "CreateSecret"),
    "lambda:InvokeFunction": ("secretsmanager", "RotateSecret"),
}

# What Terraform calls when an argument changes that no life changes: the file of the provider's
# source (hashicorp/terraform-provider-aws, internal/service/…) that makes the call.
CHANGES = {
    "cloudtrail:RemoveTags": "cloudtrail/tags_gen.go",
    "cloudtrail:StopLogging": "cloudtrail/trail.go",
    "cloudtrail:UpdateTrail": "cloudtrail/trail.go",
    "cloudwatch:UntagResource": "cloudwatch/tags_gen.go",
    "events:UntagResource": "events/tags_gen.go",
    "iam:UntagRole": "iam/tags.go",
    "iam:UpdateAssumeRolePolicy": "iam/role.go",
    "iam:UpdateRole": "iam/role.go",
    "iam:UpdateRoleDescription": "iam/role.go",
    "kms:EnableKey": "kms/key.go",
    "kms:PutKeyPolicy": "kms/key.go",
    "kms:UntagResource": "kms/tags_gen.go",
    "kms:UpdateAlias": "kms/alias.go",
    "kms:UpdateKeyDescription": "kms/key.go",
    "logs:TagResource": "logs/tags_gen.go",
    "logs:UntagResource": "logs/tags_gen.go",
    "s3:PutBucketTagging": "s3/tags.go",
    "secretsmanager:UpdateSecret": "secretsmanager/secret.go",
    "sns:UntagResource": "sns/tags_gen.go",
}

# What the role that destroys may do by hand: the failover of a secret, and ways to lose a key that
# the guard denies to every other role.
BY_HAND = {
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:UpdatePrimaryRegion",
    "secretsmanager:StopReplicationToReplica",
}

MANY = """
version: 1
environment: many
aws: {{ account_id: "123456789012", region: us-east-1 }}
backend: {{ bucket: many-state, locking: both, dynamodb_table: locks, kms_key_id: alias/a }}
keys: {{ database: {{}} }}
monitoring:
  notify: {{ email: [security@example.com] }}
  rotation_failures: true
  unauthorized_access: true
  kms_anomalies: true
  cloudtrail: true
defaults: {{ kms_key: database, replicas: [us-west-2, eu-west-1], value: {{ from: generated }} }}
secrets:
{secrets}
"""


def environment_of(spec: bytes) -> Environment:
    environment = load_spec(spec, "spec").environment
    assert environment
    return environment


def allowed(environment: Environment) -> Iterator[tuple[str, str]]:
    """Each action that a policy allows, with the name of the policy."""
    for name, document in deployment_policies(environment).items():
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                actions = statement["Action"]
                for action in actions if isinstance(actions, list) else [actions]:
                    yield name, action


def test_each_allowed_action_has_a_reason() -> None:
    found = {action for spec in LIVES.values() for _, action in allowed(environment_of(spec))}
    called = {action for life in LIVES for action in called_in(life)}
    called |= {*LIST, *READ_KEYS, *READ_SECRETS}  # of an audit
    assert found - called - DEPENDENT.keys() - CHANGES.keys() == BY_HAND
    assert not called & (DEPENDENT.keys() | CHANGES.keys() | BY_HAND), "a table is out of date"
    assert found >= DEPENDENT.keys() | CHANGES.keys()


@pytest.mark.parametrize("action", DEPENDENT)
def test_aws_documents_what_an_operation_depends_on(action: str) -> None:
    service, operation = DEPENDENT[action]
    model = botocore.session.get_session().get_service_model(service)
    assert action in model.operation_model(operation).documentation


def test_a_plan_changes_nothing() -> None:
    """But for the lock of the state."""
    reads = ("Describe", "Get", "List", "Decrypt")
    for spec in LIVES.values():
        environment = environment_of(spec)
        writes = {
            action
            for name, action in allowed(environment)
            if name.startswith("plan") and not action.partition(":")[2].startswith(reads)
        }
        locking = {"s3:PutObject", "s3:DeleteObject", "dynamodb:PutItem", "dynamodb:DeleteItem"}
        assert writes <= locking | {"kms:GenerateDataKey"}


def names(count: int) -> dict[str, list[str]]:
    return {
        "flat": [f"secret-{n:04}" for n in range(count)],
        "teams": [f"prod/team-{n % 37}/application-{n}/database-password" for n in range(count)],
        "deep": [f"prod/{n % 7}/{n % 49}/{'x' * 300}/{n}" for n in range(count)],
    }


@pytest.mark.parametrize("count", [1, 20, 300, 1000])
@pytest.mark.parametrize("kind", ["flat", "teams", "deep"])
def test_policies_fit_at_any_number_of_secrets(kind: str, count: int) -> None:
    found = names(count)[kind]
    rotation = (
        "{{ every_days: 30, lambda_arn: 'arn:aws:lambda:us-east-1:123456789012:function:{}' }}"
    )
    lines = [
        f"  {name}: {{ rotation: {rotation.format(f'rotate-{n % 60}')} }}"
        for n, name in enumerate(found)
    ]
    environment = environment_of(MANY.format(secrets="\n".join(lines)).encode())
    policies = deployment_policies(environment)
    assert {
        name: policy_size(p) for name, p in policies.items() if policy_size(p) > MANAGED_LIMIT
    } == {}
    for role in ("apply", "destroy", "plan"):
        parts = "plan-" if role == "plan" else "apply-"
        assert sum(n == role or n.startswith(parts) for n in policies) <= MAX_MANAGED_POLICIES
    managed = policies["apply"]["Statement"][0]["Resource"]
    for name in found:
        arn = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}"
        prefixes = [p.removesuffix("*") for p in managed if p.endswith("*")]
        assert f"{arn}-??????" in managed or any(arn.startswith(p) for p in prefixes)
    assert "arn:aws:secretsmanager:us-east-1:123456789012:secret:*" not in managed


def test_a_secret_that_leaves_can_be_destroyed() -> None:
    small = LIVES["small"].decode()
    leaving = ("secrets.old/token", "secrets.app/token.replicas.eu-west-1")
    changes = "changes:\n" + "".join(f"  - destroy: {subject}\n" for subject in leaving)
    document = deployment_policies(environment_of((small + changes).encode()))["apply"]
    managed = document["Statement"][0]
    assert "secretsmanager:RemoveRegionsFromReplication" in managed["Action"]
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:old/token-??????"
    assert arn in managed["Resource"]


TAKE_OVER = {"kms:PutKeyPolicy", "kms:TagResource", "kms:UpdateKeyDescription"}


def key_id(number: int) -> str:
    return f"1a2b3c4d-5e6f-4a7b-8c9d-{number:012}"


def test_an_imported_key_is_named_while_its_entry_is_there() -> None:
    """It has an alias and no tag: only its ARN tells it from the other keys of the account."""
    entries = f"""changes:
  - import: {{ to: secrets.app/token.kms_key, id: {key_id(1)} }}
  - import: {{ to: secrets.app/token.kms_key, id: {key_id(2)}, region: eu-west-1 }}
"""
    small = LIVES["small"].decode()
    with_entries, without = (environment_of((small + c).encode()) for c in (entries, ""))
    here = f"arn:aws:kms:eu-central-1:123456789012:key/{key_id(1)}"
    there = f"arn:aws:kms:eu-west-1:123456789012:key/{key_id(2)}"
    used = {"kms:ResourceAliases": ("alias/legacy",), f"aws:RequestTag/{TAG}": "true"}
    for role in ("apply", "destroy"):
        policies = policies_of(with_entries, role)
        for action in TAKE_OVER:
            assert allows(policies, action, here, used)
            assert allows(policies, action, there, used)
            for other in (here[:-1] + "9", here.replace("eu-central-1", "eu-west-1")):
                assert not allows(policies, action, other, used)
            assert not allows(policies_of(without, role), action, here, used)
        assert not allows(policies, "kms:ScheduleKeyDeletion", here, used)
    # Once it is protected, the entry lets nobody unprotect it.
    unprotect = {f"aws:ResourceTag/{TAG}": "true", f"aws:RequestTag/{TAG}": "false"}
    assert not allows(policies_of(with_entries, "apply"), "kms:TagResource", here, unprotect)


def test_the_imported_keys_fit() -> None:
    count = MAX_IMPORTED_KEYS + 1
    keys = "keys:\n" + "".join(f"  imported-{n}: {{}}\n" for n in range(count))
    entries = "changes:\n" + "".join(
        f"  - import: {{ to: keys.imported-{n}, id: {key_id(n)} }}\n" for n in range(count)
    )
    many = MANY.format(secrets="  app: {}").replace("us-east-1", "us-gov-west-1")
    spec = many.replace("keys: { database: {} }\n", keys + "  database: {}\n") + entries
    spec = spec.replace("us-west-2, eu-west-1", "us-gov-east-1")
    policy = deployment_policies(environment_of(spec.encode()))["apply-keys"]
    (named,) = [s["Resource"] for s in policy["Statement"] if s["Sid"] == "ImportKeys"]
    assert len(named) == MAX_IMPORTED_KEYS
    assert policy_size(policy) <= MANAGED_LIMIT


# Roles that CloudFormation created for stacks of these names, as it shortens both of their parts.
CREATED = {
    "eu": "serverlessrepo-eu-db-4f1d-SecretsManagerRDSPostgre-1ROSS4UUXCVRJ",
    "production": "serverlessrepo-production-SecretsManagerRDSMySQLRot-mmqoRHQQo4p3",
    "production-eu-west": "serverlessrepo-production-SecretsManagerRDSMariaDB-128H7L75TCDD5",
}


@pytest.mark.parametrize("name", CREATED)
def test_roles_of_deployed_functions_are_named_as_cloudformation_shortens_them(name: str) -> None:
    text = f"""
        version: 1
        environment: {name}
        aws: {{ account_id: "123456789012", region: eu-west-1 }}
        backend: {{ bucket: state-bucket, locking: s3 }}
        secrets:
          db:
            exclusive: {{ except: [terraform] }}
            rotation: {{ application: mysql-single-user, every_days: 30 }}
        """
    environment = load_spec(text.encode(), "x.yaml").environment
    assert environment
    functions = deployment_policies(environment)["apply-functions"]
    managed = {s["Sid"]: s["Resource"] for s in functions["Statement"]}
    exempt = exempt_roles(environment, environment.secrets[0])[-1]
    for pattern in (managed["ManageRolesOfFunctions"], managed["PassRolesToFunctions"], exempt):
        assert fnmatchcase(f"arn:aws:iam::123456789012:role/{CREATED[name]}", pattern)
        assert not fnmatchcase("arn:aws:iam::123456789012:role/serverlessrepo-other", pattern)
